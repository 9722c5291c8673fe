#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Vector kernels on 32-bit floats. No threads, no malloc, no global state but the choice of instruction set,
// made once before main. The caller owns every buffer; none may overlap another unless it is said.
//
// One folder for each family, one file for each instruction set. `serial` is the truth, the fallback and the
// baseline; the others are compared with it and with 64-bit arithmetic in Tests/KernelsTests. Where a family has no
// file for a set, its machines run the next older one.
//
// Numeric policy. Sums are kept in 32 bits and their order depends on the instruction set, so results of two
// instruction sets differ in the last places; for n terms |error| <= (n + 4) 2^-24 times the sum of |terms|. Within one
// instruction set the score of a row is the same bits whichever function computed it. NaN and infinities run
// through sums as IEEE 754 says; where they decide something (pivots, selection) the function says how.

// MARK: dot

/// Σ a[i] b[i].
float magpie_dot(const float *a, const float *b, size_t count);
float magpie_dot_serial(const float *a, const float *b, size_t count);
float magpie_dot_avx2(const float *a, const float *b, size_t count);
float magpie_dot_avx512(const float *a, const float *b, size_t count);
float magpie_dot_neon(const float *a, const float *b, size_t count);

/// y[i] += scale x[i].
void magpie_add_scaled(float scale, const float *x, float *y, size_t count);
void magpie_add_scaled_serial(float scale, const float *x, float *y, size_t count);
void magpie_add_scaled_avx2(float scale, const float *x, float *y, size_t count);
void magpie_add_scaled_avx512(float scale, const float *x, float *y, size_t count);
void magpie_add_scaled_neon(float scale, const float *x, float *y, size_t count);

/// y += Σ weights[n] (target − v·x) v over the rows v = row index[n] of `rows`, `count` of them: the step down the
/// slope of ½ Σ weights (target − v·x)². With target 0 it is minus the product of Σ weights v vᵀ with x, without
/// the matrix. O(count · width).
/// REQUIRES: index[n] < rows in the table; x and y do not overlap.
void magpie_gradient_add(const float *rows, size_t width, const uint32_t *index, const float *weights, size_t count,
                         float target, const float *x, float *y);
void magpie_gradient_add_serial(const float *rows, size_t width, const uint32_t *index, const float *weights,
                                size_t count, float target, const float *x, float *y);
void magpie_gradient_add_avx2(const float *rows, size_t width, const uint32_t *index, const float *weights,
                              size_t count, float target, const float *x, float *y);
void magpie_gradient_add_avx512(const float *rows, size_t width, const uint32_t *index, const float *weights,
                                size_t count, float target, const float *x, float *y);
void magpie_gradient_add_neon(const float *rows, size_t width, const uint32_t *index, const float *weights,
                              size_t count, float target, const float *x, float *y);

// MARK: score

/// scores[i] = row i · vector, for `count` rows of `width` floats, one after another. Bound by memory bandwidth
/// once the rows do not fit the last cache.
void magpie_score_rows(const float *rows, size_t count, size_t width, const float *vector, float *scores);
void magpie_score_rows_serial(const float *rows, size_t count, size_t width, const float *vector, float *scores);
void magpie_score_rows_avx2(const float *rows, size_t count, size_t width, const float *vector, float *scores);
void magpie_score_rows_avx512(const float *rows, size_t count, size_t width, const float *vector, float *scores);
void magpie_score_rows_neon(const float *rows, size_t count, size_t width, const float *vector, float *scores);

/// scores[i] = row index[i] · vector.
/// REQUIRES: index[i] < rows in the table.
void magpie_score_gathered(const float *rows, size_t width, const uint32_t *index, size_t count,
                           const float *vector, float *scores);
void magpie_score_gathered_serial(const float *rows, size_t width, const uint32_t *index, size_t count,
                                  const float *vector, float *scores);
void magpie_score_gathered_avx2(const float *rows, size_t width, const uint32_t *index, size_t count,
                                const float *vector, float *scores);
void magpie_score_gathered_avx512(const float *rows, size_t width, const uint32_t *index, size_t count,
                                  const float *vector, float *scores);
