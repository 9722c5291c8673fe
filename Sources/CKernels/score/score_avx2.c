// AVX2 and FMA. Four rows at once share the loads of the vector: 10 loads and 8 FMAs for 64 products. Whole
// tables stream, which the hardware prefetcher follows; gathered rows are asked for a group ahead.
#include "../dot/dot_avx2.h"
#include "kernels.h"

#if defined(__x86_64__)
/// The four scores of four rows, each summed exactly as magpie_dot_avx2 does.
MAGPIE_AVX2 static inline void score_four(const float *const row[4], size_t width, const float *vector,
                                          float *scores) {
  __m256 even[4], odd[4];
  for (int r = 0; r < 4; r++) even[r] = odd[r] = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 16 <= width; i += 16) {
    __m256 low = _mm256_loadu_ps(vector + i), high = _mm256_loadu_ps(vector + i + 8);
    for (int r = 0; r < 4; r++) {
      even[r] = _mm256_fmadd_ps(_mm256_loadu_ps(row[r] + i), low, even[r]);
      odd[r] = _mm256_fmadd_ps(_mm256_loadu_ps(row[r] + i + 8), high, odd[r]);
    }
  }
  if (i + 8 <= width) {
    __m256 low = _mm256_loadu_ps(vector + i);
    for (int r = 0; r < 4; r++) even[r] = _mm256_fmadd_ps(_mm256_loadu_ps(row[r] + i), low, even[r]);
    i += 8;
  }
  if (i < width) {
    __m256i mask = magpie_rest_mask(width - i);
    __m256 rest = _mm256_maskload_ps(vector + i, mask);
    for (int r = 0; r < 4; r++) odd[r] = _mm256_fmadd_ps(_mm256_maskload_ps(row[r] + i, mask), rest, odd[r]);
  }
  for (int r = 0; r < 4; r++) scores[r] = magpie_fold(even[r], odd[r]);
}

MAGPIE_AVX2 void magpie_score_rows_avx2(const float *rows, size_t count, size_t width, const float *vector,
                                        float *scores) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const float *first = rows + i * width;
    const float *const row[4] = {first, first + width, first + 2 * width, first + 3 * width};
    score_four(row, width, vector, scores + i);
  }
  for (; i < count; i++) scores[i] = magpie_dot_avx2(rows + i * width, vector, width);
}

MAGPIE_AVX2 void magpie_score_gathered_avx2(const float *rows, size_t width, const uint32_t *index, size_t count,
                                            const float *vector, float *scores) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const float *row[4];
    for (int r = 0; r < 4; r++) row[r] = rows + (size_t)index[i + r] * width;
    for (size_t next = i + 4; next < i + 8 && next < count; next++) {
      const char *ahead = (const char *)(rows + (size_t)index[next] * width);
      // The first four lines of a row; the hardware follows from there.
      for (size_t line = 0; line < 4 && line * 64 < width * sizeof(float); line++) {
        _mm_prefetch(ahead + line * 64, _MM_HINT_T0);
      }
    }
    score_four(row, width, vector, scores + i);
  }
  for (; i < count; i++) scores[i] = magpie_dot_avx2(rows + (size_t)index[i] * width, vector, width);
}
#else
void magpie_score_rows_avx2(const float *rows, size_t count, size_t width, const float *vector, float *scores) {
  magpie_score_rows_serial(rows, count, width, vector, scores);
}
void magpie_score_gathered_avx2(const float *rows, size_t width, const uint32_t *index, size_t count,
                                const float *vector, float *scores) {
  magpie_score_gathered_serial(rows, width, index, count, vector, scores);
}
#endif
