import CKernels

/// A symmetric positive definite matrix in caller-owned memory: built up, factored, solved. Allocates only in
/// `init`. Not sendable: one for each thread.
///
/// The upper triangle counts. The square is padded to a multiple of 16 with the identity, so kernels have no tails.
package final class SymmetricMatrix {
  /// Rows and columns that hold data.
  package let width: Int
  /// Rows and columns in memory.
  package let padded: Int
  private let storage: UnsafeMutableBufferPointer<Float>

  /// Widest matrix the kernels take.
  package static let widthMax = Int(magpie_width_max)

  /// Floats on one side of the padded square.
  package static func paddedWidth(_ width: Int) -> Int { magpie_padded_width(width) }

  /// A zero matrix. REQUIRES: 1 <= width <= widthMax.
  package init(width: Int) {
    precondition(width >= 1 && width <= Self.widthMax, "matrix width out of range")
    self.width = width
    padded = magpie_padded_width(width)
    // Rows start on cache lines.
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: padded * padded * MemoryLayout<Float>.stride, alignment: 64)
    storage = memory.bindMemory(to: Float.self)
    clear()
  }

  deinit { UnsafeMutableRawPointer(storage.baseAddress)?.deallocate() }

  /// Makes it the zero matrix. O(width²).
  package func clear() {
    storage.update(repeating: 0)
    for i in width..<padded { storage[i * padded + i] = 1 }
  }

  /// Makes it `square` + ridge I. O(width²), one copy.
  /// REQUIRES: `square` came from `paddedSquare` of a matrix of the same width.
  package func reset(to square: UnsafeBufferPointer<Float>, ridge: Float) {
    precondition(square.count == storage.count, "square of another width")
    _ = storage.update(from: square)
    for i in 0..<width { storage[i * padded + i] += ridge }
  }

  /// The whole padded square, for `reset(to:ridge:)`.
  package var paddedSquare: UnsafeBufferPointer<Float> { UnsafeBufferPointer(storage) }

  /// An element of the upper triangle, or its mirror image. REQUIRES: both < width, not factored.
  package subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && column >= 0 && row < width && column < width, "element out of range")
      return storage[min(row, column) * padded + max(row, column)]
    }
    set {
      precondition(row >= 0 && column >= 0 && row < width && column < width, "element out of range")
      storage[min(row, column) * padded + max(row, column)] = newValue
    }
  }

  /// Adds Σ weights[i] v vᵀ over the rows v = indices[i] of a table with `width` columns. O(n width²).
  /// REQUIRES: equal counts, every index within the table.
  package func add(
    rows: UnsafeBufferPointer<Float>, at indices: UnsafeBufferPointer<UInt32>,
    weights: UnsafeBufferPointer<Float>
  ) {
    precondition(indices.count == weights.count, "as many weights as indices")
    checkIndices(indices, below: rows.count / width)
    guard let matrix = storage.baseAddress, let table = rows.baseAddress, let index = indices.baseAddress,
      let weight = weights.baseAddress
    else { return }
    magpie_gram_add(matrix, width, table, index, weight, indices.count)
  }

  /// Adds Σ weights[i] v vᵀ over all rows v of a table with `width` columns, in order. O(n width²).
  /// REQUIRES: rows.count == weights.count × width.
  package func add(rows: UnsafeBufferPointer<Float>, weights: UnsafeBufferPointer<Float>) {
    let (floats, overflows) = weights.count.multipliedReportingOverflow(by: width)
    precondition(!overflows && floats == rows.count, "as many weights as rows")
    guard let matrix = storage.baseAddress, let table = rows.baseAddress, let weight = weights.baseAddress
    else {
      return
    }
    magpie_gram_add(matrix, width, table, nil, weight, weights.count)
  }

  /// Replaces the matrix by its Cholesky factor. O(width³).
  /// Returns false, and the matrix must be reset, if it is not positive definite or holds a NaN.
  package func factor() -> Bool {
    guard let matrix = storage.baseAddress else { return false }
    return magpie_cholesky_factor(matrix, padded)
  }

  /// Replaces `x` by A⁻¹ x. O(width²).
  /// REQUIRES: `factor` returned true; x.count == padded, zero from `width` on (and so it stays).
  package func solve(_ x: UnsafeMutableBufferPointer<Float>) {
    precondition(x.count == padded, "solve wants a padded vector")
    guard let matrix = storage.baseAddress, let target = x.baseAddress else { return }
    magpie_cholesky_solve(matrix, padded, target)
  }
}