void magpie_score_gathered_neon(const float *rows, size_t width, const uint32_t *index, size_t count,
                                const float *vector, float *scores);

// MARK: symmetric matrices
//
// A symmetric matrix of width d lies in a square of `padded` = magpie_padded_width(d) floats a side, row by row;
// the upper triangle counts, what lies below the diagonal is never read as data and may be overwritten. Beyond d
// the square is the identity (ones on the diagonal, zeros elsewhere), so that no kernel has a tail.

enum {
  /// Widest matrix: the kernels keep a few packed rows of it on the stack, 64 KB at most.
  magpie_width_max = 1024,
  magpie_width_step = 16,
};

/// `width` rounded up to a multiple of magpie_width_step.
size_t magpie_padded_width(size_t width);

/// upper(matrix) += Σ weights[i] v vᵀ over `count` rows v of `width` floats: row index[i] of `rows`, or row i
/// where `index` is NULL.
/// REQUIRES: width <= magpie_width_max, index[i] < rows in the table.
void magpie_gram_add(float *matrix, size_t width, const float *rows, const uint32_t *index,
                     const float *weights, size_t count);
void magpie_gram_add_serial(float *matrix, size_t width, const float *rows, const uint32_t *index,
                            const float *weights, size_t count);
void magpie_gram_add_avx2(float *matrix, size_t width, const float *rows, const uint32_t *index,
                          const float *weights, size_t count);

/// A = UᵀU in place. Afterwards the diagonal holds 1 / U[i][i], because solving only divides by it.
/// Returns false, with the matrix spoilt, if a pivot is not positive and finite: A is not positive definite, or
/// holds a NaN.
/// REQUIRES: padded is a multiple of magpie_width_step.
bool magpie_cholesky_factor(float *matrix, size_t padded);
bool magpie_cholesky_factor_serial(float *matrix, size_t padded);
bool magpie_cholesky_factor_avx2(float *matrix, size_t padded);

/// x = A⁻¹ x, with the factor from magpie_cholesky_factor; `x` has `padded` floats, zero beyond the width.
void magpie_cholesky_solve(const float *factor, size_t padded, float *x);
void magpie_cholesky_solve_serial(const float *factor, size_t padded, float *x);
void magpie_cholesky_solve_avx2(const float *factor, size_t padded, float *x);

// MARK: select

/// The best `capacity` scores seen so far: a heap with the worst at its root, in the caller's two arrays.
/// Of equal scores the lower index is the better one, so the outcome does not depend on the instruction set.
typedef struct {
  float *scores;
  uint32_t *indices;
  size_t capacity;
  size_t count;
} magpie_selection;

/// Offers scores[i] under index first + i. NaN and minus infinity are never taken: minus infinity is how callers
/// strike an item out.
/// REQUIRES: indices are offered in ascending order over all calls, first + count <= 2^32.
void magpie_select(magpie_selection *selection, const float *scores, size_t count, uint32_t first);
void magpie_select_serial(magpie_selection *selection, const float *scores, size_t count, uint32_t first);
void magpie_select_avx2(magpie_selection *selection, const float *scores, size_t count, uint32_t first);
void magpie_select_avx512(magpie_selection *selection, const float *scores, size_t count, uint32_t first);
void magpie_select_neon(magpie_selection *selection, const float *scores, size_t count, uint32_t first);

/// Sorts what was taken, best first. Afterwards nothing can be offered until `count` is set to 0.
void magpie_select_finish(magpie_selection *selection);

/// The best `keep` of `count` scores, sorted, best first: writes their rows and scores and returns how many. Of equal
/// scores the lower row is better; NaN and minus infinity are never taken. Quicker than a heap for some hundreds of
/// scores, of which a large part is kept: it narrows down the worst score that is kept without a branch for each.
/// REQUIRES: no row twice; `kept_rows` and `kept_scores` have room for min(keep, count) and overlap nothing.
size_t magpie_best(const float *scores, const uint32_t *rows, size_t count, size_t keep, uint32_t *kept_rows,
                   float *kept_scores);
size_t magpie_best_serial(const float *scores, const uint32_t *rows, size_t count, size_t keep, uint32_t *kept_rows,
                          float *kept_scores);
