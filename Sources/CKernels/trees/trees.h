#pragma once
// magpie_trees_evaluate for every instruction set: what differs is what the compiler may use. AVX-512 has its own inner part.
#include "../select/ordered.h"

/// Rows that go down the trees together: their features lie in the first cache, column by column. Whole pairs of blocks of
/// sixteen.
enum { magpie_trees_chunk = 128 };

/// The value of the leaf each of sixteen rows is in: the lowest bit that is left.
MAGPIE_INLINE void magpie_trees_add_leaves(const magpie_lanes *alive, const float *leaves, float *margins) {
  // The place of a lone bit is the exponent of its value as a float. Bit 31 is negative, which the mask takes away.
  magpie_lanes lowest = *alive & -*alive;
  magpie_lanes places = ((magpie_lanes)__builtin_convertvector(lowest, magpie_floats) >> 23 & 0xff) - 127;
  for (int lane = 0; lane < magpie_lanes_count; lane++) margins[lane] += leaves[places[lane]];
}

/// Adds to the margins of `blocks` blocks of sixteen rows what all trees say.
typedef void magpie_trees_part(const magpie_trees *trees, const float *columns, size_t blocks, float *margins);

MAGPIE_INLINE void magpie_trees_chunk_of(const magpie_trees *trees, const float *columns, size_t blocks,
                                         float *margins) {
  for (size_t tree = 0; tree < trees->count; tree++) {
    const magpie_tree_node *first = trees->nodes + trees->ranges[2 * tree];
    const magpie_tree_node *middle = trees->nodes + trees->ranges[2 * tree + 1];
    const magpie_tree_node *last = trees->nodes + trees->ranges[2 * tree + 2];
    for (size_t block = 0; block < blocks; block++) {
      const float *values = columns + block * magpie_lanes_count;
      magpie_lanes alive = {0};
      alive -= 1;
      for (const magpie_tree_node *node = first; node < middle; node++) {
        magpie_floats value;
        __builtin_memcpy(&value, values + (size_t)node->feature * magpie_trees_chunk, sizeof value);
        magpie_lanes goes_right = value >= node->threshold;
        alive &= ~(goes_right & (int32_t)node->left_leaves);
      }
      for (const magpie_tree_node *node = middle; node < last; node++) {
        magpie_floats value;
        __builtin_memcpy(&value, values + (size_t)node->feature * magpie_trees_chunk, sizeof value);
        magpie_lanes goes_left = value < node->threshold;
        alive &= ~(~goes_left & (int32_t)node->left_leaves);
      }
      magpie_trees_add_leaves(&alive, trees->leaves + tree * magpie_tree_leaves, margins + block * magpie_lanes_count);
    }
  }
}

MAGPIE_INLINE void magpie_trees_evaluate_all(const magpie_trees *trees, const float *rows, size_t count,
                                             float *margins, magpie_trees_part *part) {
  float columns[magpie_tree_features * magpie_trees_chunk] __attribute__((aligned(64)));
  float sums[magpie_trees_chunk] __attribute__((aligned(64)));
  for (size_t begun = 0; begun < count; begun += magpie_trees_chunk) {
    size_t here = count - begun < magpie_trees_chunk ? count - begun : magpie_trees_chunk;
    size_t blocks = (here + 2 * magpie_lanes_count - 1) / (2 * magpie_lanes_count) * 2;
    for (size_t row = 0; row < blocks * magpie_lanes_count; row++) {
      // Lanes beyond the last row do as it does.
      const float *from = rows + (begun + (row < here ? row : here - 1)) * trees->features;
      for (size_t feature = 0; feature < trees->features; feature++) {
        columns[feature * magpie_trees_chunk + row] = from[feature];
      }
      sums[row] = trees->base;
    }
    part(trees, columns, blocks, sums);
    __builtin_memcpy(margins + begun, sums, here * sizeof(float));
  }
}
