import COpenBLAS
import Kernels

/// The main directions of the normalised user-item matrix N = D_u^−½ R D_i^−½, its ideal low-pass filter
/// (Shen et al., "How powerful is graph convolution for recommendation?", CIKM 2021): with the leading right
/// singular vectors V of N, a history r scores r D_i^−½ V Vᵀ D_i^½.
///
/// V is found by subspace iteration from random numbers (Halko, Martinsson and Tropp, "Finding structure with
/// randomness", SIAM Review 2011), orthogonalised by the eigenvectors of its small gram matrix.
package struct SpectralFilter: Sendable {
  /// Row i: D_i^−½ v_i. A history's vector is the sum of its rows.
  package let inputs: FactorMatrix
  /// Row j: weight · D_j^½ v_j. A candidate's score is the product with the history's vector.
  package let outputs: FactorMatrix
  /// Singular values, largest first.
  package let singularValues: [Float]

  package struct Settings: Sendable, Hashable {
    package var dimensions = 256
    /// Directions iterated beyond those kept; they make the last ones converge.
    package var oversampling = 32
    package var iterations = 4
    /// What the outputs are multiplied with.
    package var weight = 0.3
    package var seed: UInt64 = 1
    package init() {}
  }

  /// O(iterations · (pairs · d + (users + items) · d²)). Memory: `bytes`.
  ///
  /// - Returns: nil if the numbers stopped being finite.
  package init?(
    _ pairs: PairMatrix, settings: Settings, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) {
    let items = pairs.columnCount
    let kept = max(1, min(settings.dimensions, min(items, pairs.rowCount)))
    let width = min(kept + settings.oversampling, items)
    let degrees = DegreePowers(pairs)
    let normal = NormalisedProduct(
      pairs, rowScale: DegreePowers.inverse(degrees.rows, exponent: 0.5),
      columnScale: DegreePowers.inverse(degrees.columns, exponent: 0.5))
    let basis = FactorMatrix(rowCount: items, dimensions: width)
    let image = FactorMatrix(rowCount: pairs.rowCount, dimensions: width)
    basis.fillNormal(
      deviation: 1, seed: settings.seed, rows: (0..<items).lazy.filter { degrees.columns[$0] > 0 })
    guard Self.orthogonalise(basis, pool: pool) else { return nil }
    for iteration in 0..<max(1, settings.iterations) {
      normal.apply(to: basis, into: image, pool: pool)
      normal.applyTransposed(to: image, into: basis, pool: pool)
      guard Self.orthogonalise(basis, pool: pool) else { return nil }
      progress(Double(iteration + 1) / Double(settings.iterations + 1))
    }
    normal.apply(to: basis, into: image, pool: pool)
    guard let turn = GramBasis(gram: image.gram(pool: pool), dimensions: width) else { return nil }
    basis.rotate(by: turn.rotation, pool: pool)
    // Eigenvalues ascend, so the last columns are the leading directions.
    let (inputs, outputs) = (
      FactorMatrix(rowCount: items, dimensions: kept), FactorMatrix(rowCount: items, dimensions: kept)
    )
    let inverse = DegreePowers.inverse(degrees.columns, exponent: 0.5)
    let root = DegreePowers.inverse(degrees.columns, exponent: -0.5)
    for item in 0..<items {
      let source = basis.row(item) + (width - kept)
      for place in 0..<kept {
        inputs.row(item)[place] = source[place] * inverse[item]
        outputs.row(item)[place] = source[place] * root[item] * Float(settings.weight)
      }
    }
    guard outputs.values.elements.allSatisfy(\.isFinite) else { return nil }
    self.inputs = inputs
    self.outputs = outputs
    singularValues = turn.eigenvalues.suffix(kept).reversed().map { $0.squareRoot() }
  }

  /// Makes the columns orthonormal by the eigenvectors of their gram matrix, twice, because single precision
  /// loses half its digits the first time. Directions that have vanished become zero.
  static func orthogonalise(_ matrix: FactorMatrix, pool: ThreadPool) -> Bool {
    for _ in 0..<2 {
      guard let turn = GramBasis.turn(matrix, pool: pool) else { return false }
      let largest = turn.eigenvalues.last ?? 0
      let scale = turn.eigenvalues.map { $0 > largest * 1e-10 ? 1 / $0.squareRoot() : 0 }
      let chunkRows = 1024
      pool.run(tasks: ShardPass.chunks(of: matrix.rowCount, size: chunkRows)) { _, chunk in
        for row in (chunk * chunkRows)..<min(matrix.rowCount, (chunk + 1) * chunkRows) {
          let values = matrix.row(row)
          for place in scale.indices { values[place] *= scale[place] }
        }
      }
    }
    return true
  }

  /// Peak bytes beyond the pairs: their transpose, the basis and its image, both factors, gram pieces.
  package static func bytes(pairs: Int, users: Int, items: Int, settings: Settings, threads: Int) -> UInt64 {
    let (p, u, n) = (UInt64(pairs), UInt64(users), UInt64(items))
    let (d, width) = (UInt64(settings.dimensions), UInt64(settings.dimensions + settings.oversampling))
    return 8 * p + 24 * (u + n) + 4 * width * (u + n) + 8 * d * n + 64 * 4 * width * width
      + UInt64(threads) * 4 * 512 * width
  }
}

/// N x and Nᵀ y for N = diag(rowScale) · R · diag(columnScale), for many vectors at once.
struct NormalisedProduct: Sendable {
  private let pairs: PairMatrix
  private let byColumn: PairMatrix
  private let rowScale: [Float]
  private let columnScale: [Float]

  init(_ pairs: PairMatrix, rowScale: [Float], columnScale: [Float]) {
    self.pairs = pairs
    byColumn = pairs.transposed()
    self.rowScale = rowScale
    self.columnScale = columnScale
  }

  /// O(pairs · dimensions). Every row is one task's, so threads change nothing.
  func apply(to columns: FactorMatrix, into rows: FactorMatrix, pool: ThreadPool) {
    Self.multiply(pairs, outer: rowScale, inner: columnScale, source: columns, target: rows, pool: pool)
  }

  func applyTransposed(to rows: FactorMatrix, into columns: FactorMatrix, pool: ThreadPool) {
    Self.multiply(byColumn, outer: columnScale, inner: rowScale, source: rows, target: columns, pool: pool)
  }

  private static func multiply(
    _ matrix: PairMatrix, outer: [Float], inner: [Float], source: FactorMatrix, target: FactorMatrix,
    pool: ThreadPool
  ) {
    let d = source.dimensions
    let chunkRows = 128
    pool.run(tasks: ShardPass.chunks(of: matrix.rowCount, size: chunkRows)) { _, chunk in
      for row in (chunk * chunkRows)..<min(matrix.rowCount, (chunk + 1) * chunkRows) {
        let sum = UnsafeMutableBufferPointer(start: target.row(row), count: d)
        sum.update(repeating: 0)
        for pair in matrix.pairs(of: row) {
          let column = Int(matrix.columns[pair])
          Vectors.add(
            matrix.confidences[pair] * inner[column] * outer[row],
            times: UnsafeBufferPointer(start: source.row(column), count: d), to: sum)
        }
      }
    }
  }
}
