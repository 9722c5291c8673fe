#include "scan.h"

size_t magpie_scan_serial(const magpie_codes *codes, const magpie_probe *probe, const uint16_t *allowed,
                          magpie_selection *lower, uint32_t *candidates, float *uppers) {
  size_t found = 0;
  if (lower->capacity == 0) return 0;
  for (size_t block = 0; block * magpie_scan_rows < codes->count; block++) {
    uint32_t mask = allowed ? allowed[block] : 0xffff;
    if (!mask) continue;
    int32_t sum[magpie_scan_rows] = {0};
    const uint8_t *at = codes->codes + block * magpie_scan_rows * 4 * codes->groups;
    for (size_t group = 0; group < codes->groups; group++) {
      for (size_t row = 0; row < magpie_scan_rows; row++) {
        for (size_t i = 0; i < 4; i++) sum[row] += ((int32_t)*at++ - 128) * probe->codes[4 * group + i];
      }
    }
    float threshold = magpie_scan_threshold(lower), upper[magpie_scan_rows];
    uint32_t passed = 0;
    for (size_t row = 0; row < magpie_scan_rows; row++) {
      float scale = codes->scales[block * magpie_scan_rows + row];
      upper[row] = scale * ((float)sum[row] * probe->gain + probe->slack);
      if (upper[row] >= threshold) passed |= 1u << row;
    }
    found = magpie_scan_take(codes, probe, block, passed & mask, upper, lower, candidates, uppers, found);
  }
  return found;
}
