// AVX2. Once the heap is full nearly every score is below its root: 32 at a time are compared with it and skipped
// by one branch. The comparison is ordered, so NaN never passes.
#include "../dot/dot_avx2.h"
#include "best.h"

#if defined(__x86_64__)
MAGPIE_AVX2 void magpie_select_avx2(magpie_selection *selection, const float *scores, size_t count,
                                    uint32_t first) {
  if (selection->capacity == 0) return;
  size_t i = magpie_fill(selection, scores, count, first);
  for (; i + 32 <= count; i += 32) {
    __m256 root = _mm256_set1_ps(selection->scores[0]);
    uint32_t above = 0;
    for (int block = 0; block < 4; block++) {
      __m256 greater = _mm256_cmp_ps(_mm256_loadu_ps(scores + i + 8 * block), root, _CMP_GT_OQ);
      above |= (uint32_t)_mm256_movemask_ps(greater) << (8 * block);
    }
    while (above) {
      size_t at = i + (size_t)__builtin_ctz(above);
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

MAGPIE_AVX2 size_t magpie_best_avx2(const float *scores, const uint32_t *rows, size_t count, size_t keep,
                                    uint32_t *kept_rows, float *kept_scores) {
  return magpie_best_of(scores, rows, count, keep, kept_rows, kept_scores);
}
#else
void magpie_select_avx2(magpie_selection *selection, const float *scores, size_t count, uint32_t first) {
  magpie_select_serial(selection, scores, count, first);
}

size_t magpie_best_avx2(const float *scores, const uint32_t *rows, size_t count, size_t keep,
                        uint32_t *kept_rows, float *kept_scores) {
  return magpie_best_serial(scores, rows, count, keep, kept_rows, kept_scores);
}
#endif
