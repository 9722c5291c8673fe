// AVX-512 with VNNI. One vector is the 16 rows of a block for one group of 4 columns; a lane is a row, so nothing is
// summed across, and dpbusd takes 64 products with one load. Four sums cover the latency of dpbusd. Codes are unsigned,
// 128 more than the number, which the sum begins with undoing.
// Bound by reading the codes: one block after the other, as the hardware prefetcher likes it. Four streams at once took
// twice as long.
#include <float.h>

#include "../dot/dot_avx512.h"
#include "scan.h"

#if defined(__x86_64__)
#define MAGPIE_VNNI __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma,popcnt,bmi")))
#define MAGPIE_VNNI_INLINE MAGPIE_VNNI MAGPIE_INLINE

/// What the loops over blocks need, in locals of the functions: stores to the sieve cannot change those.
typedef struct {
  const uint8_t *codes;
  const float *scales;
  const int8_t *probe;
  size_t groups;
  __m512i begin;
  __m512 gain, slack;
} question;

MAGPIE_VNNI_INLINE question ask(const magpie_codes *codes, const magpie_probe *probe) {
  return (question){.codes = codes->codes,
                    .scales = codes->scales,
                    .probe = probe->codes,
                    .groups = codes->groups,
                    .begin = _mm512_set1_epi32(-probe->offset),
                    .gain = _mm512_set1_ps(probe->gain),
                    .slack = _mm512_set1_ps(probe->slack)};
}

