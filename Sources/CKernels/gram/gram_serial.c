#include "kernels.h"

size_t magpie_padded_width(size_t width) {
  return (width + magpie_width_step - 1) / magpie_width_step * magpie_width_step;
}

void magpie_gram_add_serial(float *matrix, size_t width, const float *rows, const uint32_t *index,
                            const float *weights, size_t count) {
  size_t padded = magpie_padded_width(width);
  for (size_t n = 0; n < count; n++) {
    const float *row = rows + (index ? (size_t)index[n] : n) * width;
    for (size_t i = 0; i < width; i++) {
      float scaled = weights[n] * row[i];
      for (size_t j = i; j < width; j++) matrix[i * padded + j] += scaled * row[j];
    }
  }
}
