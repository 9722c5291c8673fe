#include <float.h>
#include <math.h>

#include "kernels.h"

bool magpie_cholesky_factor_serial(float *matrix, size_t padded) {
  for (size_t k = 0; k < padded; k++) {
    float *row = matrix + k * padded;
    for (size_t p = 0; p < k; p++) {
      const float *above = matrix + p * padded;
      float factor = above[k];
      for (size_t j = k; j < padded; j++) row[j] -= factor * above[j];
    }
    float pivot = row[k];
    if (!(pivot > 0 && pivot <= FLT_MAX)) return false;
    float reciprocal = 1 / sqrtf(pivot);
    for (size_t j = k + 1; j < padded; j++) row[j] *= reciprocal;
    row[k] = reciprocal;
  }
  return true;
}

void magpie_cholesky_solve_serial(const float *factor, size_t padded, float *x) {
  for (size_t k = 0; k < padded; k++) {
    const float *row = factor + k * padded;
    x[k] *= row[k];
    for (size_t j = k + 1; j < padded; j++) x[j] -= x[k] * row[j];
  }
  for (size_t k = padded; k-- > 0;) {
    const float *row = factor + k * padded;
    float sum = x[k];
    for (size_t j = k + 1; j < padded; j++) sum -= row[j] * x[j];
    x[k] = sum * row[k];
  }
}