size_t magpie_best_avx2(const float *scores, const uint32_t *rows, size_t count, size_t keep, uint32_t *kept_rows,
                        float *kept_scores);
size_t magpie_best_avx512(const float *scores, const uint32_t *rows, size_t count, size_t keep, uint32_t *kept_rows,
                          float *kept_scores);
size_t magpie_best_neon(const float *scores, const uint32_t *rows, size_t count, size_t keep, uint32_t *kept_rows,
                        float *kept_scores);

// MARK: scan
//
// Rows in 8 bits, read instead of the floats to find the few rows that may be among the best; only those are then
// scored in floats, so the answer is the one that floats alone would give.
//
// Sixteen rows are a block. In a block, the first 4 columns of all sixteen rows come first, then the next 4, and so on: a
// lane of a vector is a row, and no kernel sums across lanes.

enum { magpie_scan_rows = 16 };

/// A table of rows in 8 bits: the row in slot i is about scales[i] (code − 128).
typedef struct {
  /// Whole blocks, 4 · groups bytes for each slot; 1 ... 255, and 128 beyond the columns and slots there are.
  const uint8_t *codes;
  /// One for each slot of whole blocks, none below zero, zero where there is no row.
  const float *scales;
  /// The row in each slot of whole blocks, magpie_no_row where there is none. NULL: row i is in slot i.
  const uint32_t *order;
  /// Rows; with `order` also slots, those without a row included.
  size_t count;
  /// Columns, divided by 4 and rounded up.
  size_t groups;
} magpie_codes;

#define magpie_no_row UINT32_MAX

/// What is looked for, in 8 bits.
typedef struct {
  /// 4 · groups of them, −127 ... 127, zero beyond the columns there are.
  const int8_t *codes;
  /// 128 Σ codes.
  int32_t offset;
  /// scales[i] (Σ (row code − 128) code · gain ± slack) encloses the score of the row in slot i.
  float gain, slack;
} magpie_probe;

/// What can be among the best `keep` rows of all that were scanned since `magpie_sieve_start`: rows, and the bounds that
/// enclose their scores. Each array has room for the slots of the table and magpie_scan_rows more.
typedef struct {
  uint32_t *rows;
  float *uppers;
  float *lowers;
  size_t count;
  size_t keep;
  /// At least `keep` rows have a lower bound of at least this, so no row with an upper bound below it is among the best.
  float threshold;
  /// The threshold is worked out anew when there are so many.
  size_t full;
} magpie_sieve;

/// Forgets everything; the arrays stay.
void magpie_sieve_start(magpie_sieve *sieve, size_t keep);

/// Puts into the sieve every row of `blocks` blocks, from block `first` on, that can be among the best. A row that is
/// not put there, or falls out again, is below `keep` others.
/// - allowed: a bit for each row, 16 rows in a word; NULL allows all. Others are passed over.
/// REQUIRES: the blocks lie in the table.
void magpie_scan(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                 const uint16_t *allowed, magpie_sieve *sieve);
void magpie_scan_serial(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                        const uint16_t *allowed, magpie_sieve *sieve);
void magpie_scan_avx2(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                      const uint16_t *allowed, magpie_sieve *sieve);
void magpie_scan_avx512(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                        const uint16_t *allowed, magpie_sieve *sieve);
void magpie_scan_neon(const magpie_codes *codes, size_t first, size_t blocks, const magpie_probe *probe,
                      const uint16_t *allowed, magpie_sieve *sieve);

/// Raises the threshold to the lower bound of the row at place `keep` and drops what cannot reach it. The rows keep
/// their order. O(count).
void magpie_sieve_settle(magpie_sieve *sieve);
void magpie_sieve_settle_serial(magpie_sieve *sieve);
void magpie_sieve_settle_avx2(magpie_sieve *sieve);
void magpie_sieve_settle_avx512(magpie_sieve *sieve);
void magpie_sieve_settle_neon(magpie_sieve *sieve);

/// Writes the rows below `count` whose bit is set, in ascending order, and returns how many; `most` + 1, with nothing
/// written, if they are more than `most`. O(count / 64).
/// REQUIRES: room for `most` rows; little-endian, as all machines this is built for are.
size_t magpie_allowed_rows(const uint16_t *allowed, size_t count, size_t most, uint32_t *rows);

