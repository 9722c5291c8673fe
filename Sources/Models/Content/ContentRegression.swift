import Glibc
import Kernels

/// From a content vector to factors: base + Σ_m exp(−β |z − z_m|²) w_m over a few items z_m, the landmarks. Kernel ridge
/// regression, and with fewer landmarks than items its Nyström form (Williams and Seeger, "Using the Nyström method to
/// speed up kernel machines", NIPS 2000). What resembles nothing that was learned from gets the base.
///
/// The memory belongs to the caller.
package struct ContentRegression {
  /// Landmarks, row by row.
  package let landmarks: UnsafeBufferPointer<Float>
  /// w, a row for each landmark.
  package let map: UnsafeBufferPointer<Float>
  package let base: UnsafeBufferPointer<Float>
  /// |z_m|².
  package let squares: UnsafeBufferPointer<Float>
  /// β.
  package let bandwidth: Float

  package init(
    landmarks: UnsafeBufferPointer<Float>, map: UnsafeBufferPointer<Float>, base: UnsafeBufferPointer<Float>,
    squares: UnsafeBufferPointer<Float>, bandwidth: Float
  ) {
    self.landmarks = landmarks
    self.map = map
    self.base = base
    self.squares = squares
    self.bandwidth = bandwidth
  }

  /// |z|² of each row.
  package static func squares(_ rows: UnsafeBufferPointer<Float>, width: Int) -> [Float] {
    stride(from: 0, to: rows.count, by: max(1, width)).map { first in
      let row = UnsafeBufferPointer(rebasing: rows[first..<first + width])
      return Vectors.dot(row, row)
    }
  }

  /// exp(−β |z − z_m|²) from the two squares and the product; distances that rounding makes negative are none.
  @inline(__always)
  package static func likeness(square: Float, other: Float, product: Float, bandwidth: Float) -> Float {
    exp(-bandwidth * max(0, square + other - 2 * product))
  }

  /// Writes the factors of a content vector. Returns false, with zeros, if they leave the range of numbers.
  /// O(landmarks · (dimensions + factors)). REQUIRES: counts that belong together.
  package func predict(_ vector: UnsafeBufferPointer<Float>, into factors: UnsafeMutableBufferPointer<Float>)
    -> Bool
  {
    let (t, d) = (vector.count, base.count)
    _ = factors.update(from: base)
    let square = Vectors.dot(vector, vector)
    for place in squares.indices {
      let row = UnsafeBufferPointer(rebasing: landmarks[place * t..<(place + 1) * t])
      let likeness = Self.likeness(
        square: square, other: squares[place], product: Vectors.dot(vector, row), bandwidth: bandwidth)
      Vectors.add(
        likeness, times: UnsafeBufferPointer(rebasing: map[place * d..<(place + 1) * d]), to: factors)
    }
    if factors.allSatisfy(\.isFinite) { return true }
    factors.update(repeating: 0)
    return false
  }
}
