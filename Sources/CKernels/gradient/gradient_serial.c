#include "kernels.h"

void magpie_gradient_add_serial(const float *rows, size_t width, const uint32_t *index, const float *weights,
                                size_t count, float target, const float *x, float *y) {
  for (size_t n = 0; n < count; n++) {
    const float *row = rows + (size_t)index[n] * width;
    magpie_add_scaled_serial(weights[n] * (target - magpie_dot_serial(row, x, width)), row, y, width);
  }
}
