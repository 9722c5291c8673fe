import Kernels

/// Memory for `FactorModel.foldIn`, owned by the caller and reused. Not sendable: one for each thread.
package final class FoldInScratch {
  package let dimensions: Int
  let matrix: SymmetricMatrix
  // The user vector and one more right-hand side, padded like the matrix.
  let solution: UnsafeMutableBufferPointer<Float>
  let direction: UnsafeMutableBufferPointer<Float>

  /// REQUIRES: 1 <= dimensions <= Limits.factorDimensionsMax.
  package init(dimensions: Int) {
    self.dimensions = dimensions
    matrix = SymmetricMatrix(width: dimensions)
    solution = .allocate(capacity: matrix.padded)
    solution.initialize(repeating: 0)
    direction = .allocate(capacity: matrix.padded)
    direction.initialize(repeating: 0)
  }

  deinit {
    solution.deallocate()
    direction.deallocate()
  }

  /// The user vector of the last fold-in; valid while the scratch is alive, overwritten by the next.
  package var vector: UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: UnsafeBufferPointer(solution)[..<dimensions])
  }
}

extension FactorModel {
  /// The user vector for a history: solves (Σ c v vᵀ + a₀ VᵀV + λ (|H| + a₀ n)^ν I) u = Σ c v into `scratch.vector`.
  /// Allocates nothing. O(|H| d² + d³): microseconds for d = 64.
  ///
  /// Returns false, with `scratch.vector` zero, when there is no answer: confidences that are not finite, or negative
  /// enough to leave no minimum, or neither history nor regularisation.
  /// REQUIRES: rows.count == confidences.count, every row < itemCount, scratch.dimensions == dimensions.
  package func foldIn(
    rows: UnsafeBufferPointer<UInt32>, confidences: UnsafeBufferPointer<Float>, into scratch: FoldInScratch
  ) -> Bool {
    precondition(rows.count == confidences.count, "as many confidences as rows")
    precondition(scratch.dimensions == dimensions, "scratch of another model")
    let ridge = Self.ridge(
      regularisation: regularisation, exponent: regularisationExponent, unobservedWeight: unobservedWeight,
      observed: rows.count, of: itemCount)
    unobservedSquare.withUnsafeBufferPointer { scratch.matrix.reset(to: $0, ridge: Float(ridge)) }
    scratch.matrix.add(rows: self.rows, at: rows, weights: confidences)
    scratch.solution.update(repeating: 0)
    let vector = UnsafeMutableBufferPointer(rebasing: scratch.solution[..<dimensions])
    for (place, row) in rows.enumerated() {
      Vectors.add(confidences[place], times: self.row(Int(row)), to: vector)
    }
    if scratch.matrix.factor() {
      scratch.matrix.solve(scratch.solution)
      if vector.allSatisfy(\.isFinite) { return true }
    }
    scratch.solution.update(repeating: 0)
    return false
  }

  /// How much each item of the history of the last `foldIn` adds to the score of `row`: the terms
  /// s_j = vᵀ W v_j c_j of Hu, Koren and Volinsky (2008), section 5, which sum to that score. O(d² + |H| d).
  /// REQUIRES: the last `foldIn` into `scratch` was by this model with these rows and confidences, and returned true;
  /// contributions.count == rows.count; row < itemCount.
  package func contributions(
    to row: Int, rows: UnsafeBufferPointer<UInt32>, confidences: UnsafeBufferPointer<Float>,
    _ scratch: FoldInScratch, into contributions: UnsafeMutableBufferPointer<Float>
  ) {
    self.contributions(
      to: self.row(row), rows: rows, confidences: confidences, scratch, into: contributions)
  }

  /// The same for any factors, such as those predicted for an item that has none.
  /// REQUIRES: factors.count == dimensions.
  package func contributions(
    to factors: UnsafeBufferPointer<Float>, rows: UnsafeBufferPointer<UInt32>,
    confidences: UnsafeBufferPointer<Float>,
    _ scratch: FoldInScratch, into contributions: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      rows.count == confidences.count && rows.count == contributions.count, "one term for each row")
    precondition(scratch.dimensions == dimensions, "scratch of another model")
    scratch.direction.update(repeating: 0)
    let direction = UnsafeMutableBufferPointer(rebasing: scratch.direction[..<dimensions])
    _ = direction.update(from: factors)
    // W is symmetric, so vᵀ W v_j is (W v)ᵀ v_j: one solve serves the whole history.
    scratch.matrix.solve(scratch.direction)
    score(UnsafeBufferPointer(direction), rows: rows, into: contributions)
    for place in contributions.indices { contributions[place] *= confidences[place] }
  }
}
