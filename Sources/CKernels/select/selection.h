#pragma once
// The heap all instruction sets share: worst at the root, of equal scores the one with the higher index is worse.
#include "kernels.h"

static inline bool magpie_is_worse(float score, uint32_t index, float than_score, uint32_t than_index) {
  return score < than_score || (score == than_score && index > than_index);
}

/// Lets (score, index) sink from `hole` to its place among `count` entries.
static inline void magpie_sink(magpie_selection *s, size_t hole, size_t count, float score, uint32_t index) {
  for (;;) {
    size_t child = 2 * hole + 1;
    if (child >= count) break;
    if (child + 1 < count &&
        magpie_is_worse(s->scores[child + 1], s->indices[child + 1], s->scores[child], s->indices[child])) {
      child++;
    }
    if (!magpie_is_worse(s->scores[child], s->indices[child], score, index)) break;
    s->scores[hole] = s->scores[child];
    s->indices[hole] = s->indices[child];
    hole = child;
  }
  s->scores[hole] = score;
  s->indices[hole] = index;
}

/// Adds to a heap that is not full.
static inline void magpie_rise(magpie_selection *s, float score, uint32_t index) {
  size_t hole = s->count++;
  while (hole > 0) {
    size_t parent = (hole - 1) / 2;
    if (!magpie_is_worse(score, index, s->scores[parent], s->indices[parent])) break;
    s->scores[hole] = s->scores[parent];
    s->indices[hole] = s->indices[parent];
    hole = parent;
  }
  s->scores[hole] = score;
  s->indices[hole] = index;
}

/// Takes scores until the heap is full; returns how many were looked at.
static inline size_t magpie_fill(magpie_selection *s, const float *scores, size_t count, uint32_t first) {
  size_t i = 0;
  for (; i < count && s->count < s->capacity; i++) {
    if (scores[i] > -__builtin_inff()) magpie_rise(s, scores[i], first + (uint32_t)i);
  }
  return i;
}
