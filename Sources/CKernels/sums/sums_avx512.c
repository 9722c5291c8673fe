#include "../dot/dot_avx512.h"
#include "kernels.h"

#if defined(__x86_64__)
MAGPIE_AVX512 size_t magpie_sums_collect_avx512(const magpie_sums *sums, uint32_t *rows, float *values) {
  size_t lines = magpie_sums_lines(sums->rows), count = 0;
  const __m512i steps = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (size_t eight = 0; eight < lines; eight += 8) {
    uint64_t dirty;
    __builtin_memcpy(&dirty, sums->lines + eight, sizeof dirty);
    while (dirty) {
      size_t line = eight + (size_t)__builtin_ctzll(dirty) / 8;
      dirty &= dirty - 1;
      __m512 sum = _mm512_loadu_ps(sums->values + line * magpie_sums_line);
      __mmask16 above = _mm512_cmp_ps_mask(sum, _mm512_setzero_ps(), _CMP_GT_OQ);
      __m512i row = _mm512_add_epi32(_mm512_set1_epi32((int)(line * magpie_sums_line)), steps);
      // Whole vectors, of which the next line overwrites what was not taken: storing under a mask is slow on some machines.
      _mm512_storeu_ps(values + count, _mm512_maskz_compress_ps(above, sum));
      _mm512_storeu_si512(rows + count, _mm512_maskz_compress_epi32(above, row));
      count += (size_t)__builtin_popcount(above);
    }
  }
  return count;
}
#else
size_t magpie_sums_collect_avx512(const magpie_sums *sums, uint32_t *rows, float *values) {
  return magpie_sums_collect_serial(sums, rows, values);
}
#endif
