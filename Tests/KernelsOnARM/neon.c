// The NEON kernels against the serial ones, for script/test-arm. Prints what differs; the exit status is 1 if anything
// does. Bounds are those of kernels.h: (n + 4) 2^-24 times the sum of |terms| for each side.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

static uint64_t state = 1;
static int failures = 0;

/// SplitMix64, as floats in −1 ... 1.
static float next(void) {
  uint64_t z = state += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return (float)((z ^ (z >> 31)) >> 40) / (1 << 23) - 1;
}

static float *floats(size_t count) {
  float *made = malloc(sizeof(float) * (count + 1));
  for (size_t i = 0; i < count; i++) made[i] = next();
  return made;
}

static void expect(bool holds, const char *what, size_t width, size_t count) {
  if (holds) return;
  printf("%s differs at width %zu, count %zu\n", what, width, count);
  failures++;
}

static double bound(const float *a, const float *b, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += fabs((double)a[i] * b[i]);
  return 2 * (double)(count + 4) * 0x1p-24 * sum;
}

static void check_sums(size_t width) {
  enum { rows = 23, taken = 9 };
  float *table = floats(rows * width), *x = floats(width), *y = floats(width), *z = floats(width);
  float weights[taken], serial[rows], neon[rows];
  uint32_t index[taken];
  for (size_t n = 0; n < taken; n++) {
    weights[n] = fabsf(next());
    index[n] = (uint32_t)((n * 7 + 3) % rows);
  }
  magpie_score_rows_serial(table, rows, width, x, serial);
  magpie_score_rows_neon(table, rows, width, x, neon);
  for (size_t r = 0; r < rows; r++) {
    expect(fabs((double)serial[r] - neon[r]) <= bound(table + r * width, x, width), "score", width, r);
    expect(neon[r] == magpie_dot_neon(table + r * width, x, width), "dot and score", width, r);
  }
  magpie_score_gathered_neon(table, width, index, taken, x, serial);
  for (size_t n = 0; n < taken; n++) expect(serial[n] == neon[index[n]], "gathered score", width, n);

  memcpy(z, y, sizeof(float) * width);
  magpie_add_scaled_serial(0.37f, x, y, width);
  magpie_add_scaled_neon(0.37f, x, z, width);
  for (size_t i = 0; i < width; i++) expect(fabsf(y[i] - z[i]) <= 0x1p-22f, "add_scaled", width, i);

  memcpy(z, y, sizeof(float) * width);
  magpie_gradient_add_serial(table, width, index, weights, taken, 1, x, y);
  magpie_gradient_add_neon(table, width, index, weights, taken, 1, x, z);
  double size = (double)(width + 1) * taken;
  for (size_t i = 0; i < width; i++) {
    expect(fabs((double)y[i] - z[i]) <= 2 * (double)(width + taken + 8) * 0x1p-24 * size, "gradient", width, i);
  }
  free(table), free(x), free(y), free(z);
}

static void check_selection(size_t count, size_t capacity) {
  float *scores = floats(count), kept[2][64];
  uint32_t rows[2][64];
  for (size_t i = 0; i < count; i += 3) scores[i] = scores[i / 2];
  for (size_t i = 5; i < count; i += 50) scores[i] = NAN;
  magpie_selection serial = {kept[0], rows[0], capacity, 0}, neon = {kept[1], rows[1], capacity, 0};
  magpie_select_serial(&serial, scores, count, 10);
  magpie_select_neon(&neon, scores, count, 10);
  magpie_select_finish(&serial);
  magpie_select_finish(&neon);
  bool same = serial.count == neon.count;
  for (size_t i = 0; same && i < serial.count; i++) same = rows[0][i] == rows[1][i] && kept[0][i] == kept[1][i];
  expect(same, "selection", capacity, count);
  free(scores);
}

