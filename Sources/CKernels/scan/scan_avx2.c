// AVX2. Two vectors are the 16 rows of a block for one group of 4 columns; a lane is a row, so nothing is summed
// across. maddubs wants one side without signs: |code| and the query with the code's sign. |code| <= 127 and
// |query| <= 127 keep the sums of two within 16 bits. 1 load and 6 operations for 32 products.
#include "../dot/dot_avx2.h"
#include "scan.h"

#if defined(__x86_64__)
MAGPIE_AVX2 static inline __m256i group_add(__m256i sum, const uint8_t *at, __m256i query) {
  __m256i code = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)at), _mm256_set1_epi8((char)0x80));
  __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(code), _mm256_sign_epi8(query, code));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

MAGPIE_AVX2 static inline uint32_t bound(__m256i sum, const float *scales, const magpie_probe *probe,
                                         float threshold, float *upper) {
  __m256 value = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), _mm256_set1_ps(probe->gain), _mm256_set1_ps(probe->slack));
  value = _mm256_mul_ps(value, _mm256_loadu_ps(scales));
  _mm256_storeu_ps(upper, value);
  return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(value, _mm256_set1_ps(threshold), _CMP_GE_OQ));
}

MAGPIE_AVX2 void magpie_scan_avx2(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                                  const uint16_t *allowed, magpie_sieve *sieve) {
  size_t groups = codes->groups;
  if (sieve->keep == 0) return;
  for (size_t block = first; block < first + blocks; block++) {
    uint32_t mask = magpie_scan_mask(codes, allowed, block);
    if (!mask) continue;
    const uint8_t *at = codes->codes + block * 64 * groups;
    __m256i low[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    __m256i high[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    size_t group = 0;
    for (; group + 2 <= groups; group += 2, at += 128) {
      for (size_t i = 0; i < 2; i++) {
        int32_t four;
        __builtin_memcpy(&four, probe->codes + 4 * (group + i), 4);
        __m256i query = _mm256_set1_epi32(four);
        low[i] = group_add(low[i], at + 64 * i, query);
        high[i] = group_add(high[i], at + 64 * i + 32, query);
      }
    }
    if (group < groups) {
      int32_t four;
      __builtin_memcpy(&four, probe->codes + 4 * group, 4);
      low[0] = group_add(low[0], at, _mm256_set1_epi32(four));
      high[0] = group_add(high[0], at + 32, _mm256_set1_epi32(four));
    }
    float threshold = sieve->threshold, upper[magpie_scan_rows];
    const float *scales = codes->scales + block * magpie_scan_rows;
    uint32_t passed = bound(_mm256_add_epi32(low[0], low[1]), scales, probe, threshold, upper) |
                      bound(_mm256_add_epi32(high[0], high[1]), scales + 8, probe, threshold, upper + 8) << 8;
    if (!(passed & mask)) continue;
    passed = magpie_scan_admitted(codes, allowed, block, passed & mask);
    magpie_sieve_put(sieve, codes, probe, block, passed, upper);
  }
}

MAGPIE_AVX2 void magpie_sieve_settle_avx2(magpie_sieve *sieve) { magpie_sieve_raise(sieve, 0); }
#else
void magpie_scan_avx2(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                      const uint16_t *allowed, magpie_sieve *sieve) {
  magpie_scan_serial(codes, first, blocks, probe, allowed, sieve);
}
void magpie_sieve_settle_avx2(magpie_sieve *sieve) { magpie_sieve_settle_serial(sieve); }
#endif
