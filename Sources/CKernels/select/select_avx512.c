// AVX-512. As with AVX2, 64 at a time; comparisons write masks.
#include "../dot/dot_avx512.h"
#include "best.h"

#if defined(__x86_64__)
MAGPIE_AVX512 void magpie_select_avx512(magpie_selection *selection, const float *scores, size_t count,
                                        uint32_t first) {
  if (selection->capacity == 0) return;
  size_t i = magpie_fill(selection, scores, count, first);
  for (; i + 64 <= count; i += 64) {
    __m512 root = _mm512_set1_ps(selection->scores[0]);
    uint64_t above = 0;
    for (int block = 0; block < 4; block++) {
      above |= (uint64_t)_mm512_cmp_ps_mask(_mm512_loadu_ps(scores + i + 16 * block), root, _CMP_GT_OQ) << (16 * block);
    }
    while (above) {
      size_t at = i + (size_t)__builtin_ctzll(above);
      above &= above - 1;
      // The root has risen since the comparison if an earlier one of these went in.
      if (scores[at] > selection->scores[0]) {
        magpie_sink(selection, 0, selection->count, scores[at], first + (uint32_t)at);
      }
    }
  }
  for (; i < count; i++) {
    if (scores[i] > selection->scores[0]) {
      magpie_sink(selection, 0, selection->count, scores[i], first + (uint32_t)i);
    }
  }
}

MAGPIE_AVX512 size_t magpie_best_avx512(const float *scores, const uint32_t *rows, size_t count, size_t keep,
                                        uint32_t *kept_rows, float *kept_scores) {
  return magpie_best_of(scores, rows, count, keep, kept_rows, kept_scores);
}
#else
void magpie_select_avx512(magpie_selection *selection, const float *scores, size_t count, uint32_t first) {
  magpie_select_serial(selection, scores, count, first);
}

size_t magpie_best_avx512(const float *scores, const uint32_t *rows, size_t count, size_t keep,
                          uint32_t *kept_rows, float *kept_scores) {
  return magpie_best_serial(scores, rows, count, keep, kept_rows, kept_scores);
}
#endif
