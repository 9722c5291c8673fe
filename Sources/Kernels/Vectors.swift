import CKernels

/// Arithmetic on pairs of vectors.
package enum Vectors {
  /// Σ a[i] b[i]. O(n).
  /// REQUIRES: equal counts.
  package static func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
    precondition(a.count == b.count, "vectors of different length")
    guard let left = a.baseAddress, let right = b.baseAddress else { return 0 }
    return magpie_dot(left, right, a.count)
  }

  /// y[i] += scale x[i]. O(n).
  /// REQUIRES: equal counts, no overlap.
  package static func add(
    _ scale: Float, times x: UnsafeBufferPointer<Float>, to y: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(x.count == y.count, "vectors of different length")
    guard let source = x.baseAddress, let target = y.baseAddress else { return }
    magpie_add_scaled(scale, source, target, x.count)
  }

  /// y += Σ weights[n] (target − v·x) v over the rows v = indices[n] of a table as wide as x: the step down the slope
  /// of ½ Σ weights (target − v·x)². With target 0 it is minus Σ weights v vᵀ times x, without the matrix. O(n · width).
  /// REQUIRES: indices.count == weights.count, every index within the table, x.count == y.count, no overlap.
  package static func addGradient(
    rows: UnsafeBufferPointer<Float>, at indices: UnsafeBufferPointer<UInt32>,
    weights: UnsafeBufferPointer<Float>,
    target: Float, _ x: UnsafeBufferPointer<Float>, to y: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(indices.count == weights.count && x.count == y.count, "counts disagree")
    guard let point = x.baseAddress, let sum = y.baseAddress, let index = indices.baseAddress else { return }
    checkIndices(indices, below: rows.count / x.count)
    guard let table = rows.baseAddress, let weight = weights.baseAddress else { return }
    magpie_gradient_add(table, x.count, index, weight, indices.count, target, point, sum)
  }
}
