// AVX-512. Two loads and one FMA for 16 products: bound by the two load ports.
#include "dot_avx512.h"
#include "kernels.h"

#if defined(__x86_64__)
MAGPIE_AVX512 float magpie_dot_avx512(const float *a, const float *b, size_t count) {
  __m512 even = _mm512_setzero_ps(), odd = _mm512_setzero_ps();
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    even = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), even);
    odd = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), odd);
  }
  if (i + 16 <= count) {
    even = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), even);
    i += 16;
  }
  if (i < count) {
    __mmask16 lanes = magpie_rest_lanes(count - i);
    odd = _mm512_fmadd_ps(magpie_load_rest(a + i, lanes), magpie_load_rest(b + i, lanes), odd);
  }
  return magpie_fold_one(_mm512_add_ps(even, odd));
}

MAGPIE_AVX512 void magpie_add_scaled_avx512(float scale, const float *x, float *y, size_t count) {
  __m512 factor = _mm512_set1_ps(scale);
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    _mm512_storeu_ps(y + i, _mm512_fmadd_ps(factor, _mm512_loadu_ps(x + i), _mm512_loadu_ps(y + i)));
  }
  if (i < count) {
    __mmask16 lanes = magpie_rest_lanes(count - i);
    __m512 sum = _mm512_fmadd_ps(factor, magpie_load_rest(x + i, lanes), magpie_load_rest(y + i, lanes));
    _mm512_mask_storeu_ps(y + i, lanes, sum);
  }
}
#else
float magpie_dot_avx512(const float *a, const float *b, size_t count) { return magpie_dot_serial(a, b, count); }
void magpie_add_scaled_avx512(float scale, const float *x, float *y, size_t count) {
  magpie_add_scaled_serial(scale, x, y, count);
}
#endif
