// AVX-512. Four rows at a time: their products with x share the loads of x, their four sums become one vector, and
// y is read and written once for the four. 10 loads and 8 FMAs for 64 numbers: bound by the two load ports.
#include "../dot/dot_avx512.h"
#include "kernels.h"

#if defined(__x86_64__)
MAGPIE_AVX512 static inline void add_four(const float *const row[4], size_t width, const float *weights,
                                          float target, const float *x, float *y) {
  __mmask16 lanes = magpie_rest_lanes(width % 16);
  size_t whole = width - width % 16;
  __m512 sum[4];
  for (int r = 0; r < 4; r++) sum[r] = _mm512_setzero_ps();
  for (size_t i = 0; i < whole; i += 16) {
    __m512 value = _mm512_loadu_ps(x + i);
    for (int r = 0; r < 4; r++) sum[r] = _mm512_fmadd_ps(_mm512_loadu_ps(row[r] + i), value, sum[r]);
  }
  if (whole < width) {
    __m512 value = magpie_load_rest(x + whole, lanes);
    for (int r = 0; r < 4; r++) {
      sum[r] = _mm512_fmadd_ps(magpie_load_rest(row[r] + whole, lanes), value, sum[r]);
    }
  }
  __m128 four = _mm_sub_ps(_mm_set1_ps(target), magpie_fold_four(sum[0], sum[1], sum[2], sum[3]));
  four = _mm_mul_ps(four, _mm_loadu_ps(weights));
  __m512 factor[4] = {
      _mm512_broadcastss_ps(four), _mm512_broadcastss_ps(_mm_permute_ps(four, 0x55)),
      _mm512_broadcastss_ps(_mm_permute_ps(four, 0xaa)), _mm512_broadcastss_ps(_mm_permute_ps(four, 0xff))};
  for (size_t i = 0; i < whole; i += 16) {
    __m512 total = _mm512_loadu_ps(y + i);
    for (int r = 0; r < 4; r++) total = _mm512_fmadd_ps(factor[r], _mm512_loadu_ps(row[r] + i), total);
    _mm512_storeu_ps(y + i, total);
  }
  if (whole < width) {
    __m512 total = magpie_load_rest(y + whole, lanes);
    for (int r = 0; r < 4; r++) {
      total = _mm512_fmadd_ps(factor[r], magpie_load_rest(row[r] + whole, lanes), total);
    }
    _mm512_mask_storeu_ps(y + whole, lanes, total);
  }
}

MAGPIE_AVX512 void magpie_gradient_add_avx512(const float *rows, size_t width, const uint32_t *index,
                                              const float *weights, size_t count, float target, const float *x,
                                              float *y) {
  size_t n = 0;
  for (; n + 4 <= count; n += 4) {
    const float *row[4];
    for (int r = 0; r < 4; r++) row[r] = rows + (size_t)index[n + r] * width;
    add_four(row, width, weights + n, target, x, y);
  }
  if (n < count) {
    // Rows that are missing stand in for themselves with weight zero.
    const float *row[4];
    float weight[4] = {0, 0, 0, 0};
    for (size_t r = 0; r < 4; r++) {
      row[r] = rows + (size_t)index[n + r < count ? n + r : n] * width;
      if (n + r < count) weight[r] = weights[n + r];
    }
    add_four(row, width, weight, target, x, y);
  }
}
#else
void magpie_gradient_add_avx512(const float *rows, size_t width, const uint32_t *index, const float *weights,
                                size_t count, float target, const float *x, float *y) {
  magpie_gradient_add_serial(rows, width, index, weights, count, target, x, y);
}
#endif
