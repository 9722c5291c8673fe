import COpenBLAS

/// The eigenbasis of a factor matrix's gram matrix.
///
/// Scores do not change when users and items are rotated together. In the eigenbasis the gram matrix is
/// diagonal, so the system of a row with few pairs becomes a diagonal plus a few rank-one terms, which
/// `RowSolver` solves in the number of pairs instead of the number of dimensions.
package struct GramBasis: Sendable {
  /// Eigenvalues, ascending, none below zero.
  package let eigenvalues: [Float]
  /// Eigenvectors side by side, column by column.
  package let rotation: [Float]

  /// - Parameter gram: symmetric, dimensions², finite.
  /// - Returns: nil if LAPACK finds no answer, which means the numbers were not finite. O(d³).
  package init?(gram: [Double], dimensions: Int) {
    var vectors = gram
    var values = [Double](repeating: 0, count: dimensions)
    let status = LAPACKE_dsyevd(
      LAPACK_COL_MAJOR, CChar(bitPattern: UInt8(ascii: "V")), CChar(bitPattern: UInt8(ascii: "U")),
      blasint(dimensions), &vectors, blasint(dimensions), &values)
    guard status == 0 else { return nil }
    // Rounding can push the smallest below zero; a gram matrix has none there.
    eigenvalues = values.map { Float(max(0, $0)) }
    rotation = vectors.map { Float($0) }
  }

  /// Turns `matrix` into the eigenbasis of its own gram matrix.
  package static func turn(_ matrix: FactorMatrix, pool: ThreadPool) -> GramBasis? {
    guard let basis = GramBasis(gram: matrix.gram(pool: pool), dimensions: matrix.dimensions) else {
      return nil
    }
    matrix.rotate(by: basis.rotation, pool: pool)
    return basis
  }
}
