// AVX2 and FMA. Left-looking by panels of 8 rows of U: a panel first takes everything above it, tile by tile in
// registers (6 loads and 8 FMAs for 64 products, no stores in between), then its 8 x 8 corner is factored, then
// the rest of the panel is solved against the corner. Row k of U is contiguous, so every load is too.
#include <float.h>
#include <math.h>

#include "../dot/dot_avx2.h"
#include "kernels.h"

#if defined(__x86_64__)
enum { panel = 8 };

/// A[i ..< i+4][j ..< j+16] -= Σ over p < above of U[p][i ..< i+4]ᵀ U[p][j ..< j+16].
MAGPIE_AVX2 static inline void tile_subtract(float *matrix, size_t padded, size_t above, size_t i, size_t j) {
  __m256 low[4], high[4];
  float *corner = matrix + i * padded + j;
  for (int r = 0; r < 4; r++) {
    low[r] = _mm256_loadu_ps(corner + r * padded);
    high[r] = _mm256_loadu_ps(corner + r * padded + 8);
  }
  for (size_t p = 0; p < above; p++) {
    const float *row = matrix + p * padded;
    __m256 left = _mm256_loadu_ps(row + j), right = _mm256_loadu_ps(row + j + 8);
    for (int r = 0; r < 4; r++) {
      __m256 factor = _mm256_broadcast_ss(row + i + r);
      low[r] = _mm256_fnmadd_ps(factor, left, low[r]);
      high[r] = _mm256_fnmadd_ps(factor, right, high[r]);
    }
  }
  for (int r = 0; r < 4; r++) {
    _mm256_storeu_ps(corner + r * padded, low[r]);
    _mm256_storeu_ps(corner + r * padded + 8, high[r]);
  }
}

/// Factors the 8 x 8 corner at (k, k), whose earlier rows are already subtracted; reciprocals on the diagonal.
MAGPIE_AVX2 static inline bool corner_factor(float *corner, size_t padded) {
  for (int k = 0; k < panel; k++) {
    float *row = corner + k * padded;
    float pivot = row[k];
    if (!(pivot > 0 && pivot <= FLT_MAX)) return false;
    float reciprocal = 1 / sqrtf(pivot);
    __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(row), _mm256_set1_ps(reciprocal));
    // Lanes left of the diagonal belong to nobody; they take part so that there is no branch.
    _mm256_storeu_ps(row, scaled);
    row[k] = reciprocal;
    for (int r = k + 1; r < panel; r++) {
      float *below = corner + r * padded;
      __m256 factor = _mm256_broadcast_ss(row + r);
      _mm256_storeu_ps(below, _mm256_fnmadd_ps(factor, scaled, _mm256_loadu_ps(below)));
    }
  }
  return true;
}

/// Solves 8 columns of the panel from column `offset` on against the factored corner.
MAGPIE_AVX2 static inline void panel_solve(float *corner, size_t padded, size_t offset) {
  __m256 row[panel];
  for (int k = 0; k < panel; k++) row[k] = _mm256_loadu_ps(corner + k * padded + offset);
  for (int k = 0; k < panel; k++) {
    row[k] = _mm256_mul_ps(row[k], _mm256_broadcast_ss(corner + k * padded + k));
    _mm256_storeu_ps(corner + k * padded + offset, row[k]);
    for (int r = k + 1; r < panel; r++) {
      row[r] = _mm256_fnmadd_ps(_mm256_broadcast_ss(corner + k * padded + r), row[k], row[r]);
    }
  }
}

MAGPIE_AVX2 bool magpie_cholesky_factor_avx2(float *matrix, size_t padded) {
  for (size_t k = 0; k < padded; k += panel) {
    // From the 16-column boundary at or before k: what lies left of k is below the diagonal, never read as data.
    for (size_t j = k / 16 * 16; k > 0 && j < padded; j += 16) {
      tile_subtract(matrix, padded, k, k, j);
      tile_subtract(matrix, padded, k, k + 4, j);
    }
    float *corner = matrix + k * padded + k;
    if (!corner_factor(corner, padded)) return false;
    for (size_t offset = panel; k + offset < padded; offset += 8) panel_solve(corner, padded, offset);
  }
  return true;
}

MAGPIE_AVX2 void magpie_cholesky_solve_avx2(const float *factor, size_t padded, float *x) {
  // Uᵀ y = x: eight rows are solved among themselves, then taken from the rest in one pass.
  for (size_t k = 0; k < padded; k += panel) {
    const float *corner = factor + k * padded + k;
    __m256 value[panel];
    for (int r = 0; r < panel; r++) {
      float solved = x[k + r] * corner[r * padded + r];
      x[k + r] = solved;
      value[r] = _mm256_set1_ps(solved);
      for (int c = r + 1; c < panel; c++) x[k + c] -= solved * corner[r * padded + c];
    }
    for (size_t j = panel; k + j < padded; j += 8) {
      __m256 sum = _mm256_loadu_ps(x + k + j);
      for (int r = 0; r < panel; r++) {
        sum = _mm256_fnmadd_ps(value[r], _mm256_loadu_ps(corner + r * padded + j), sum);
      }
      _mm256_storeu_ps(x + k + j, sum);
    }
  }
  // U x = y, from the last panel up: eight dot products at once over what is known, then the corner.
  for (size_t k = padded; k > 0;) {
    k -= panel;
    const float *corner = factor + k * padded + k;
    __m256 sum[panel];
    for (int r = 0; r < panel; r++) sum[r] = _mm256_setzero_ps();
    for (size_t j = panel; k + j < padded; j += 8) {
      __m256 known = _mm256_loadu_ps(x + k + j);
      for (int r = 0; r < panel; r++) {
        sum[r] = _mm256_fmadd_ps(_mm256_loadu_ps(corner + r * padded + j), known, sum[r]);
      }
    }
    for (int r = panel - 1; r >= 0; r--) {
      float rest = x[k + r] - magpie_fold(sum[r], _mm256_setzero_ps());
      for (int c = r + 1; c < panel; c++) rest -= corner[r * padded + c] * x[k + c];
      x[k + r] = rest * corner[r * padded + r];
    }
  }
}
#else
bool magpie_cholesky_factor_avx2(float *matrix, size_t padded) {
  return magpie_cholesky_factor_serial(matrix, padded);
}
void magpie_cholesky_solve_avx2(const float *factor, size_t padded, float *x) {
  magpie_cholesky_solve_serial(factor, padded, x);
}
#endif
