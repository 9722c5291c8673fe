#pragma once
// Floats as integers in the same order, and the search for the k-th largest of them: it halves the range of the integer
// and counts, so there is no branch for an element. Sixteen at a time in vectors that the compiler cuts to what the
// instruction set has: the functions that use this inline it and so give it theirs.
#include "kernels.h"

#define MAGPIE_INLINE __attribute__((always_inline)) static inline

typedef int32_t magpie_lanes __attribute__((vector_size(64)));
typedef uint32_t magpie_counts __attribute__((vector_size(64)));
typedef float magpie_floats __attribute__((vector_size(64)));

enum { magpie_lanes_count = 16 };

/// a < b if and only if key(a) < key(b), and −0 is 0. NaN is below everything, as is minus infinity: nobody takes them.
MAGPIE_INLINE int32_t magpie_key(float value) {
  float sum = value + 0.0f;
  int32_t bits;
  __builtin_memcpy(&bits, &sum, 4);
  bits ^= (bits >> 31) & INT32_MAX;
  return sum > -__builtin_inff() ? bits : INT32_MIN;
}

/// The keys of the sixteen floats at `values`. Not returned: without AVX-512 there is no register for them.
MAGPIE_INLINE void magpie_keys(const float *values, magpie_lanes *keys) {
  magpie_floats sum;
  __builtin_memcpy(&sum, values, sizeof sum);
  sum += 0.0f;
  magpie_lanes bits = (magpie_lanes)sum;
  bits ^= (bits >> 31) & INT32_MAX;
  magpie_lanes taken = sum > -__builtin_inff();
  *keys = (bits & taken) | (INT32_MIN & ~taken);
}

MAGPIE_INLINE float magpie_key_value(int32_t key) {
  int32_t bits = key ^ ((key >> 31) & INT32_MAX);
  float value;
  __builtin_memcpy(&value, &bits, 4);
  return key == INT32_MIN ? -__builtin_inff() : value;
}

/// A key that at least `keep` of the values reach, and at most `keep + spare` unless several are equal to it: with 0 to
/// spare no larger key is reached by `keep`. INT32_MIN if there are fewer values.
MAGPIE_INLINE int32_t magpie_key_reached(const float *values, size_t count, size_t keep, size_t spare) {
  if (count < keep || keep == 0) return INT32_MIN;
  size_t whole = count / magpie_lanes_count * magpie_lanes_count;
  int32_t low = INT32_MAX, high = INT32_MIN;
  magpie_lanes lows = {0}, highs = {0};
  lows += INT32_MAX;
  highs += INT32_MIN;
  for (size_t i = 0; i < whole; i += magpie_lanes_count) {
    magpie_lanes keys;
    magpie_keys(values + i, &keys);
    lows = __builtin_elementwise_min(lows, keys);
    highs = __builtin_elementwise_max(highs, keys);
  }
  low = __builtin_reduce_min(lows);
  high = __builtin_reduce_max(highs);
  for (size_t i = whole; i < count; i++) {
    int32_t key = magpie_key(values[i]);
    low = key < low ? key : low;
    high = key > high ? key : high;
  }
  while (low < high) {
    int32_t middle = (int32_t)(((int64_t)low + high + 1) >> 1);
    magpie_counts counts = {0};
    for (size_t i = 0; i < whole; i += magpie_lanes_count) {
      magpie_lanes keys;
      magpie_keys(values + i, &keys);
      counts -= (magpie_counts)(keys >= middle);
    }
    uint32_t reached = __builtin_reduce_add(counts);
    for (size_t i = whole; i < count; i++) reached += magpie_key(values[i]) >= middle;
    if (reached < keep) {
      high = middle - 1;
    } else {
      low = middle;
      if (reached <= keep + spare) break;
    }
  }
  // The least of those that reach it: found early, it lies below all of them.
  int32_t least = INT32_MAX;
  magpie_lanes leasts = {0};
  leasts += INT32_MAX;
  for (size_t i = 0; i < whole; i += magpie_lanes_count) {
    magpie_lanes keys;
    magpie_keys(values + i, &keys);
    magpie_lanes reached = keys >= low;
    leasts = __builtin_elementwise_min(leasts, (keys & reached) | (INT32_MAX & ~reached));
  }
  least = __builtin_reduce_min(leasts);
  for (size_t i = whole; i < count; i++) {
    int32_t key = magpie_key(values[i]);
    least = key >= low && key < least ? key : least;
  }
  return least;
}
