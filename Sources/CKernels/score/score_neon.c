// NEON. A row at a time: its four accumulators are independent chains already.
#include "../dot/dot_neon.h"
#include "kernels.h"

void magpie_score_rows_neon(const float *rows, size_t count, size_t width, const float *vector, float *scores) {
  for (size_t i = 0; i < count; i++) scores[i] = magpie_dot_neon(rows + i * width, vector, width);
}

void magpie_score_gathered_neon(const float *rows, size_t width, const uint32_t *index, size_t count,
                                const float *vector, float *scores) {
  for (size_t i = 0; i < count; i++) {
    // Rows are anywhere: ask for one some rows ahead.
    if (i + 4 < count) __builtin_prefetch(rows + (size_t)index[i + 4] * width);
    scores[i] = magpie_dot_neon(rows + (size_t)index[i] * width, vector, width);
  }
}
