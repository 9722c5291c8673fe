#include "best.h"

void magpie_select_serial(magpie_selection *selection, const float *scores, size_t count, uint32_t first) {
  if (selection->capacity == 0) return;
  // Indices ascend, so an equal score later on is worse than the root: a strict comparison is the whole rule.
  for (size_t i = magpie_fill(selection, scores, count, first); i < count; i++) {
    if (scores[i] > selection->scores[0]) {
      magpie_sink(selection, 0, selection->count, scores[i], first + (uint32_t)i);
    }
  }
}

void magpie_select_finish(magpie_selection *selection) {
  for (size_t end = selection->count; end > 1; end--) {
    float score = selection->scores[end - 1];
    uint32_t index = selection->indices[end - 1];
    selection->scores[end - 1] = selection->scores[0];
    selection->indices[end - 1] = selection->indices[0];
    magpie_sink(selection, 0, end - 1, score, index);
  }
}

size_t magpie_best_serial(const float *scores, const uint32_t *rows, size_t count, size_t keep,
                          uint32_t *kept_rows, float *kept_scores) {
  return magpie_best_of(scores, rows, count, keep, kept_rows, kept_scores);
}
