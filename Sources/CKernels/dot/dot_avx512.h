#pragma once
// The one way in which AVX-512 kernels sum a row, shared so that a row scores the same bits everywhere: two
// accumulators of 16 lanes, blocks of 32, then 16, then a masked rest into the second, then one fixed fold.
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define MAGPIE_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))

/// Lanes 0 ..< rest, rest in 0 ... 15.
MAGPIE_AVX512 static inline __mmask16 magpie_rest_lanes(size_t rest) { return (__mmask16)((1u << rest) - 1); }

MAGPIE_AVX512 static inline __m512 magpie_load_rest(const float *from, __mmask16 lanes) {
  return _mm512_maskz_loadu_ps(lanes, from);
}

/// Sums over the lanes of four vectors, side by side.
MAGPIE_AVX512 static inline __m128 magpie_fold_four(__m512 a, __m512 b, __m512 c, __m512 d) {
  __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
  __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
  __m512 even = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd)));
  __m512 odd = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd)));
  __m512 sum = _mm512_add_ps(even, odd);
  __m256 half = _mm256_add_ps(_mm512_castps512_ps256(sum), _mm512_extractf32x8_ps(sum, 1));
  return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

/// The same for one: the same additions in the same order as for a lane of magpie_fold_four.
MAGPIE_AVX512 static inline float magpie_fold_one(__m512 sum) {
  __m512 zero = _mm512_setzero_ps();
  return _mm_cvtss_f32(magpie_fold_four(sum, zero, zero, zero));
}
#endif
