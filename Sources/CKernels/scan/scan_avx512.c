// AVX-512 with VNNI. One vector is the 16 rows of a block for one group of 4 columns; a lane is a row, so nothing is
// summed across, and dpbusd takes 64 products with one load. Four blocks at once share the query and cover the
// latency of dpbusd. Codes are unsigned, 128 more than the number, which one constant undoes.
// Bound by reading the codes.
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

MAGPIE_VNNI size_t magpie_scan_avx512(const magpie_codes *codes, const magpie_probe *probe,
                                      const uint16_t *allowed, magpie_selection *lower, uint32_t *candidates,
                                      float *uppers) {
  size_t found = 0, groups = codes->groups, stride = 64 * groups;
  size_t blocks = (codes->count + magpie_scan_rows - 1) / magpie_scan_rows;
  if (lower->capacity == 0) return 0;
  for (size_t first = 0; first < blocks; first += together) {
    size_t taken = blocks - first < together ? blocks - first : together;
    uint32_t mask[together] = {0};
    uint32_t any = 0;
    for (size_t b = 0; b < taken; b++) any |= mask[b] = allowed ? allowed[first + b] : 0xffff;
    if (!any) continue;
    __m512i sum[together];
    for (size_t b = 0; b < together; b++) sum[b] = _mm512_setzero_si512();
    const uint8_t *at = codes->codes + first * stride;
    if (taken == together) {
      for (size_t group = 0; group < groups; group++) {
        int32_t four;
        __builtin_memcpy(&four, probe->codes + 4 * group, 4);
        __m512i query = _mm512_set1_epi32(four);
        for (size_t b = 0; b < together; b++) {
          sum[b] = _mm512_dpbusd_epi32(sum[b], _mm512_loadu_si512(at + b * stride + 64 * group), query);
        }
      }
    } else {
      for (size_t b = 0; b < taken; b++) {
        for (size_t group = 0; group < groups; group++) {
          int32_t four;
          __builtin_memcpy(&four, probe->codes + 4 * group, 4);
          sum[b] = _mm512_dpbusd_epi32(sum[b], _mm512_loadu_si512(at + b * stride + 64 * group),
                                       _mm512_set1_epi32(four));
        }
      }
    }
    for (size_t b = 0; b < taken; b++) {
      float upper[magpie_scan_rows];
      const float *scales = codes->scales + (first + b) * magpie_scan_rows;
      uint32_t passed = bound(sum[b], scales, probe, magpie_scan_threshold(lower), upper) & mask[b];
      if (passed) {
        found = magpie_scan_take(codes, probe, first + b, passed, upper, lower, candidates, uppers, found);
      }
    }
  }
  return found;
}
#else
size_t magpie_scan_avx512(const magpie_codes *codes, const magpie_probe *probe, const uint16_t *allowed,
                          magpie_selection *lower, uint32_t *candidates, float *uppers) {
  return magpie_scan_serial(codes, probe, allowed, lower, candidates, uppers);
}
#endif
