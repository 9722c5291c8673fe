#pragma once
// What happens to the few rows that pass, shared by all instruction sets.
#include "../select/selection.h"

/// The lower bound that a row's upper bound has to reach: that of the worst of the best rows so far.
static inline float magpie_scan_threshold(const magpie_selection *lower) {
  return lower->count < lower->capacity ? -__builtin_inff() : lower->scores[0];
}

/// Looks closer at the rows of a block whose bit is set in `passed`; returns the new number of candidates.
static inline size_t magpie_scan_take(const magpie_codes *codes, const magpie_probe *probe, size_t block,
                                      uint32_t passed, const float *upper, magpie_selection *lower,
                                      uint32_t *candidates, float *uppers, size_t found) {
  while (passed) {
    size_t lane = (size_t)__builtin_ctz(passed), row = block * magpie_scan_rows + lane;
    passed &= passed - 1;
    if (row >= codes->count) break;
    // It has risen since the comparison if an earlier row of the block went in.
    if (!(upper[lane] >= magpie_scan_threshold(lower))) continue;
    candidates[found] = (uint32_t)row;
    uppers[found++] = upper[lane];
    float floor = upper[lane] - 2 * codes->scales[row] * probe->slack;
    if (lower->count < lower->capacity) {
      magpie_rise(lower, floor, (uint32_t)row);
    } else if (floor > lower->scores[0]) {
      magpie_sink(lower, 0, lower->count, floor, (uint32_t)row);
    }
  }
  return found;
}
