#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Vector kernels on 32-bit floats. No threads, no malloc, no global state but the choice of instruction set,
// made once before main. The caller owns every buffer; none may overlap another unless it is said.
//
// One folder for each family, one file for each instruction set. `serial` is the truth, the fallback and the
// baseline; the others are compared with it and with 64-bit arithmetic in Tests/KernelsTests.
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

/// y[i] += scale x[i].
void magpie_add_scaled(float scale, const float *x, float *y, size_t count);
void magpie_add_scaled_serial(float scale, const float *x, float *y, size_t count);
void magpie_add_scaled_avx2(float scale, const float *x, float *y, size_t count);

// MARK: score

/// scores[i] = row i · vector, for `count` rows of `width` floats, one after another. Bound by memory bandwidth
/// once the rows do not fit the last cache.
void magpie_score_rows(const float *rows, size_t count, size_t width, const float *vector, float *scores);
void magpie_score_rows_serial(const float *rows, size_t count, size_t width, const float *vector, float *scores);
void magpie_score_rows_avx2(const float *rows, size_t count, size_t width, const float *vector, float *scores);

/// scores[i] = row index[i] · vector.
/// REQUIRES: index[i] < rows in the table.
void magpie_score_gathered(const float *rows, size_t width, const uint32_t *index, size_t count,
                           const float *vector, float *scores);
void magpie_score_gathered_serial(const float *rows, size_t width, const uint32_t *index, size_t count,
                                  const float *vector, float *scores);
void magpie_score_gathered_avx2(const float *rows, size_t width, const uint32_t *index, size_t count,
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

/// Sorts what was taken, best first. Afterwards nothing can be offered until `count` is set to 0.
void magpie_select_finish(magpie_selection *selection);

// MARK: choice

typedef enum {
  magpie_instructions_serial = 0,
  magpie_instructions_avx2 = 1,
} magpie_instructions;

/// What the functions without a suffix use. The suffixed ones may be called only if it is at least theirs.
magpie_instructions magpie_instructions_chosen(void);
