#pragma once
// magpie_best for every instruction set: what differs is what the compiler may use.
#include "ordered.h"
#include "selection.h"

enum { magpie_best_ranked_max = 512 };

/// Sorts up to magpie_best_ranked_max entries by counting for each how many are better. Sixteen at a time without a
/// rest: what lies behind the entries is better than none. Rows are compared only where keys are equal: then the places
/// do not add up to 0 + 1 + ...
MAGPIE_INLINE void magpie_best_rank(const int32_t *keys, const uint32_t *rows, size_t count, uint32_t *kept_rows,
                                    float *kept_scores) {
  uint32_t places[magpie_best_ranked_max], sum = 0;
  for (size_t i = 0; i < count; i++) {
    magpie_counts better = {0};
    for (size_t j = 0; j < count; j += magpie_lanes_count) {
      magpie_lanes others;
      __builtin_memcpy(&others, keys + j, sizeof others);
      better -= (magpie_counts)(others > keys[i]);
    }
    places[i] = __builtin_reduce_add(better);
    sum += places[i];
  }
  if (sum != (uint32_t)(count * (count - 1) / 2)) {
    for (size_t i = 0; i < count; i++) {
      for (size_t j = 0; j < count; j++) places[i] += (keys[j] == keys[i]) & (rows[j] < rows[i]);
    }
  }
  for (size_t i = 0; i < count; i++) {
    kept_rows[places[i]] = rows[i];
    kept_scores[places[i]] = magpie_key_value(keys[i]);
  }
}

enum {
  magpie_best_sampled_min = 1024,
  magpie_best_sample_step = 8,
  magpie_best_passed_max = 2048,
};

/// Of many scores those that can be among the best, by a threshold that a sample suggests: an eighth of them, in whole vectors.
/// Returns how many were written, 0 if too few or too many reach the threshold; then nothing is known.
MAGPIE_INLINE size_t magpie_best_pass(const float *scores, const uint32_t *rows, size_t count, size_t keep,
                                      float *passed, uint32_t *passed_rows) {
  enum { room = magpie_best_passed_max };
  size_t taken = 0;
  // The sample fits where the passed will be.
  for (size_t i = 0; i + magpie_lanes_count <= count && taken + magpie_lanes_count <= room;
       i += magpie_lanes_count * magpie_best_sample_step) {
    __builtin_memcpy(passed + taken, scores + i, magpie_lanes_count * sizeof(float));
    taken += magpie_lanes_count;
  }
  // Half as many again as are wanted, and some for the chance in a small sample.
  size_t wanted = keep * taken / count;
  wanted += wanted / 2 + 8;
  if (wanted >= taken) return 0;
  float least = magpie_key_value(magpie_key_reached(passed, taken, wanted, wanted / 8));
  if (!(least > -__builtin_inff())) return 0;
  size_t found = 0;
  for (size_t i = 0; i < count; i += magpie_lanes_count) {
    size_t end = i + magpie_lanes_count < count ? i + magpie_lanes_count : count;
    if (found + magpie_lanes_count > room) return 0;
    for (size_t at = i; at < end; at++) {
      passed[found] = scores[at];
      passed_rows[found] = rows[at];
      found += scores[at] >= least;
    }
  }
  return found >= keep ? found : 0;
}

MAGPIE_INLINE size_t magpie_best_of(const float *scores, const uint32_t *rows, size_t count, size_t keep,
                                    uint32_t *kept_rows, float *kept_scores) {
  if (keep > count) keep = count;
  if (keep > magpie_best_ranked_max) {
    magpie_selection selection = {.scores = kept_scores, .indices = kept_rows, .capacity = keep, .count = 0};
    for (size_t i = 0; i < count; i++) {
      if (!(scores[i] > -__builtin_inff())) continue;
      if (selection.count < keep) {
        magpie_rise(&selection, scores[i], rows[i]);
      } else if (magpie_is_worse(kept_scores[0], kept_rows[0], scores[i], rows[i])) {
        magpie_sink(&selection, 0, keep, scores[i], rows[i]);
      }
    }
    magpie_select_finish(&selection);
    return selection.count;
  }
  if (keep == 0) return 0;
  float passed[magpie_best_passed_max];
  uint32_t passed_rows[magpie_best_passed_max];
  if (count >= magpie_best_sampled_min) {
    size_t found = magpie_best_pass(scores, rows, count, keep, passed, passed_rows);
    if (found > 0) scores = passed, rows = passed_rows, count = found;
  }
  int32_t least = magpie_key_reached(scores, count, keep, 0);
  // Of those equal to the least one, the lowest rows fill what the larger ones leave.
  magpie_counts aboves = {0}, equals = {0};
  size_t whole = count / magpie_lanes_count * magpie_lanes_count;
  for (size_t i = 0; i < whole; i += magpie_lanes_count) {
    magpie_lanes key;
    magpie_keys(scores + i, &key);
    aboves -= (magpie_counts)(key > least);
    equals -= (magpie_counts)(key == least);
  }
  uint32_t above = __builtin_reduce_add(aboves), equal = __builtin_reduce_add(equals), last = UINT32_MAX;
  for (size_t i = whole; i < count; i++) {
    above += magpie_key(scores[i]) > least;
    equal += magpie_key(scores[i]) == least;
  }
  if (above + equal > keep) {
    uint32_t low = 0, wanted = (uint32_t)keep - above;
    while (low < last) {
      uint32_t middle = low + (last - low) / 2, up_to = 0;
      for (size_t i = 0; i < count; i++) up_to += (magpie_key(scores[i]) == least) & (rows[i] <= middle);
      if (up_to < wanted) {
        low = middle + 1;
      } else {
        last = middle;
      }
    }
  }
  int32_t keys[magpie_best_ranked_max + 16];
  uint32_t places[magpie_best_ranked_max + 16];
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    int32_t key = magpie_key(scores[i]);
    keys[kept] = key;
    places[kept] = rows[i];
    kept += (key > INT32_MIN) & ((key > least) | ((key == least) & (rows[i] <= last)));
  }
  for (size_t i = kept; i < (kept + 15) / 16 * 16; i++) {
    keys[i] = INT32_MIN;
    places[i] = UINT32_MAX;
  }
  magpie_best_rank(keys, places, kept, kept_rows, kept_scores);
  return kept;
}
