#include "trees.h"

void magpie_trees_evaluate_serial(const magpie_trees *trees, const float *rows, size_t count, float *margins) {
  magpie_trees_evaluate_all(trees, rows, count, margins, magpie_trees_chunk_of);
}
