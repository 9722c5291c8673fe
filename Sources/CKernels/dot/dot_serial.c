#include "kernels.h"

float magpie_dot_serial(const float *a, const float *b, size_t count) {
  float sum = 0;
  for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

void magpie_add_scaled_serial(float scale, const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += scale * x[i];
}
