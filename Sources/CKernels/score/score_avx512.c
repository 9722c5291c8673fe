// AVX-512. Four rows at once share the loads of the vector: 10 loads and 8 FMAs for 128 products. Whole tables
// stream, which the hardware prefetcher follows; gathered rows are asked for a group ahead.
#include "../dot/dot_avx512.h"
#include "kernels.h"

#if defined(__x86_64__)
/// The four scores of four rows, each summed exactly as magpie_dot_avx512 does.
MAGPIE_AVX512 static inline void score_four(const float *const row[4], size_t width, const float *vector,
                                            float *scores) {
  __m512 even[4], odd[4];
  for (int r = 0; r < 4; r++) even[r] = odd[r] = _mm512_setzero_ps();
  size_t i = 0;
  for (; i + 32 <= width; i += 32) {
    __m512 low = _mm512_loadu_ps(vector + i), high = _mm512_loadu_ps(vector + i + 16);
    for (int r = 0; r < 4; r++) {
      even[r] = _mm512_fmadd_ps(_mm512_loadu_ps(row[r] + i), low, even[r]);
      odd[r] = _mm512_fmadd_ps(_mm512_loadu_ps(row[r] + i + 16), high, odd[r]);
    }
  }
  if (i + 16 <= width) {
    __m512 low = _mm512_loadu_ps(vector + i);
    for (int r = 0; r < 4; r++) even[r] = _mm512_fmadd_ps(_mm512_loadu_ps(row[r] + i), low, even[r]);
    i += 16;
  }
  if (i < width) {
    __mmask16 lanes = magpie_rest_lanes(width - i);
    __m512 rest = magpie_load_rest(vector + i, lanes);
    for (int r = 0; r < 4; r++) odd[r] = _mm512_fmadd_ps(magpie_load_rest(row[r] + i, lanes), rest, odd[r]);
  }
  for (int r = 0; r < 4; r++) even[r] = _mm512_add_ps(even[r], odd[r]);
  _mm_storeu_ps(scores, magpie_fold_four(even[0], even[1], even[2], even[3]));
}

/// How far ahead of the rows that are scored memory is asked for, where a table is read from end to end: what the hardware
/// asks for on its own covers half of the bandwidth of the last cache and of memory. Asking beyond the end is harmless.
enum { ahead = 16384 };

/// The same for four rows one after the other in memory, read from the first byte to the last: four streams side by side
/// are more than the hardware prefetcher follows at full speed.
__attribute__((always_inline)) MAGPIE_AVX512 static inline void score_next_four(const float *rows, size_t width,
                                                                                const float *vector, float *scores) {
  __m512 sum[4];
  for (int r = 0; r < 4; r++, rows += width) {
    __m512 even = _mm512_setzero_ps(), odd = even;
    size_t i = 0;
    for (; i + 32 <= width; i += 32) {
      _mm_prefetch((const char *)(rows + i) + ahead, _MM_HINT_T0);
      _mm_prefetch((const char *)(rows + i) + ahead + 64, _MM_HINT_T0);
      even = _mm512_fmadd_ps(_mm512_loadu_ps(rows + i), _mm512_loadu_ps(vector + i), even);
      odd = _mm512_fmadd_ps(_mm512_loadu_ps(rows + i + 16), _mm512_loadu_ps(vector + i + 16), odd);
    }
    if (i + 16 <= width) {
      even = _mm512_fmadd_ps(_mm512_loadu_ps(rows + i), _mm512_loadu_ps(vector + i), even);
      i += 16;
    }
    if (i < width) {
      __mmask16 lanes = magpie_rest_lanes(width - i);
      odd = _mm512_fmadd_ps(magpie_load_rest(rows + i, lanes), magpie_load_rest(vector + i, lanes), odd);
    }
    sum[r] = _mm512_add_ps(even, odd);
  }
  _mm_storeu_ps(scores, magpie_fold_four(sum[0], sum[1], sum[2], sum[3]));
}

MAGPIE_AVX512 void magpie_score_rows_avx512(const float *rows, size_t count, size_t width, const float *vector,
                                            float *scores) {
  size_t i = 0;
  if (width == 64) {
    for (; i + 4 <= count; i += 4) score_next_four(rows + i * 64, 64, vector, scores + i);
  } else {
    for (; i + 4 <= count; i += 4) score_next_four(rows + i * width, width, vector, scores + i);
  }
  for (; i < count; i++) scores[i] = magpie_dot_avx512(rows + i * width, vector, width);
}

MAGPIE_AVX512 void magpie_score_gathered_avx512(const float *rows, size_t width, const uint32_t *index,
                                                size_t count, const float *vector, float *scores) {
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
  for (; i < count; i++) scores[i] = magpie_dot_avx512(rows + (size_t)index[i] * width, vector, width);
}
#else
void magpie_score_rows_avx512(const float *rows, size_t count, size_t width, const float *vector, float *scores) {
  magpie_score_rows_serial(rows, count, width, vector, scores);
}
void magpie_score_gathered_avx512(const float *rows, size_t width, const uint32_t *index, size_t count,
                                  const float *vector, float *scores) {
  magpie_score_gathered_serial(rows, width, index, count, vector, scores);
}
#endif
