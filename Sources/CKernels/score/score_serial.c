#include "kernels.h"

void magpie_score_rows_serial(const float *rows, size_t count, size_t width, const float *vector, float *scores) {
  for (size_t i = 0; i < count; i++) scores[i] = magpie_dot_serial(rows + i * width, vector, width);
}

void magpie_score_gathered_serial(const float *rows, size_t width, const uint32_t *index, size_t count,
                                  const float *vector, float *scores) {
  for (size_t i = 0; i < count; i++) {
    scores[i] = magpie_dot_serial(rows + (size_t)index[i] * width, vector, width);
  }
}
