// NEON. As with AVX2, 16 at a time: one number says whether any is above the root.
#include "../dot/dot_neon.h"
#include "best.h"

#if defined(__aarch64__)
void magpie_select_neon(magpie_selection *selection, const float *scores, size_t count, uint32_t first) {
  if (selection->capacity == 0) return;
  size_t i = magpie_fill(selection, scores, count, first);
  for (; i + 16 <= count; i += 16) {
    float32x4_t root = vdupq_n_f32(selection->scores[0]);
    uint32x4_t above = vdupq_n_u32(0);
    for (size_t k = 0; k < 4; k++) above = vorrq_u32(above, vcgtq_f32(vld1q_f32(scores + i + 4 * k), root));
    if (vmaxvq_u32(above) == 0) continue;
    for (size_t at = i; at < i + 16; at++) {
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

size_t magpie_best_neon(const float *scores, const uint32_t *rows, size_t count, size_t keep,
                        uint32_t *kept_rows, float *kept_scores) {
  return magpie_best_of(scores, rows, count, keep, kept_rows, kept_scores);
}
#else
void magpie_select_neon(magpie_selection *selection, const float *scores, size_t count, uint32_t first) {
  magpie_select_serial(selection, scores, count, first);
}

size_t magpie_best_neon(const float *scores, const uint32_t *rows, size_t count, size_t keep,
                        uint32_t *kept_rows, float *kept_scores) {
  return magpie_best_serial(scores, rows, count, keep, kept_rows, kept_scores);
}
#endif
