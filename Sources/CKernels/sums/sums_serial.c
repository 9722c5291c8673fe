// Scattered adding has no quicker form in vectors: each sum is one read and one write of its own.
#include "kernels.h"

static inline void magpie_sums_add_row(const magpie_sums *sums, uint32_t row, float value) {
  if (row >= sums->rows) return;
  sums->values[row] += value;
  sums->lines[row / magpie_sums_line] = 1;
}

void magpie_sums_add(const magpie_sums *sums, const uint32_t *rows, const float *scores, size_t count, float weight) {
  for (size_t i = 0; i < count; i++) magpie_sums_add_row(sums, rows[i], weight * scores[i]);
}

enum {
  // Lists asked for ahead: where one begins is needed before the list itself can be.
  lists_ahead = 6,
  offsets_ahead = 16,
  // Cache lines asked for of each list: the machine reads on by itself in what is longer.
  lines_ahead = 6,
  entries_of_line = 16,
};

void magpie_sums_add_lists(const magpie_sums *sums, const uint64_t *offsets, const uint32_t *rows, const float *scores,
                           const uint32_t *lists, const float *weights, size_t count) {
  for (size_t i = 0; i < count && i < offsets_ahead; i++) __builtin_prefetch(offsets + lists[i]);
  for (size_t i = 0; i < count; i++) {
    if (i + offsets_ahead < count) __builtin_prefetch(offsets + lists[i + offsets_ahead]);
    if (i + lists_ahead < count) {
      uint64_t begin = offsets[lists[i + lists_ahead]], end = offsets[lists[i + lists_ahead] + 1];
      for (uint64_t line = 0, at = begin; line < lines_ahead && at < end; line++, at += entries_of_line) {
        __builtin_prefetch(rows + at);
        __builtin_prefetch(scores + at);
      }
    }
    uint64_t begin = offsets[lists[i]], end = offsets[lists[i] + 1];
    magpie_sums_add(sums, rows + begin, scores + begin, end - begin, weights ? weights[i] : 1);
  }
}

void magpie_sums_clear(const magpie_sums *sums) {
  size_t lines = magpie_sums_lines(sums->rows);
  for (size_t line = 0; line < lines; line += 8) {
    uint64_t dirty;
    __builtin_memcpy(&dirty, sums->lines + line, sizeof dirty);
    if (dirty == 0) continue;
    __builtin_memset(sums->lines + line, 0, 8);
    // A byte of it is 0 or 1.
    for (; dirty; dirty &= dirty - 1) {
      size_t at = line + (size_t)__builtin_ctzll(dirty) / 8;
      __builtin_memset(sums->values + at * magpie_sums_line, 0, magpie_sums_line * sizeof(float));
    }
  }
}

size_t magpie_sums_lines(size_t rows) { return ((rows + magpie_sums_line - 1) / magpie_sums_line + 7) / 8 * 8; }

size_t magpie_sums_collect_serial(const magpie_sums *sums, uint32_t *rows, float *values) {
  size_t lines = magpie_sums_lines(sums->rows), count = 0;
  for (size_t eight = 0; eight < lines; eight += 8) {
    uint64_t dirty;
    __builtin_memcpy(&dirty, sums->lines + eight, sizeof dirty);
    if (dirty == 0) continue;
    for (size_t line = eight; line < eight + 8; line++) {
      if (!sums->lines[line]) continue;
      // Without a branch for each: which sums are above zero is not to be foreseen.
      for (size_t row = line * magpie_sums_line; row < (line + 1) * magpie_sums_line; row++) {
        rows[count] = (uint32_t)row;
        values[count] = sums->values[row];
        count += sums->values[row] > 0;
      }
    }
  }
  return count;
}
