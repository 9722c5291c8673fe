#pragma once
// The one way in which AVX2 kernels sum a row, shared so that a row scores the same bits everywhere: two
// accumulators of 8 lanes, blocks of 16, then 8, then a masked rest into the second, then one fixed fold.
// Two are enough because callers run four rows at once: 8 independent chains cover the 4 cycles of an FMA.
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define MAGPIE_AVX2 __attribute__((target("avx2,fma")))

/// Lanes 0 ..< rest set, rest in 0 ... 7.
MAGPIE_AVX2 static inline __m256i magpie_rest_mask(size_t rest) {
  static const int32_t ones[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  return _mm256_loadu_si256((const __m256i *)(ones + 8 - rest));
}

MAGPIE_AVX2 static inline float magpie_fold(__m256 even, __m256 odd) {
  __m256 sum = _mm256_add_ps(even, odd);
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  half = _mm_add_ss(half, _mm_movehdup_ps(half));
  return _mm_cvtss_f32(half);
}
#endif
