// AVX-512 with VNNI. One vector is the 16 rows of a block for one group of 4 columns; a lane is a row, so nothing is
// summed across, and dpbusd takes 64 products with one load. Four sums cover the latency of dpbusd. Codes are unsigned, 128 more than the number, which one constant undoes.
// Bound by reading the codes: one block after the other, as the hardware prefetcher likes it. Four streams at once took
// twice as long.
#include "../dot/dot_avx512.h"
#include "scan.h"

#if defined(__x86_64__)
#define MAGPIE_VNNI __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma")))
enum { together = 4 };

MAGPIE_VNNI static inline uint32_t bound(__m512i sum, const float *scales, const magpie_probe *probe,
                                         float threshold, float *upper) {
  sum = _mm512_sub_epi32(sum, _mm512_set1_epi32(probe->offset));
  __m512 value = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(probe->gain), _mm512_set1_ps(probe->slack));
  value = _mm512_mul_ps(value, _mm512_loadu_ps(scales));
  _mm512_storeu_ps(upper, value);
  return _mm512_cmp_ps_mask(value, _mm512_set1_ps(threshold), _CMP_GE_OQ);
}

MAGPIE_VNNI static inline __m512i group_add(__m512i sum, const uint8_t *at, const int8_t *query) {
  int32_t four;
  __builtin_memcpy(&four, query, 4);
  return _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(at), _mm512_set1_epi32(four));
}

MAGPIE_VNNI size_t magpie_scan_avx512(const magpie_codes *codes, const magpie_probe *probe,
                                      const uint16_t *allowed, magpie_selection *lower, uint32_t *candidates,
                                      float *uppers) {
  size_t found = 0, groups = codes->groups;
  if (lower->capacity == 0) return 0;
  for (size_t block = 0; block * magpie_scan_rows < codes->count; block++) {
    uint32_t mask = allowed ? allowed[block] : 0xffff;
    if (!mask) continue;
    const uint8_t *at = codes->codes + block * 64 * groups;
    __m512i sum[together];
    for (size_t i = 0; i < together; i++) sum[i] = _mm512_setzero_si512();
    size_t group = 0;
    for (; group + together <= groups; group += together, at += 64 * together) {
      for (size_t i = 0; i < together; i++) sum[i] = group_add(sum[i], at + 64 * i, probe->codes + 4 * (group + i));
    }
    for (; group < groups; group++, at += 64) sum[0] = group_add(sum[0], at, probe->codes + 4 * group);
    __m512i total = _mm512_add_epi32(_mm512_add_epi32(sum[0], sum[1]), _mm512_add_epi32(sum[2], sum[3]));
    float upper[magpie_scan_rows];
    const float *scales = codes->scales + block * magpie_scan_rows;
    uint32_t passed = bound(total, scales, probe, magpie_scan_threshold(lower), upper) & mask;
    if (passed) found = magpie_scan_take(codes, probe, block, passed, upper, lower, candidates, uppers, found);
  }
  return found;
}
#else
size_t magpie_scan_avx512(const magpie_codes *codes, const magpie_probe *probe, const uint16_t *allowed,
                          magpie_selection *lower, uint32_t *candidates, float *uppers) {
  return magpie_scan_serial(codes, probe, allowed, lower, candidates, uppers);
}
#endif
