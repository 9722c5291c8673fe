// NEON. Four rows at a time, so that y is read and written once for the four.
#include "../dot/dot_neon.h"
#include "kernels.h"

#if defined(__aarch64__)
void magpie_gradient_add_neon(const float *rows, size_t width, const uint32_t *index, const float *weights,
                              size_t count, float target, const float *x, float *y) {
  size_t n = 0;
  for (; n + 4 <= count; n += 4) {
    const float *row[4];
    float factor[4];
    for (int r = 0; r < 4; r++) {
      row[r] = rows + (size_t)index[n + r] * width;
      factor[r] = weights[n + r] * (target - magpie_dot_neon(row[r], x, width));
    }
    size_t i = 0;
    for (; i + 4 <= width; i += 4) {
      float32x4_t total = vld1q_f32(y + i);
      for (int r = 0; r < 4; r++) total = vfmaq_n_f32(total, vld1q_f32(row[r] + i), factor[r]);
      vst1q_f32(y + i, total);
    }
    for (; i < width; i++) {
      for (int r = 0; r < 4; r++) y[i] = __builtin_fmaf(factor[r], row[r][i], y[i]);
    }
  }
  for (; n < count; n++) {
    const float *row = rows + (size_t)index[n] * width;
    magpie_add_scaled_neon(weights[n] * (target - magpie_dot_neon(row, x, width)), row, y, width);
  }
}
#else
void magpie_gradient_add_neon(const float *rows, size_t width, const uint32_t *index, const float *weights,
                              size_t count, float target, const float *x, float *y) {
  magpie_gradient_add_serial(rows, width, index, weights, count, target, x, y);
}
#endif
