import COpenBLAS
import Glibc

/// A dense symmetric positive definite matrix, inverted in place by the sweep operator in blocks (Goodnight,
/// "A tutorial on the SWEEP operator", The American Statistician 1979).
///
/// Block by block instead of LAPACK's spotrf and spotri, because the tiles of one step stand alone: the pool's
/// threads share them and no thread count changes a bit. The same n³ multiplications.
enum SymmetricInverse {
  /// Rows of a tile: three tiles fit a core's second-level cache.
  static let tile = 192

  /// - Parameters:
  ///   - matrix: n·n, row by row; the lower triangle is read. Comes back whole: both triangles of the inverse.
  /// - Returns: false if the matrix was not positive definite; its memory is then without meaning.
  static func invert(_ matrix: SharedArray<Float>, count n: Int, pool: ThreadPool, progress: (Double) -> Void)
    -> Bool
  {
    let tiles = ShardPass.chunks(of: n, size: tile)
    let panel = SharedArray<Float>(repeating: 0, count: n * tile)
    let swept = SharedArray<Float>(repeating: 0, count: n * tile)
    let pivot = SharedArray<Float>(repeating: 0, count: tile * tile)
    for step in 0..<tiles {
      let (first, width) = (step * tile, min(tile, n - step * tile))
      guard invertPivot(matrix, n, first, width, into: pivot) else { return false }
      // Column panel of the step, with the upper half read from its mirror.
      pool.run(tasks: tiles) { _, row in
        let (top, height) = (row * tile, min(tile, n - row * tile))
        if row >= step {
          for line in top..<(top + height) {
            (panel.pointer + line * tile).update(from: matrix.pointer + line * n + first, count: width)
          }
        } else {
          for line in top..<(top + height) {
            for column in 0..<width { panel[line * tile + column] = matrix[(first + column) * n + line] }
          }
        }
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(height), blasint(width), blasint(width), 1,
          panel.pointer + top * tile, blasint(tile), pivot.pointer, blasint(tile), 0,
          swept.pointer + top * tile, blasint(tile))
      }
      // Last rows first: they are the longest, and the threads should end together.
      pool.run(tasks: tiles) { _, task in
        let row = tiles - 1 - task
        let (top, height) = (row * tile, min(tile, n - row * tile))
        for column in 0...row where row != step && column != step {
          let (left, across) = (column * tile, min(tile, n - column * tile))
          cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(height), blasint(across), blasint(width), -1,
            swept.pointer + top * tile, blasint(tile), panel.pointer + left * tile, blasint(tile), 1,
            matrix.pointer + top * n + left, blasint(n))
        }
      }
      for line in 0..<n where line < first || line >= first + width {
        if line >= first {
          (matrix.pointer + line * n + first).update(from: swept.pointer + line * tile, count: width)
        } else {
          for column in 0..<width { matrix[(first + column) * n + line] = swept[line * tile + column] }
        }
      }
      for line in 0..<width {
        for column in 0..<width { matrix[(first + line) * n + first + column] = -pivot[line * tile + column] }
      }
      progress(Double(step + 1) / Double(tiles))
    }
    // What was swept is minus the inverse; its lower triangle becomes both.
    pool.run(tasks: tiles) { _, row in
      for line in (row * tile)..<min(n, (row + 1) * tile) {
        for column in 0...line { matrix[line * n + column] = -matrix[line * n + column] }
      }
    }
    pool.run(tasks: tiles) { _, row in
      for line in (row * tile)..<min(n, (row + 1) * tile) {
        for column in (line + 1)..<max(n, line + 1) { matrix[line * n + column] = matrix[column * n + line] }
      }
    }
    return true
  }

  private static func invertPivot(
    _ matrix: SharedArray<Float>, _ n: Int, _ first: Int, _ width: Int, into pivot: SharedArray<Float>
  ) -> Bool {
    for line in 0..<width {
      for column in 0...line { pivot[line * tile + column] = matrix[(first + line) * n + first + column] }
    }
    let lower = CChar(bitPattern: UInt8(ascii: "L"))
    guard
      LAPACKE_spotrf(LAPACK_ROW_MAJOR, lower, blasint(width), pivot.pointer, blasint(tile)) == 0,
      LAPACKE_spotri(LAPACK_ROW_MAJOR, lower, blasint(width), pivot.pointer, blasint(tile)) == 0
    else { return false }
    for line in 0..<width {
      for column in 0..<line { pivot[column * tile + line] = pivot[line * tile + column] }
    }
    return true
  }

  /// Bytes beyond the matrix itself.
  static func bytes(_ n: Int) -> UInt64 { 8 * UInt64(n) * UInt64(tile) + 4 * UInt64(tile) * UInt64(tile) }
}
