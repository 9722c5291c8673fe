// Chosen once, before main, newest first. Callers go through one predictable indirect call; kernels are called for
// whole tables and matrices, so it does not show.
#include "kernels.h"

static struct {
  magpie_instructions instructions;
  float (*dot)(const float *, const float *, size_t);
  void (*add_scaled)(float, const float *, float *, size_t);
  void (*gradient_add)(const float *, size_t, const uint32_t *, const float *, size_t, float, const float *, float *);
  void (*score_rows)(const float *, size_t, size_t, const float *, float *);
  void (*score_gathered)(const float *, size_t, const uint32_t *, size_t, const float *, float *);
  void (*gram_add)(float *, size_t, const float *, const uint32_t *, const float *, size_t);
  bool (*cholesky_factor)(float *, size_t);
  void (*cholesky_solve)(const float *, size_t, float *);
  void (*select)(magpie_selection *, const float *, size_t, uint32_t);
  size_t (*best)(const float *, const uint32_t *, size_t, size_t, uint32_t *, float *);
  void (*scan)(const magpie_codes *, size_t, size_t, const magpie_probe *, const uint16_t *, magpie_sieve *);
  void (*sieve_settle)(magpie_sieve *);
  size_t (*sums_collect)(const magpie_sums *, uint32_t *, float *);
  void (*trees_evaluate)(const magpie_trees *, const float *, size_t, float *);
} chosen = {
    .instructions = magpie_instructions_serial,
    .dot = magpie_dot_serial,
    .add_scaled = magpie_add_scaled_serial,
    .gradient_add = magpie_gradient_add_serial,
    .score_rows = magpie_score_rows_serial,
    .score_gathered = magpie_score_gathered_serial,
    .gram_add = magpie_gram_add_serial,
    .cholesky_factor = magpie_cholesky_factor_serial,
    .cholesky_solve = magpie_cholesky_solve_serial,
    .select = magpie_select_serial,
    .best = magpie_best_serial,
    .scan = magpie_scan_serial,
    .sieve_settle = magpie_sieve_settle_serial,
    .sums_collect = magpie_sums_collect_serial,
    .trees_evaluate = magpie_trees_evaluate_serial,
};

__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    chosen.instructions = magpie_instructions_avx2;
    chosen.dot = magpie_dot_avx2;
    chosen.add_scaled = magpie_add_scaled_avx2;
    chosen.gradient_add = magpie_gradient_add_avx2;
    chosen.score_rows = magpie_score_rows_avx2;
    chosen.score_gathered = magpie_score_gathered_avx2;
    chosen.gram_add = magpie_gram_add_avx2;
    chosen.cholesky_factor = magpie_cholesky_factor_avx2;
    chosen.cholesky_solve = magpie_cholesky_solve_avx2;
    chosen.select = magpie_select_avx2;
    chosen.best = magpie_best_avx2;
    chosen.scan = magpie_scan_avx2;
    chosen.sieve_settle = magpie_sieve_settle_avx2;
    chosen.trees_evaluate = magpie_trees_evaluate_avx2;
    // Those made since 2019 (Ice Lake) and 2022 (Zen 4): older ones lack VNNI, and slow down for wide vectors.
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vnni")) {
      chosen.instructions = magpie_instructions_avx512;
      chosen.dot = magpie_dot_avx512;
      chosen.add_scaled = magpie_add_scaled_avx512;
      chosen.gradient_add = magpie_gradient_add_avx512;
      chosen.score_rows = magpie_score_rows_avx512;
      chosen.score_gathered = magpie_score_gathered_avx512;
      chosen.select = magpie_select_avx512;
      chosen.best = magpie_best_avx512;
      chosen.scan = magpie_scan_avx512;
      chosen.sieve_settle = magpie_sieve_settle_avx512;
      chosen.sums_collect = magpie_sums_collect_avx512;
      chosen.trees_evaluate = magpie_trees_evaluate_avx512;
    }
  }
#elif defined(__aarch64__)
  chosen.instructions = magpie_instructions_neon;
  chosen.dot = magpie_dot_neon;
  chosen.add_scaled = magpie_add_scaled_neon;
  chosen.gradient_add = magpie_gradient_add_neon;
  chosen.score_rows = magpie_score_rows_neon;
  chosen.score_gathered = magpie_score_gathered_neon;
  chosen.select = magpie_select_neon;
  chosen.best = magpie_best_neon;
  chosen.scan = magpie_scan_neon;
  chosen.sieve_settle = magpie_sieve_settle_neon;
#endif
}

magpie_instructions magpie_instructions_chosen(void) { return chosen.instructions; }

float magpie_dot(const float *a, const float *b, size_t count) { return chosen.dot(a, b, count); }

void magpie_add_scaled(float scale, const float *x, float *y, size_t count) {
  chosen.add_scaled(scale, x, y, count);
}

void magpie_gradient_add(const float *rows, size_t width, const uint32_t *index, const float *weights, size_t count,
                         float target, const float *x, float *y) {
  chosen.gradient_add(rows, width, index, weights, count, target, x, y);
}

void magpie_score_rows(const float *rows, size_t count, size_t width, const float *vector, float *scores) {
  chosen.score_rows(rows, count, width, vector, scores);
}

void magpie_score_gathered(const float *rows, size_t width, const uint32_t *index, size_t count,
                           const float *vector, float *scores) {
  chosen.score_gathered(rows, width, index, count, vector, scores);
}

void magpie_gram_add(float *matrix, size_t width, const float *rows, const uint32_t *index,
                     const float *weights, size_t count) {
  chosen.gram_add(matrix, width, rows, index, weights, count);
}

bool magpie_cholesky_factor(float *matrix, size_t padded) { return chosen.cholesky_factor(matrix, padded); }

void magpie_cholesky_solve(const float *factor, size_t padded, float *x) {
  chosen.cholesky_solve(factor, padded, x);
}

void magpie_select(magpie_selection *selection, const float *scores, size_t count, uint32_t first) {
  chosen.select(selection, scores, count, first);
}

size_t magpie_best(const float *scores, const uint32_t *rows, size_t count, size_t keep, uint32_t *kept_rows,
                   float *kept_scores) {
  return chosen.best(scores, rows, count, keep, kept_rows, kept_scores);
}

void magpie_scan(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                 const uint16_t *allowed, magpie_sieve *sieve) {
  chosen.scan(codes, first, blocks, probe, allowed, sieve);
}

void magpie_sieve_settle(magpie_sieve *sieve) { chosen.sieve_settle(sieve); }

size_t magpie_sums_collect(const magpie_sums *sums, uint32_t *rows, float *values) {
  return chosen.sums_collect(sums, rows, values);
}

void magpie_trees_evaluate(const magpie_trees *trees, const float *rows, size_t count, float *margins) {
  chosen.trees_evaluate(trees, rows, count, margins);
}
