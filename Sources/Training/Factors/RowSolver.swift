import COpenBLAS

/// Solves one row of an iALS half sweep exactly: (D + Σ c h hᵀ) x = Σ c h, with D diagonal because the fixed
/// side lies in the eigenbasis of its gram matrix (`GramBasis`).
///
/// A row with k < d pairs is solved as a k × k system (Woodbury):
///
///     x = D⁻¹ Hᵀ z,  (C⁻¹ + H D⁻¹ Hᵀ) z = 1
///
/// O(k² d + k³). With k ≥ d pairs the d × d system is built and solved directly, O(k d² + d³). Most rows of
/// real data are short, which is why no block or subspace solver is needed for large d.
///
/// Unchecked because each belongs to one worker of a `ThreadPool`, which no two running tasks share.
package final class RowSolver: @unchecked Sendable {
  private let dimensions: Int
  /// a₀ times the eigenvalues.
  private let base: [Float]
  /// Scaled factors of the row's pairs, side by side.
  private let gathered: UnsafeMutablePointer<Float>
  private let system: UnsafeMutablePointer<Float>
  private let right: UnsafeMutablePointer<Float>
  private let diagonal: UnsafeMutablePointer<Float>
  /// Pairs gathered at a time by the direct path.
  private let batch: Int

  private static let stripRows = 48

  package init(dimensions: Int, basis: GramBasis, unobservedWeight: Double) {
    self.dimensions = dimensions
    base = basis.eigenvalues.map { Float(unobservedWeight) * $0 }
    batch = max(dimensions, 256)
    gathered = .allocate(capacity: batch * dimensions)
    system = .allocate(capacity: dimensions * dimensions)
    right = .allocate(capacity: dimensions)
    diagonal = .allocate(capacity: dimensions)
  }

  deinit {
    gathered.deallocate()
    system.deallocate()
    right.deallocate()
    diagonal.deallocate()
  }

  /// Bytes of one solver.
  package static func bytes(dimensions: Int) -> UInt64 {
    let d = UInt64(dimensions)
    return 4 * (max(d, 256) * d + d * d + 3 * d)
  }

  /// Writes the answer to `output`, all zero for a row without pairs.
  ///
  /// - Returns: false, with zeros, if the system is not positive definite: some input was not finite.
  /// - Parameter regularisation: above zero.
  package func solve(
    columns: UnsafeBufferPointer<UInt32>, confidences: UnsafeBufferPointer<Float>, fixed: FactorMatrix,
    regularisation: Float, into output: UnsafeMutablePointer<Float>
  ) -> Bool {
    let solved =
      columns.isEmpty
      || (columns.count < dimensions
        ? solveShort(columns, confidences, fixed, regularisation, output)
        : solveLong(columns, confidences, fixed, regularisation, output))
    if columns.isEmpty || !solved { output.update(repeating: 0, count: dimensions) }
    return solved
  }

  private func solveShort(
    _ columns: UnsafeBufferPointer<UInt32>, _ confidences: UnsafeBufferPointer<Float>, _ fixed: FactorMatrix,
    _ regularisation: Float, _ output: UnsafeMutablePointer<Float>
  ) -> Bool {
    let (d, k) = (dimensions, columns.count)
    // S = H D^(-1/2), so that H D⁻¹ Hᵀ = S Sᵀ and D⁻¹ Hᵀ z = D^(-1/2) Sᵀ z.
    base.withUnsafeBufferPointer { base in
      for index in 0..<d { diagonal[index] = 1 / (base[index] + regularisation).squareRoot() }
    }
    for pair in 0..<k {
      let source = fixed.row(Int(columns[pair]))
      let target = gathered + pair * d
      for index in 0..<d { target[index] = source[index] * diagonal[index] }
    }
    // Only the upper triangle is read; in strips a general product beats the symmetric one at these sizes.
    var strip = 0
    while strip < k {
      let height = min(Self.stripRows, k - strip)
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(height), blasint(k - strip), blasint(d), 1,
        gathered + strip * d, blasint(d), gathered + strip * d, blasint(d), 0, system + strip * k + strip,
        blasint(k))
      strip += height
    }
    for pair in 0..<k {
      system[pair * k + pair] += 1 / confidences[pair]
      right[pair] = 1
    }
    guard factorAndSolve(k) else { return false }
    output.update(repeating: 0, count: d)
    for pair in 0..<k {
      let (source, weight) = (gathered + pair * d, right[pair])
      for index in 0..<d { output[index] += weight * source[index] }
    }
    for index in 0..<d { output[index] *= diagonal[index] }
    return true
  }

  private func solveLong(
    _ columns: UnsafeBufferPointer<UInt32>, _ confidences: UnsafeBufferPointer<Float>, _ fixed: FactorMatrix,
    _ regularisation: Float, _ output: UnsafeMutablePointer<Float>
  ) -> Bool {
    let d = dimensions
    system.update(repeating: 0, count: d * d)
    right.update(repeating: 0, count: d)
    for index in 0..<d { system[index * d + index] = base[index] + regularisation }
    var first = 0
    while first < columns.count {
      let count = min(batch, columns.count - first)
      for pair in 0..<count {
        let source = fixed.row(Int(columns[first + pair]))
        let confidence = confidences[first + pair]
        let root = confidence.squareRoot()
        let target = gathered + pair * d
        for index in 0..<d {
          target[index] = root * source[index]
          right[index] += confidence * source[index]
        }
      }
      cblas_ssyrk(
        CblasRowMajor, CblasUpper, CblasTrans, blasint(d), blasint(count), 1, gathered, blasint(d), 1, system,
        blasint(d))
      first += count
    }
    guard factorAndSolve(d) else { return false }
    output.update(from: right, count: d)
    return true
  }

  /// Solves `system` (its upper triangle, row by row) for `right` in place.
  private func factorAndSolve(_ n: Int) -> Bool {
    // Row by row upper is column by column lower.
    let lower = CChar(bitPattern: UInt8(ascii: "L"))
    let size = blasint(n)
    return LAPACKE_spotrf_work(LAPACK_COL_MAJOR, lower, size, system, size) == 0
      && LAPACKE_spotrs_work(LAPACK_COL_MAJOR, lower, size, 1, system, size, right, size) == 0
  }
}
