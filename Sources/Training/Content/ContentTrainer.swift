import COpenBLAS
import Glibc
import Kernels
import Models

/// What `ContentTrainer` makes; see `ContentModel`.
package struct TrainedContent: Sendable {
  package let weights: ContentWeights
  /// Features by dimensions.
  package let projection: FactorMatrix
  /// Item rows by dimensions.
  package let items: FactorMatrix
  /// Dimensions by factors, row by row.
  package let map: [Float]
  /// As many as factors.
  package let base: [Float]

  package var dimensions: Int { projection.dimensions }

  /// The factors each row's content predicts: what an item without pairs is given. O(rows · d · factors).
  package func predictedFactors(pool: ThreadPool) -> FactorMatrix {
    let result = FactorMatrix(rowCount: items.rowCount, dimensions: base.count)
    let chunkRows = 256
    pool.run(tasks: ShardPass.chunks(of: items.rowCount, size: chunkRows)) { _, chunk in
      for row in (chunk * chunkRows)..<min(items.rowCount, (chunk + 1) * chunkRows) {
        let target = UnsafeMutableBufferPointer(start: result.row(row), count: base.count)
        _ = target.update(from: base)
        map.withUnsafeBufferPointer { map in
          for place in 0..<dimensions {
            Vectors.add(
              items.row(row)[place],
              times: UnsafeBufferPointer(rebasing: map[place * base.count..<(place + 1) * base.count]),
              to: target)
          }
        }
      }
    }
    return result
  }
}

