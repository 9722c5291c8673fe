#pragma once
// What happens to the few rows that pass, shared by all instruction sets: the functions that use it inline it and so give
// it their instructions.
#include "../select/ordered.h"

/// The row in a slot, magpie_no_row if there is none.
MAGPIE_INLINE uint32_t magpie_scan_row(const magpie_codes *codes, size_t slot) {
  return codes->order ? codes->order[slot] : slot < codes->count ? (uint32_t)slot : magpie_no_row;
}

/// The slots of a block that may be looked at, before anything was read of it. In a table with an order the rows of a
/// block lie anywhere: those are asked about after they passed.
MAGPIE_INLINE uint32_t magpie_scan_mask(const magpie_codes *codes, const uint16_t *allowed, size_t block) {
  if (codes->order) return 0xffff;
  size_t left = codes->count - block * magpie_scan_rows;
  return (allowed ? allowed[block] : 0xffff) & (left < magpie_scan_rows ? (1u << left) - 1 : 0xffff);
}

/// Of the slots that passed, those with a row that is allowed.
MAGPIE_INLINE uint32_t magpie_scan_admitted(const magpie_codes *codes, const uint16_t *allowed, size_t block,
                                            uint32_t passed) {
  if (!codes->order) return passed;
  for (uint32_t left = passed; left; left &= left - 1) {
    uint32_t row = codes->order[block * magpie_scan_rows + (size_t)__builtin_ctz(left)];
    if (row == magpie_no_row || (allowed && !(allowed[row >> 4] >> (row & 15) & 1))) passed &= ~(left & -left);
  }
  return passed;
}

/// Raises the threshold and drops what is below it. With 0 to spare the threshold is the largest there is.
MAGPIE_INLINE void magpie_sieve_raise(magpie_sieve *sieve, size_t spare) {
  int32_t key = magpie_key_reached(sieve->lowers, sieve->count, sieve->keep, spare);
  if (key == INT32_MIN) return;
  float threshold = magpie_key_value(key);
  sieve->threshold = threshold;
  size_t kept = 0;
  for (size_t i = 0; i < sieve->count; i++) {
    float upper = sieve->uppers[i];
    sieve->rows[kept] = sieve->rows[i];
    sieve->uppers[kept] = upper;
    sieve->lowers[kept] = sieve->lowers[i];
    kept += upper >= threshold;
  }
  sieve->count = kept;
}

/// After rows were put in: makes room while it is cheap. Where many rows are equal nothing falls out, so the next time is
/// put off further each time.
MAGPIE_INLINE void magpie_sieve_check(magpie_sieve *sieve) {
  if (sieve->count < sieve->full) return;
  magpie_sieve_raise(sieve, sieve->keep / 2);
  sieve->full = 2 * sieve->count + 2 * sieve->keep + 4 * magpie_scan_rows;
}

/// Puts in the rows of a block whose bit is set, one after the other.
MAGPIE_INLINE void magpie_sieve_put(magpie_sieve *sieve, const magpie_codes *codes, const magpie_probe *probe,
                                    size_t block, uint32_t passed, const float *upper) {
  for (; passed; passed &= passed - 1) {
    size_t lane = (size_t)__builtin_ctz(passed), slot = block * magpie_scan_rows + lane;
    sieve->rows[sieve->count] = magpie_scan_row(codes, slot);
    sieve->uppers[sieve->count] = upper[lane];
    sieve->lowers[sieve->count++] = upper[lane] - 2 * codes->scales[slot] * probe->slack;
  }
  magpie_sieve_check(sieve);
}
