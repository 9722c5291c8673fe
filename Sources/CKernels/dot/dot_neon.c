// NEON, which every 64-bit ARM has. Two loads and one FMA for 4 products; four accumulators cover the latency of an FMA.
#include "dot_neon.h"
#include "kernels.h"

#if defined(__aarch64__)
float magpie_dot_neon(const float *a, const float *b, size_t count) {
  float32x4_t sum[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (size_t k = 0; k < 4; k++) sum[k] = vfmaq_f32(sum[k], vld1q_f32(a + i + 4 * k), vld1q_f32(b + i + 4 * k));
  }
  for (; i + 4 <= count; i += 4) sum[0] = vfmaq_f32(sum[0], vld1q_f32(a + i), vld1q_f32(b + i));
  float total = magpie_fold(sum);
  for (; i < count; i++) total = __builtin_fmaf(a[i], b[i], total);
  return total;
}

void magpie_add_scaled_neon(float scale, const float *x, float *y, size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) vst1q_f32(y + i, vfmaq_n_f32(vld1q_f32(y + i), vld1q_f32(x + i), scale));
  for (; i < count; i++) y[i] = __builtin_fmaf(scale, x[i], y[i]);
}
#else
float magpie_dot_neon(const float *a, const float *b, size_t count) { return magpie_dot_serial(a, b, count); }
void magpie_add_scaled_neon(float scale, const float *x, float *y, size_t count) {
  magpie_add_scaled_serial(scale, x, y, count);
}
#endif
