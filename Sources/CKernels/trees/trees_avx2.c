#include "trees.h"

#if defined(__x86_64__)
__attribute__((target("avx2"))) void magpie_trees_evaluate_avx2(const magpie_trees *trees, const float *rows,
                                                                size_t count, float *margins) {
  magpie_trees_evaluate_all(trees, rows, count, margins, magpie_trees_chunk_of);
}
#else
void magpie_trees_evaluate_avx2(const magpie_trees *trees, const float *rows, size_t count, float *margins) {
  magpie_trees_evaluate_serial(trees, rows, count, margins);
}
#endif
