// Integers only, for all machines alike.
#include "kernels.h"

/// 64 bits from row `first` on, zero from `count` on.
static inline uint64_t bits_from(const uint16_t *allowed, size_t first, size_t count) {
  uint64_t bits = 0;
  for (size_t i = 0; i < 4 && first + 16 * i < count; i++) bits |= (uint64_t)allowed[first / 16 + i] << (16 * i);
  size_t left = count - first;
  return left < 64 ? bits & ((UINT64_C(1) << left) - 1) : bits;
}

size_t magpie_allowed_rows(const uint16_t *allowed, size_t count, size_t most, uint32_t *rows) {
  size_t whole = count / 64 * 64, found = 0;
  for (size_t first = 0; first < count && found <= most; first += 64) {
    uint64_t bits;
    if (first < whole) {
      __builtin_memcpy(&bits, allowed + first / 16, 8);
    } else {
      bits = bits_from(allowed, first, count);
    }
    found += (size_t)__builtin_popcountll(bits);
  }
  if (found > most) return most + 1;
  size_t written = 0;
  for (size_t first = 0; first < count; first += 64) {
    uint64_t bits;
    if (first < whole) {
      __builtin_memcpy(&bits, allowed + first / 16, 8);
    } else {
      bits = bits_from(allowed, first, count);
    }
    for (; bits; bits &= bits - 1) rows[written++] = (uint32_t)(first + (size_t)__builtin_ctzll(bits));
  }
  return written;
}
