// NEON without the optional dot product instructions, so that every 64-bit ARM runs it. A vector is four rows for one
// group of 4 columns: products in 16 bits, added in pairs to 32, added in pairs again to one lane a row.
#include "../dot/dot_neon.h"
#include "scan.h"

#if defined(__aarch64__)
static inline int32x4_t group_add(int32x4_t sum, const uint8_t *at, int8x16_t query) {
  int8x16_t code = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(at), vdupq_n_u8(0x80)));
  int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(code), vget_low_s8(query)));
  int32x4_t high = vpaddlq_s16(vmull_high_s8(code, query));
  return vaddq_s32(sum, vpaddq_s32(low, high));
}

void magpie_scan_neon(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                      const uint16_t *allowed, magpie_sieve *sieve) {
  if (sieve->keep == 0) return;
  for (size_t block = first; block < first + blocks; block++) {
    uint32_t mask = magpie_scan_mask(codes, allowed, block);
    if (!mask) continue;
    const uint8_t *at = codes->codes + block * 64 * codes->groups;
    int32x4_t sum[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
    for (size_t group = 0; group < codes->groups; group++, at += 64) {
      int32_t four;
      __builtin_memcpy(&four, probe->codes + 4 * group, 4);
      int8x16_t query = vreinterpretq_s8_s32(vdupq_n_s32(four));
      for (size_t k = 0; k < 4; k++) sum[k] = group_add(sum[k], at + 16 * k, query);
    }
    float threshold = sieve->threshold, upper[magpie_scan_rows];
    uint32_t passed = 0;
    for (size_t k = 0; k < 4; k++) {
      float32x4_t value = vfmaq_n_f32(vdupq_n_f32(probe->slack), vcvtq_f32_s32(sum[k]), probe->gain);
      value = vmulq_f32(value, vld1q_f32(codes->scales + block * magpie_scan_rows + 4 * k));
      vst1q_f32(upper + 4 * k, value);
    }
    for (size_t row = 0; row < magpie_scan_rows; row++) passed |= (uint32_t)(upper[row] >= threshold) << row;
    passed = magpie_scan_admitted(codes, allowed, block, passed & mask);
    if (passed) magpie_sieve_put(sieve, codes, probe, block, passed, upper);
  }
}

void magpie_sieve_settle_neon(magpie_sieve *sieve) { magpie_sieve_raise(sieve, 0); }
#else
void magpie_scan_neon(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                      const uint16_t *allowed, magpie_sieve *sieve) {
  magpie_scan_serial(codes, first, blocks, probe, allowed, sieve);
}
void magpie_sieve_settle_neon(magpie_sieve *sieve) { magpie_sieve_settle_serial(sieve); }
#endif