/// The upper bounds of a block's rows.
MAGPIE_VNNI_INLINE __m512 bounds(question q, size_t block) {
  const uint8_t *at = q.codes + block * 64 * q.groups;
  __m512i sum[4] = {q.begin, _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
  size_t group = 0;
  for (; group + 4 <= q.groups; group += 4, at += 256) {
    int32_t four[4];
    __builtin_memcpy(four, q.probe + 4 * group, 16);
    for (size_t i = 0; i < 4; i++) {
      sum[i] = _mm512_dpbusd_epi32(sum[i], _mm512_loadu_si512(at + 64 * i), _mm512_set1_epi32(four[i]));
    }
  }
  for (; group < q.groups; group++, at += 64) {
    int32_t four;
    __builtin_memcpy(&four, q.probe + 4 * group, 4);
    sum[0] = _mm512_dpbusd_epi32(sum[0], _mm512_loadu_si512(at), _mm512_set1_epi32(four));
  }
  __m512i total = _mm512_add_epi32(_mm512_add_epi32(sum[0], sum[1]), _mm512_add_epi32(sum[2], sum[3]));
  __m512 value = _mm512_fmadd_ps(_mm512_cvtepi32_ps(total), q.gain, q.slack);
  return _mm512_mul_ps(value, _mm512_loadu_ps(q.scales + block * magpie_scan_rows));
}

/// Puts in the slots whose bit is set, side by side; writes sixteen whatever their number, as there is room.
MAGPIE_VNNI_INLINE void put(magpie_sieve *sieve, const magpie_codes *codes, const magpie_probe *probe, size_t block,
                            uint32_t passed, __m512 upper) {
  size_t slot = block * magpie_scan_rows, count = sieve->count;
  __m512i rows = codes->order
                     ? _mm512_loadu_si512(codes->order + slot)
                     : _mm512_add_epi32(_mm512_set1_epi32((int32_t)slot),
                                        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  __m512 lower = _mm512_fnmadd_ps(_mm512_loadu_ps(codes->scales + slot), _mm512_set1_ps(2 * probe->slack), upper);
  __mmask16 lanes = (__mmask16)passed;
  _mm512_storeu_si512(sieve->rows + count, _mm512_maskz_compress_epi32(lanes, rows));
  _mm512_storeu_ps(sieve->uppers + count, _mm512_maskz_compress_ps(lanes, upper));
  _mm512_storeu_ps(sieve->lowers + count, _mm512_maskz_compress_ps(lanes, lower));
  sieve->count = count + (size_t)__builtin_popcount(passed);
}

enum { beginning = 1024 };

/// The first blocks of a table, without a branch for each. In each lane the best lower bound of some blocks in a row
/// belongs to another row of the table, so the one at place `keep` among those is a threshold, and nearly the best there
/// is while they are many more.
MAGPIE_VNNI_INLINE void begin(const magpie_codes *codes, question q, size_t first, size_t blocks,
                              const magpie_probe *probe, const uint16_t *allowed, magpie_sieve *sieve) {
  float *uppers = sieve->uppers, *best = sieve->lowers;
  __m512 nothing = _mm512_set1_ps(-__builtin_inff()), slack = _mm512_add_ps(q.slack, q.slack);
  // Four times as many maxima as are wanted: of the best, few share one.
  size_t found = 0, together = 4 * blocks / sieve->keep + 1, ordinary = codes->count / magpie_scan_rows;
  if (together > blocks) together = blocks;
  for (size_t i = 0; i < blocks; i += together, found += magpie_scan_rows) {
    __m512 largest = nothing;
    size_t end = i + together < blocks ? i + together : blocks;
    for (size_t j = i; j < end; j++) {
      __m512 upper = nothing, scale = _mm512_loadu_ps(q.scales + (first + j) * magpie_scan_rows);
      if (!allowed && first + j < ordinary) {
        upper = bounds(q, first + j);
      } else {
        __mmask16 mask = (__mmask16)magpie_scan_mask(codes, allowed, first + j);
        if (mask) upper = _mm512_mask_mov_ps(nothing, mask, bounds(q, first + j));
      }
      _mm512_storeu_ps(uppers + j * magpie_scan_rows, upper);
      largest = _mm512_max_ps(largest, _mm512_fnmadd_ps(scale, slack, upper));
    }
    _mm512_storeu_ps(best + found, largest);
  }
  sieve->threshold = magpie_key_value(magpie_key_reached(best, found, sieve->keep, sieve->keep / 16));
  // First the blocks in which something passes, then what: neither has a branch that is hard to foretell. Where fewer
  // rows than are wanted were found, there is no threshold, and all that are allowed pass.
  __m512 least = _mm512_set1_ps(sieve->threshold > -FLT_MAX ? sieve->threshold : -FLT_MAX);
  uint16_t some[beginning];
  size_t count = 0;
  for (size_t i = 0; i < blocks; i++) {
    some[count] = (uint16_t)i;
    count += _mm512_cmp_ps_mask(_mm512_loadu_ps(uppers + i * magpie_scan_rows), least, _CMP_GE_OQ) != 0;
  }
  for (size_t i = 0; i < count; i++) {
    // Written over what was read before: never more rows than blocks had.
    __m512 upper = _mm512_loadu_ps(uppers + (size_t)some[i] * magpie_scan_rows);
    put(sieve, codes, probe, first + some[i], _mm512_cmp_ps_mask(upper, least, _CMP_GE_OQ), upper);
  }
  magpie_sieve_check(sieve);
}

MAGPIE_VNNI void magpie_scan_avx512(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                                    const uint16_t *allowed, magpie_sieve *sieve) {
  if (sieve->keep == 0) return;
  question q = ask(codes, probe);
  size_t block = first, end = first + blocks;
  if (!codes->order && sieve->count == 0 && blocks >= sieve->keep) {
    block += blocks < beginning ? blocks : beginning;
    begin(codes, q, first, block - first, probe, allowed, sieve);
  }
  for (; block < end; block++) {
    uint32_t mask = magpie_scan_mask(codes, allowed, block);
    if (!mask) continue;
    __m512 upper = bounds(q, block);
    uint32_t passed = _mm512_cmp_ps_mask(upper, _mm512_set1_ps(sieve->threshold), _CMP_GE_OQ) & mask;
    if (!passed) continue;
    passed = magpie_scan_admitted(codes, allowed, block, passed);
    put(sieve, codes, probe, block, passed, upper);
    magpie_sieve_check(sieve);
  }
}

MAGPIE_VNNI void magpie_sieve_settle_avx512(magpie_sieve *sieve) { magpie_sieve_raise(sieve, 0); }
#else
void magpie_scan_avx512(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                        const uint16_t *allowed, magpie_sieve *sieve) {
  magpie_scan_serial(codes, first, blocks, probe, allowed, sieve);
}
void magpie_sieve_settle_avx512(magpie_sieve *sieve) { magpie_sieve_settle_serial(sieve); }
#endif