// MARK: sums

enum { magpie_sums_line = 16 };

/// A sum for each row, most of them zero: what was not touched costs nothing to clear and to pass over.
typedef struct {
  /// magpie_sums_line for each of magpie_sums_lines(rows).
  float *values;
  /// magpie_sums_lines(rows) of them: 1 where a sum of the line may not be zero.
  uint8_t *lines;
  size_t rows;
} magpie_sums;

/// Lines of so many rows, rounded up to a multiple of eight.
size_t magpie_sums_lines(size_t rows);

/// values[rows[i]] += weight scores[i]; a row there is not is passed over.
void magpie_sums_add(const magpie_sums *sums, const uint32_t *rows, const float *scores, size_t count, float weight);

/// The same for whole lists, list l being entries offsets[l] ..< offsets[l + 1] of `rows` and `scores`: list lists[i] with
/// weight weights[i], or 1 where `weights` is NULL. Lists lie anywhere, so memory is asked for ahead.
/// REQUIRES: lists[i] + 1 is a place in `offsets`, which ascend and end within the entries.
void magpie_sums_add_lists(const magpie_sums *sums, const uint64_t *offsets, const uint32_t *rows, const float *scores,
                           const uint32_t *lists, const float *weights, size_t count);

/// Makes every sum zero. O(rows / 128 + lines touched).
void magpie_sums_clear(const magpie_sums *sums);

/// Writes the rows with a sum above zero, ascending, and their sums; returns how many. O(rows / 128 + lines touched).
/// REQUIRES: room for `rows` and magpie_sums_line more in both.
size_t magpie_sums_collect(const magpie_sums *sums, uint32_t *rows, float *values);
size_t magpie_sums_collect_serial(const magpie_sums *sums, uint32_t *rows, float *values);
size_t magpie_sums_collect_avx512(const magpie_sums *sums, uint32_t *rows, float *values);

// MARK: trees
//
// Regression trees as bits: for each tree and row a word with a bit for each leaf. A question that sends the row right takes
// away the leaves on its left; when all were asked, in any order, the lowest bit is the leaf the row is in (QuickScorer:
// Lucchese et al., SIGIR 2015; in vectors: SIGIR 2016). No step waits for the one before.

enum {
  magpie_tree_leaves = 32,
  magpie_tree_features = 64,
};

/// A question: a row goes left if its feature is below the threshold.
typedef struct {
  float threshold;
  uint32_t feature;
  /// A bit for each leaf on its left, leaves counted from the left.
  uint32_t left_leaves;
} magpie_tree_node;

typedef struct {
  /// Of each tree first the questions that a missing number (NaN) passes on the left, then those on the right.
  const magpie_tree_node *nodes;
  /// 2 · count + 1 places in `nodes`: tree t's of the first kind begin at 2 t, of the second at 2 t + 1.
  const uint32_t *ranges;
  /// magpie_tree_leaves for each tree, from the left.
  const float *leaves;
  size_t count;
  /// Floats of a row; at most magpie_tree_features.
  size_t features;
  /// What the sum of leaves begins with.
  float base;
} magpie_trees;

/// margins[i] = base + the leaves of row i, added in the order of the trees: the same bits in every instruction set.
/// O(count · nodes).
void magpie_trees_evaluate(const magpie_trees *trees, const float *rows, size_t count, float *margins);
void magpie_trees_evaluate_serial(const magpie_trees *trees, const float *rows, size_t count, float *margins);
void magpie_trees_evaluate_avx2(const magpie_trees *trees, const float *rows, size_t count, float *margins);
void magpie_trees_evaluate_avx512(const magpie_trees *trees, const float *rows, size_t count, float *margins);

// MARK: choice

typedef enum {
  magpie_instructions_serial = 0,
  magpie_instructions_avx2 = 1,
  magpie_instructions_avx512 = 2,
  magpie_instructions_neon = 3,
} magpie_instructions;

/// What the functions without a suffix use. Of the suffixed ones only those may be called: its own, avx2 too where it is
/// avx512, and serial everywhere.
magpie_instructions magpie_instructions_chosen(void);
