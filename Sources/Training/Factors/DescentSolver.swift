import Kernels

/// Moves one row of an iALS half sweep towards its answer: conjugate gradients on (D + Σ c h hᵀ) x = Σ c h, with D
/// diagonal because the fixed side lies in the eigenbasis of its gram matrix (`GramBasis`).
///
/// It starts from the row of the sweep before, as Takács, Pilászy and Tikk ("Applications of the conjugate gradient
/// method for implicit feedback collaborative filtering", RecSys 2011) found to be enough with a handful of steps. In the
/// eigenbasis a step needs no product with the gram matrix, and the diagonal is a good preconditioner: O(k d) for a row
/// with k pairs, where `RowSolver` takes O(k d²). Every step lowers the row's part of the loss.
///
/// Unchecked because each belongs to one worker of a `ThreadPool`, which no two running tasks share.
package final class DescentSolver: @unchecked Sendable {
  private let dimensions: Int
  private let steps: Int
  /// a₀ times the eigenvalues.
  private let base: [Float]
  /// Five vectors, each on cache lines of its own.
  private let memory: UnsafeMutableBufferPointer<Float>
  /// Σ c h − (D + Σ c h hᵀ) x: what is missing.
  private let rest: UnsafeMutableBufferPointer<Float>
  /// Where the next step goes, and what the system makes of it.
  private let direction: UnsafeMutableBufferPointer<Float>
  private let image: UnsafeMutableBufferPointer<Float>
  /// D.
  private let diagonal: UnsafeMutableBufferPointer<Float>
  /// D⁻¹ times the rest.
  private let scaled: UnsafeMutableBufferPointer<Float>

  /// A step that brings this little of what the first one brought is not worth its time.
  private static let leastShare: Float = 1e-8

  /// - Parameter steps: at least 1.
  package init(dimensions: Int, basis: GramBasis, unobservedWeight: Double, steps: Int) {
    self.dimensions = dimensions
    self.steps = steps
    base = basis.eigenvalues.map { Float(unobservedWeight) * $0 }
    let stride = SymmetricMatrix.paddedWidth(dimensions)
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 5 * stride * MemoryLayout<Float>.stride, alignment: 64)
    memory = bytes.bindMemory(to: Float.self)
    memory.initialize(repeating: 0)
    let all = memory
    func part(_ number: Int) -> UnsafeMutableBufferPointer<Float> {
      UnsafeMutableBufferPointer(rebasing: all[number * stride..<number * stride + dimensions])
    }
    (rest, direction, image, diagonal, scaled) = (part(0), part(1), part(2), part(3), part(4))
  }

  deinit { UnsafeMutableRawPointer(memory.baseAddress)?.deallocate() }

  /// Moves `row`, which holds where it starts; all zero for a row without pairs.
  ///
  /// - Returns: false, with zeros, if some input was not finite.
  /// - Parameter regularisation: above zero.
  package func improve(
    columns: UnsafeBufferPointer<UInt32>, confidences: UnsafeBufferPointer<Float>, fixed: FactorMatrix,
    regularisation: Float, _ row: UnsafeMutablePointer<Float>
  ) -> Bool {
    let d = dimensions
    let x = UnsafeMutableBufferPointer(start: row, count: d)
    guard !columns.isEmpty else {
      x.update(repeating: 0)
      return true
    }
    let table = fixed.values.elements
    func gradient(_ target: Float, _ point: UnsafeMutableBufferPointer<Float>) {
      image.update(repeating: 0)
      Vectors.addGradient(
        rows: table, at: columns, weights: confidences, target: target, UnsafeBufferPointer(point), to: image)
    }
    base.withUnsafeBufferPointer { base in
      for index in 0..<d { diagonal[index] = base[index] + regularisation }
    }
    gradient(1, x)
    for index in 0..<d {
      rest[index] = image[index] - diagonal[index] * x[index]
      scaled[index] = rest[index] / diagonal[index]
      direction[index] = scaled[index]
    }
    var slope = dot(rest, scaled)
    let least = slope * Self.leastShare
    var step = 0
    while slope > least, step < steps {
      gradient(0, direction)
      for index in 0..<d { image[index] = diagonal[index] * direction[index] - image[index] }
      let length = slope / dot(direction, image)
      // Rounding can spoil the last digits of a step; the system itself is positive definite.
      guard length > 0 else { break }
      for index in 0..<d {
        x[index] += length * direction[index]
        rest[index] -= length * image[index]
        scaled[index] = rest[index] / diagonal[index]
      }
      let next = dot(rest, scaled)
      let ratio = next / slope
      for index in 0..<d { direction[index] = scaled[index] + ratio * direction[index] }
      slope = next
      step += 1
    }
    // Whatever was not finite has run through the sums to here.
    let isFinite = slope.isFinite && dot(x, x).isFinite
    if !isFinite { x.update(repeating: 0) }
    return isFinite
  }

  private func dot(_ a: UnsafeMutableBufferPointer<Float>, _ b: UnsafeMutableBufferPointer<Float>) -> Float {
    Vectors.dot(UnsafeBufferPointer(a), UnsafeBufferPointer(b))
  }
}
