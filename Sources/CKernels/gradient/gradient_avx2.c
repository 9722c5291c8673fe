// AVX2 and FMA. Four rows at a time: their products with x share the loads of x, their four sums become one
// vector, and y is read and written once for the four.
#include "../dot/dot_avx2.h"
#include "kernels.h"

#if defined(__x86_64__)
/// The sums over the lanes of four vectors, side by side.
MAGPIE_AVX2 static inline __m128 fold_four(__m256 a, __m256 b, __m256 c, __m256 d) {
  __m256 sums = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
  return _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
}

MAGPIE_AVX2 void magpie_gradient_add_avx2(const float *rows, size_t width, const uint32_t *index,
                                          const float *weights, size_t count, float target, const float *x,
                                          float *y) {
  size_t n = 0;
  __m256i mask = magpie_rest_mask(width % 8);
  size_t whole = width - width % 8;
  for (; n + 4 <= count; n += 4) {
    const float *row[4];
    for (int r = 0; r < 4; r++) row[r] = rows + (size_t)index[n + r] * width;
    __m256 sum[4];
    for (int r = 0; r < 4; r++) sum[r] = _mm256_setzero_ps();
    for (size_t i = 0; i < whole; i += 8) {
      __m256 value = _mm256_loadu_ps(x + i);
      for (int r = 0; r < 4; r++) sum[r] = _mm256_fmadd_ps(_mm256_loadu_ps(row[r] + i), value, sum[r]);
    }
    if (whole < width) {
      __m256 value = _mm256_maskload_ps(x + whole, mask);
      for (int r = 0; r < 4; r++) {
        sum[r] = _mm256_fmadd_ps(_mm256_maskload_ps(row[r] + whole, mask), value, sum[r]);
      }
    }
    __m128 four = _mm_sub_ps(_mm_set1_ps(target), fold_four(sum[0], sum[1], sum[2], sum[3]));
    float scale[4];
    _mm_storeu_ps(scale, _mm_mul_ps(four, _mm_loadu_ps(weights + n)));
    __m256 factor[4];
    for (int r = 0; r < 4; r++) factor[r] = _mm256_set1_ps(scale[r]);
    for (size_t i = 0; i < whole; i += 8) {
      __m256 total = _mm256_loadu_ps(y + i);
      for (int r = 0; r < 4; r++) total = _mm256_fmadd_ps(factor[r], _mm256_loadu_ps(row[r] + i), total);
      _mm256_storeu_ps(y + i, total);
    }
    if (whole < width) {
      __m256 total = _mm256_maskload_ps(y + whole, mask);
      for (int r = 0; r < 4; r++) {
        total = _mm256_fmadd_ps(factor[r], _mm256_maskload_ps(row[r] + whole, mask), total);
      }
      _mm256_maskstore_ps(y + whole, mask, total);
    }
  }
  for (; n < count; n++) {
    const float *row = rows + (size_t)index[n] * width;
    magpie_add_scaled_avx2(weights[n] * (target - magpie_dot_avx2(row, x, width)), row, y, width);
  }
}
#else
void magpie_gradient_add_avx2(const float *rows, size_t width, const uint32_t *index, const float *weights,
                              size_t count, float target, const float *x, float *y) {
  magpie_gradient_add_serial(rows, width, index, weights, count, target, x, y);
}
#endif
