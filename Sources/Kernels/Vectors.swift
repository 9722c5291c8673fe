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
}
