#include "../dot/dot_avx512.h"
#include "trees.h"

#if defined(__x86_64__)
/// Two blocks at a time share what is read of a question.
typedef struct {
  __m512i first, second;
} magpie_alive;

MAGPIE_AVX512 static inline __m512i magpie_keep(__m512i alive, __mmask16 goes_right, __m512i right_leaves) {
  return _mm512_mask_and_epi32(alive, goes_right, alive, right_leaves);
}

/// Adds the leaf of the lowest bit: its place is the exponent of that bit's value as a float.
MAGPIE_AVX512 static inline void magpie_add_leaves(__m512i alive, __m512 low, __m512 high, float *margins) {
  __m512i lowest = _mm512_and_si512(alive, _mm512_sub_epi32(_mm512_setzero_si512(), alive));
  __m512i exponent = _mm512_srli_epi32(_mm512_castps_si512(_mm512_cvtepu32_ps(lowest)), 23);
  __m512i place = _mm512_sub_epi32(exponent, _mm512_set1_epi32(127));
  __m512 leaf = _mm512_permutex2var_ps(low, place, high);
  _mm512_storeu_ps(margins, _mm512_add_ps(_mm512_loadu_ps(margins), leaf));
}

MAGPIE_AVX512 static inline void magpie_trees_pairs(const magpie_trees *trees, const float *columns, size_t blocks,
                                                    float *margins) {
  for (size_t tree = 0; tree < trees->count; tree++) {
    const magpie_tree_node *first = trees->nodes + trees->ranges[2 * tree];
    const magpie_tree_node *middle = trees->nodes + trees->ranges[2 * tree + 1];
    const magpie_tree_node *last = trees->nodes + trees->ranges[2 * tree + 2];
    const float *leaves = trees->leaves + tree * magpie_tree_leaves;
    __m512 low = _mm512_loadu_ps(leaves), high = _mm512_loadu_ps(leaves + magpie_lanes_count);
    for (size_t block = 0; block < blocks; block += 2) {
      const float *values = columns + block * magpie_lanes_count;
      magpie_alive alive = {_mm512_set1_epi32(-1), _mm512_set1_epi32(-1)};
      for (const magpie_tree_node *node = first; node < last; node++) {
        __m512 threshold = _mm512_set1_ps(node->threshold);
        __m512i right_leaves = _mm512_set1_epi32((int)~node->left_leaves);
        const float *value = values + (size_t)node->feature * magpie_trees_chunk;
        __m512 one = _mm512_loadu_ps(value), other = _mm512_loadu_ps(value + magpie_lanes_count);
        if (node < middle) {
          alive.first = magpie_keep(alive.first, _mm512_cmp_ps_mask(one, threshold, _CMP_GE_OQ), right_leaves);
          alive.second = magpie_keep(alive.second, _mm512_cmp_ps_mask(other, threshold, _CMP_GE_OQ), right_leaves);
        } else {
          alive.first = magpie_keep(alive.first, _mm512_cmp_ps_mask(one, threshold, _CMP_NLT_UQ), right_leaves);
          alive.second = magpie_keep(alive.second, _mm512_cmp_ps_mask(other, threshold, _CMP_NLT_UQ), right_leaves);
        }
      }
      magpie_add_leaves(alive.first, low, high, margins + block * magpie_lanes_count);
      magpie_add_leaves(alive.second, low, high, margins + (block + 1) * magpie_lanes_count);
    }
  }
}

MAGPIE_AVX512 void magpie_trees_evaluate_avx512(const magpie_trees *trees, const float *rows, size_t count,
                                                float *margins) {
  magpie_trees_evaluate_all(trees, rows, count, margins, magpie_trees_pairs);
}
#else
void magpie_trees_evaluate_avx512(const magpie_trees *trees, const float *rows, size_t count, float *margins) {
  magpie_trees_evaluate_serial(trees, rows, count, margins);
}
#endif
