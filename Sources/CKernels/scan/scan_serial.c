#include "scan.h"

void magpie_sieve_start(magpie_sieve *sieve, size_t keep) {
  sieve->count = 0;
  sieve->keep = keep;
  sieve->threshold = -__builtin_inff();
  sieve->full = 2 * keep + 4 * magpie_scan_rows;
}

void magpie_scan_serial(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                        const uint16_t *allowed, magpie_sieve *sieve) {
  if (sieve->keep == 0) return;
  for (size_t block = first; block < first + blocks; block++) {
    uint32_t mask = magpie_scan_mask(codes, allowed, block);
    if (!mask) continue;
    int32_t sum[magpie_scan_rows] = {0};
    const uint8_t *at = codes->codes + block * magpie_scan_rows * 4 * codes->groups;
    for (size_t group = 0; group < codes->groups; group++) {
      for (size_t row = 0; row < magpie_scan_rows; row++) {
        for (size_t i = 0; i < 4; i++) sum[row] += ((int32_t)*at++ - 128) * probe->codes[4 * group + i];
      }
    }
    float upper[magpie_scan_rows];
    uint32_t passed = 0;
    for (size_t row = 0; row < magpie_scan_rows; row++) {
      float scale = codes->scales[block * magpie_scan_rows + row];
      upper[row] = scale * ((float)sum[row] * probe->gain + probe->slack);
      if (upper[row] >= sieve->threshold) passed |= 1u << row;
    }
    passed = magpie_scan_admitted(codes, allowed, block, passed & mask);
    if (passed) magpie_sieve_put(sieve, codes, probe, block, passed, upper);
  }
}

void magpie_sieve_settle_serial(magpie_sieve *sieve) { magpie_sieve_raise(sieve, 0); }