static void check_best(size_t count, size_t keep) {
  float *scores = floats(count + 1), kept[2][64];
  uint32_t rows[256], taken[2][64];
  for (size_t i = 0; i < count; i++) {
    rows[i] = (uint32_t)(count - i);
    if (i % 5 == 0) scores[i] = roundf(scores[i]);
  }
  size_t found[2] = {magpie_best_serial(scores, rows, count, keep, taken[0], kept[0]),
                     magpie_best_neon(scores, rows, count, keep, taken[1], kept[1])};
  bool same = found[0] == found[1];
  for (size_t i = 0; same && i < found[0]; i++) same = taken[0][i] == taken[1][i] && kept[0][i] == kept[1][i];
  expect(same, "best", keep, count);
  free(scores);
}

static void check_scan(size_t rows, size_t width) {
  size_t groups = (width + 3) / 4, blocks = (rows + 15) / 16;
  uint8_t *bytes = malloc(blocks * 64 * groups);
  float *scales = floats(blocks * 16), *uppers[2], *lowers[2], threshold[2];
  uint32_t *found[2];
  uint16_t *allowed = malloc(2 * blocks);
  int8_t *probe = calloc(4 * groups, 1);
  int32_t offset = 0;
  for (size_t i = 0; i < blocks * 64 * groups; i++) bytes[i] = (uint8_t)(128 + (int)(127 * next()));
  for (size_t i = 0; i < blocks * 16; i++) scales[i] = i < rows ? fabsf(scales[i]) : 0;
  for (size_t i = 0; i < blocks; i++) allowed[i] = (uint16_t)(int)(32768 * (next() + 1));
  for (size_t i = 0; i < width; i++) offset += 128 * (probe[i] = (int8_t)(127 * next()));
  size_t count[2];
  magpie_codes codes = {bytes, scales, NULL, rows, groups};
  magpie_probe sought = {probe, offset, 0.01f, 5};
  for (int set = 0; set < 2; set++) {
    uppers[set] = malloc(sizeof(float) * (rows + 16));
    lowers[set] = malloc(sizeof(float) * (rows + 16));
    found[set] = malloc(sizeof(uint32_t) * (rows + 16));
    magpie_sieve sieve = {.rows = found[set], .uppers = uppers[set], .lowers = lowers[set]};
    magpie_sieve_start(&sieve, 16);
    (set ? magpie_scan_neon : magpie_scan_serial)(&codes, 0, blocks, &sought, rows % 2 ? allowed : NULL, &sieve);
    (set ? magpie_sieve_settle_neon : magpie_sieve_settle_serial)(&sieve);
    count[set] = sieve.count;
    threshold[set] = sieve.threshold;
  }
  // The sums are integers, so only the last multiplication and addition can round differently.
  bool same = count[0] == count[1] && (threshold[0] == threshold[1] || fabsf(threshold[0] - threshold[1]) < 1e-2f);
  for (size_t i = 0; same && i < count[0]; i++) {
    same = found[0][i] == found[1][i] && fabsf(uppers[0][i] - uppers[1][i]) <= 0x1p-20f * fabsf(uppers[0][i]) + 1e-5f;
  }
  expect(same, "scan", width, rows);
  for (int set = 0; set < 2; set++) free(uppers[set]), free(lowers[set]), free(found[set]);
  free(bytes), free(scales), free(allowed), free(probe);
}

int main(void) {
  if (magpie_instructions_chosen() != magpie_instructions_neon) {
    printf("the NEON kernels were not chosen\n");
    return 1;
  }
  for (size_t width = 1; width <= 140; width++) check_sums(width);
  for (size_t count = 0; count <= 200; count += 7) {
    for (size_t capacity = 1; capacity <= 60; capacity += 13) {
      check_selection(count, capacity);
      check_best(count, capacity);
    }
  }
  for (size_t rows = 1; rows <= 400; rows += 13) {
    for (size_t width = 1; width <= 130; width += 9) check_scan(rows, width);
  }
  printf("%d differences\n", failures);
  return failures > 0;
}