/// Content vectors by latent semantic analysis (Deerwester, Dumais, Furnas, Landauer and Harshman 1990): a truncated
/// singular value decomposition of the weighted features, by subspace iteration from random numbers (Halko, Martinsson and
/// Tropp 2011), and a ridge regression from them to iALS factors, so that an item nobody has touched stands where its content
/// says that users will want it (the map of Gantner et al., "Learning attribute-to-feature mappings for cold-start
/// recommendations", ICDM 2010).
package struct ContentTrainer: Sendable {
  package let settings: ContentSettings

  package init(_ settings: ContentSettings = ContentSettings()) { self.settings = settings }

  /// Rows with content from which a model is made: with fewer every word is rare.
  static let rowsMin = 2

  /// - Parameters:
  ///   - features: of the item rows.
  ///   - factors: of the same rows; zero where there are none.
  ///   - counts: pairs of each row.
  /// - Returns: nil if hardly any row has content that another one shares, or numbers stopped being finite.
  ///   O(iterations · features · d + rows · d²).
  package func train(
    _ features: ContentFeatures, factors: FactorMatrix, counts: [Float], pool: ThreadPool,
    progress: (Double) -> Void = { _ in }
  ) -> TrainedContent? {
    let rows = factors.rowCount
    guard let weights = weigh(features, rows: rows) else { return nil }
    let filled = (0..<rows).filter { !features.features(of: $0).isEmpty }
    guard filled.count >= Self.rowsMin else { return nil }
    let sampled =
      filled.count <= settings.rowsMax
      ? filled : (0..<settings.rowsMax).map { filled[$0 * filled.count / settings.rowsMax] }
    let sparse = Self.matrix(features, weights, rows: sampled)
    guard let projection = decompose(sparse, pool: pool, progress: { progress(0.7 * $0) }) else { return nil }
    let d = projection.dimensions
    let items = FactorMatrix(rowCount: rows, dimensions: d)
    let chunkRows = 256
    pool.run(tasks: ShardPass.chunks(of: rows, size: chunkRows)) { _, chunk in
      for row in (chunk * chunkRows)..<min(rows, (chunk + 1) * chunkRows) {
        let target = UnsafeMutableBufferPointer(start: items.row(row), count: d)
        weights.forEach(features.features(of: row)) { place, value in
          Vectors.add(value, times: UnsafeBufferPointer(start: projection.row(place), count: d), to: target)
        }
      }
    }
    progress(0.8)
    guard let (map, base) = regress(items, features, factors, counts) else { return nil }
    let result = TrainedContent(weights: weights, projection: projection, items: items, map: map, base: base)
    let isFinite =
      items.values.elements.allSatisfy(\.isFinite) && projection.values.elements.allSatisfy(\.isFinite)
      && map.allSatisfy(\.isFinite) && base.allSatisfy(\.isFinite)
    progress(1)
    return isFinite ? result : nil
  }

  /// Inverse document frequencies ln((1 + n) / (1 + df)) of the texts, the constant of facts. A feature of a single row
  /// connects nothing, and a word of every row says nothing: both are left out.
  private func weigh(_ features: ContentFeatures, rows: Int) -> ContentWeights? {
    var frequency = [Int](repeating: 0, count: 2 * ContentText.buckets)
    var filled = 0
    for row in 0..<rows {
      let present = features.features(of: row)
      if !present.isEmpty { filled += 1 }
      for feature in present { frequency[feature.number] += 1 }
    }
    var numbers: [UInt32] = []
    var weights: [Float] = []
    for (number, count) in frequency.enumerated() where count >= 2 {
      let isText = number < ContentText.buckets
      let weight = isText ? log((1 + Double(filled)) / (1 + Double(count))) : settings.factWeight
      guard weight > 0 else { continue }
      numbers.append(UInt32(truncatingIfNeeded: number))
      weights.append(Float(weight))
    }
    return numbers.isEmpty ? nil : ContentWeights(numbers: numbers, weights: weights)
  }

  /// The rows as sparse vectors over the weighted features.
  static func matrix(_ features: ContentFeatures, _ weights: ContentWeights, rows: some Sequence<Int>)
    -> PairMatrix
  {
    var start = [0]
    var columns: [UInt32] = []
    var values: [Float] = []
    for row in rows {
      weights.forEach(features.features(of: row)) { place, value in
        columns.append(UInt32(truncatingIfNeeded: place))
        values.append(value)
      }
      start.append(columns.count)
    }
    return PairMatrix(rowStart: start, columns: columns, confidences: values, columnCount: weights.count)
  }

  /// The leading right singular vectors, the largest first: features by dimensions.
  private func decompose(_ matrix: PairMatrix, pool: ThreadPool, progress: (Double) -> Void) -> FactorMatrix?
  {
    let kept = max(1, min(settings.dimensions, matrix.rowCount, matrix.columnCount))
    let width = min(kept + settings.oversampling, matrix.columnCount)
    let product = NormalisedProduct(
      matrix, rowScale: [Float](repeating: 1, count: matrix.rowCount),
      columnScale: [Float](repeating: 1, count: matrix.columnCount))
    let basis = FactorMatrix(rowCount: matrix.columnCount, dimensions: width)
    let image = FactorMatrix(rowCount: matrix.rowCount, dimensions: width)
    basis.fillNormal(deviation: 1, seed: settings.seed, rows: 0..<matrix.columnCount)
    guard SpectralFilter.orthogonalise(basis, pool: pool) else { return nil }
    for iteration in 0..<max(1, settings.iterations) {
      product.apply(to: basis, into: image, pool: pool)
      product.applyTransposed(to: image, into: basis, pool: pool)
      guard SpectralFilter.orthogonalise(basis, pool: pool) else { return nil }
      progress(Double(iteration + 1) / Double(settings.iterations + 1))
    }
    product.apply(to: basis, into: image, pool: pool)
    guard let turn = GramBasis(gram: image.gram(pool: pool), dimensions: width) else { return nil }
    basis.rotate(by: turn.rotation, pool: pool)
    // Eigenvalues ascend, so the last columns are the leading directions.
    let result = FactorMatrix(rowCount: matrix.columnCount, dimensions: kept)
    for row in 0..<matrix.columnCount {
      for place in 0..<kept { result.row(row)[place] = basis.row(row)[width - 1 - place] }
    }
    return result
  }

  /// W = (ZᵀDZ + λI)⁻¹ ZᵀD(V − v̄) over the rows with factors and content, Z centred, D = min(count, countMax),
  /// λ = ridge · Σ D; and the base v̄ − z̄W. All zero but the base if there are none.
  private func regress(
    _ items: FactorMatrix, _ features: ContentFeatures, _ factors: FactorMatrix, _ counts: [Float]
  ) -> (map: [Float], base: [Float])? {
    let (t, d) = (items.dimensions, factors.dimensions)
    let rows = (0..<items.rowCount).filter { counts[$0] > 0 && !features.features(of: $0).isEmpty }
    let weight = { (row: Int) in min(Double(counts[row]), settings.countMax) }
    var total = 0.0
    var (meanContent, meanFactors) = (
      [Double](repeating: 0, count: t), [Double](repeating: 0, count: d)
    )
    for row in rows {
      total += weight(row)
      for place in 0..<t { meanContent[place] += weight(row) * Double(items.row(row)[place]) }
      for place in 0..<d { meanFactors[place] += weight(row) * Double(factors.row(row)[place]) }
    }
    guard total > 0 else {
      return ([Float](repeating: 0, count: t * d), [Float](repeating: 0, count: d))
    }
    for place in 0..<t { meanContent[place] /= total }
    for place in 0..<d { meanFactors[place] /= total }
    var square = [Double](repeating: 0, count: t * t)
    var right = [Double](repeating: 0, count: t * d)
    for place in 0..<t { square[place * t + place] = settings.ridge * total }
    let chunkRows = 512
    var (left, target) = (
      [Double](repeating: 0, count: chunkRows * t), [Double](repeating: 0, count: chunkRows * d)
    )
    for first in stride(from: 0, to: rows.count, by: chunkRows) {
      let count = min(chunkRows, rows.count - first)
      for (place, row) in rows[first..<first + count].enumerated() {
        let root = weight(row).squareRoot()
        for column in 0..<t {
          left[place * t + column] = root * (Double(items.row(row)[column]) - meanContent[column])
        }
        for column in 0..<d {
          target[place * d + column] = root * (Double(factors.row(row)[column]) - meanFactors[column])
        }
      }
      cblas_dgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, blasint(t), blasint(t), blasint(count), 1, left, blasint(t),
        left, blasint(t), 1, &square, blasint(t))
      cblas_dgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, blasint(t), blasint(d), blasint(count), 1, left, blasint(t),
        target, blasint(d), 1, &right, blasint(d))
    }
    let lower = CChar(bitPattern: UInt8(ascii: "L"))
    guard
      LAPACKE_dposv(LAPACK_ROW_MAJOR, lower, blasint(t), blasint(d), &square, blasint(t), &right, blasint(d))
        == 0
    else { return nil }
    var base = meanFactors
    for row in 0..<t {
      for column in 0..<d { base[column] -= meanContent[row] * right[row * d + column] }
    }
    return (right.map { Float($0) }, base.map { Float($0) })
  }

  /// Peak bytes beyond the features: the sparse rows and their transpose, basis and image, projection, content vectors,
  /// the gram pieces, what the regression holds.
  package static func bytes(
    features: Int, rows: Int, dimensions: Int, settings: ContentSettings, threads: Int
  ) -> UInt64 {
    let sampled = UInt64(min(rows, settings.rowsMax))
    let share = Double(sampled) / Double(max(1, rows))
    let pairs = UInt64((Double(features) * share).rounded(.up))
    let (columns, width) = (
      UInt64(2 * ContentText.buckets), UInt64(settings.dimensions + settings.oversampling)
    )
    let (t, d) = (UInt64(settings.dimensions), UInt64(dimensions))
    return 16 * pairs + 24 * (sampled + columns) + 4 * width * (sampled + columns) + 4 * t * columns
      + 4 * t * UInt64(rows) + 64 * 4 * width * width + 8 * (512 + t) * (t + d)
      + UInt64(threads) * 4 * 512 * width
  }
}
