// AVX2 and FMA. Eight rows at a time are packed, once as they are and once scaled by their weight; then every
// tile of 4 x 16 of the upper triangle takes all eight in registers: 6 loads and 8 FMAs for 64 products, and the
// matrix itself is read and written once for eight rows.
#include "../dot/dot_avx2.h"
#include "kernels.h"

#if defined(__x86_64__)
enum { batch = 8 };

MAGPIE_AVX2 static inline void tile_add(float *matrix, size_t padded, const float *plain, const float *scaled,
                                        size_t count, size_t i, size_t j) {
  __m256 low[4], high[4];
  float *corner = matrix + i * padded + j;
  for (int r = 0; r < 4; r++) {
    low[r] = _mm256_loadu_ps(corner + r * padded);
    high[r] = _mm256_loadu_ps(corner + r * padded + 8);
  }
  for (size_t n = 0; n < count; n++) {
    __m256 left = _mm256_loadu_ps(plain + n * padded + j), right = _mm256_loadu_ps(plain + n * padded + j + 8);
    for (int r = 0; r < 4; r++) {
      __m256 factor = _mm256_broadcast_ss(scaled + n * padded + i + r);
      low[r] = _mm256_fmadd_ps(factor, left, low[r]);
      high[r] = _mm256_fmadd_ps(factor, right, high[r]);
    }
  }
  for (int r = 0; r < 4; r++) {
    _mm256_storeu_ps(corner + r * padded, low[r]);
    _mm256_storeu_ps(corner + r * padded + 8, high[r]);
  }
}

MAGPIE_AVX2 void magpie_gram_add_avx2(float *matrix, size_t width, const float *rows, const uint32_t *index,
                                      const float *weights, size_t count) {
  _Alignas(32) float plain[batch * magpie_width_max], scaled[batch * magpie_width_max];
  size_t padded = magpie_padded_width(width);
  for (size_t done = 0; done < count; done += batch) {
    size_t taken = count - done < batch ? count - done : batch;
    for (size_t n = 0; n < taken; n++) {
      const float *row = rows + (index ? (size_t)index[done + n] : done + n) * width;
      float weight = weights[done + n];
      for (size_t i = 0; i < width; i++) {
        plain[n * padded + i] = row[i];
        scaled[n * padded + i] = weight * row[i];
      }
      for (size_t i = width; i < padded; i++) plain[n * padded + i] = scaled[n * padded + i] = 0;
    }
    for (size_t i = 0; i < padded; i += 4) {
      // The tile that holds the diagonal also writes a little below it, which nobody reads.
      for (size_t j = i / 16 * 16; j < padded; j += 16) tile_add(matrix, padded, plain, scaled, taken, i, j);
    }
  }
}
#else
void magpie_gram_add_avx2(float *matrix, size_t width, const float *rows, const uint32_t *index,
                          const float *weights, size_t count) {
  magpie_gram_add_serial(matrix, width, rows, index, weights, count);
}
#endif
