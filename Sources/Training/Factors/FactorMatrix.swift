import COpenBLAS
import Glibc
import Vocabulary

/// Factors of users or items: one row of `dimensions` floats for each, side by side.
package struct FactorMatrix: Sendable {
  package let rowCount: Int
  package let dimensions: Int
  package let values: SharedArray<Float>

  /// All zero.
  package init(rowCount: Int, dimensions: Int) {
    self.rowCount = rowCount
    self.dimensions = dimensions
    values = SharedArray(repeating: 0, count: rowCount * dimensions)
  }

  package func row(_ row: Int) -> UnsafeMutablePointer<Float> { values.pointer + row * dimensions }

  /// Sets the given rows to normal numbers of this deviation. Each number depends on seed, row and dimension
  /// only, so neither order nor threads matter.
  package func fillNormal(deviation: Double, seed: UInt64, rows: some Sequence<Int>) {
    for row in rows {
      for dimension in 0..<dimensions {
        let counter = UInt64(row) &* UInt64(dimensions) &+ UInt64(dimension)
        let key = StableHash.mix(seed &+ 0x9e37_79b9_7f4a_7c15)
        let first = StableHash.mix(key ^ StableHash.mix(2 &* counter &+ 1))
        let second = StableHash.mix(key ^ StableHash.mix(2 &* counter &+ 2))
        // Box-Muller on 53-bit uniforms; the first is kept off zero.
        let u = (Double(first >> 11) + 1) * 0x1p-53
        let v = Double(second >> 11) * 0x1p-53
        values[row * dimensions + dimension] = Float(
          deviation * (-2 * log(u)).squareRoot() * cos(2 * .pi * v))
      }
    }
  }

  /// XᵀX in double precision, column by column (it is symmetric). The rows are cut into at most 64 pieces by
  /// their number alone and the pieces added in order, so threads do not change a bit. O(rows · d²).
  package func gram(pool: ThreadPool) -> [Double] {
    let d = dimensions
    let pieceRows = max(1024, (rowCount + 63) / 64)
    let pieces = ShardPass.chunks(of: rowCount, size: pieceRows)
    let partials = SharedArray<Float>(repeating: 0, count: pieces * d * d)
    pool.run(tasks: pieces) { _, piece in
      let first = piece * pieceRows
      let count = min(pieceRows, rowCount - first)
      cblas_ssyrk(
        CblasColMajor, CblasUpper, CblasNoTrans, blasint(d), blasint(count), 1, row(first), blasint(d), 0,
        partials.pointer + piece * d * d, blasint(d))
    }
    var total = [Double](repeating: 0, count: d * d)
    for piece in 0..<pieces {
      let partial = partials.pointer + piece * d * d
      for column in 0..<d {
        for row in 0...column { total[column * d + row] += Double(partial[column * d + row]) }
      }
    }
    for column in 0..<d {
      for row in 0..<column { total[row * d + column] = total[column * d + row] }
    }
    return total
  }

  /// Multiplies every row by an orthogonal matrix given column by column. O(rows · d²).
  package func rotate(by rotation: [Float], pool: ThreadPool) {
    let d = dimensions
    let pieceRows = 512
    let scratch = (0..<pool.threads).map { _ in SharedArray<Float>(repeating: 0, count: pieceRows * d) }
    pool.run(tasks: ShardPass.chunks(of: rowCount, size: pieceRows)) { worker, piece in
      let first = piece * pieceRows
      let count = min(pieceRows, rowCount - first)
      let output = scratch[worker].pointer
      // Read row by row, the memory of the rotation is its transpose.
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(count), blasint(d), blasint(d), 1, row(first),
        blasint(d), rotation, blasint(d), 0, output, blasint(d))
      row(first).update(from: output, count: count * d)
    }
  }
}
