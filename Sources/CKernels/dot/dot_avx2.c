// AVX2 and FMA. Two loads and one FMA for 8 products: bound by the two load ports.
#include "dot_avx2.h"
#include "kernels.h"

#if defined(__x86_64__)
MAGPIE_AVX2 float magpie_dot_avx2(const float *a, const float *b, size_t count) {
  __m256 even = _mm256_setzero_ps(), odd = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    even = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), even);
    odd = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), odd);
  }
  if (i + 8 <= count) {
    even = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), even);
    i += 8;
  }
  if (i < count) {
    __m256i mask = magpie_rest_mask(count - i);
    odd = _mm256_fmadd_ps(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask), odd);
  }
  return magpie_fold(even, odd);
}

MAGPIE_AVX2 void magpie_add_scaled_avx2(float scale, const float *x, float *y, size_t count) {
  __m256 factor = _mm256_set1_ps(scale);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    _mm256_storeu_ps(y + i, _mm256_fmadd_ps(factor, _mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i)));
  }
  if (i < count) {
    __m256i mask = magpie_rest_mask(count - i);
    __m256 sum = _mm256_fmadd_ps(factor, _mm256_maskload_ps(x + i, mask), _mm256_maskload_ps(y + i, mask));
    _mm256_maskstore_ps(y + i, mask, sum);
  }
}
#else
float magpie_dot_avx2(const float *a, const float *b, size_t count) { return magpie_dot_serial(a, b, count); }
void magpie_add_scaled_avx2(float scale, const float *x, float *y, size_t count) {
  magpie_add_scaled_serial(scale, x, y, count);
}
#endif
