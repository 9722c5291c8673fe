import COpenBLAS
import Glibc
import Kernels
import Models
import Vocabulary

/// What `ContentTrainer` makes; see `ContentModel`.
package struct TrainedContent: Sendable {
  package let weights: ContentWeights
  /// Features by dimensions.
  package let projection: FactorMatrix
  /// Item rows by dimensions.
  package let items: FactorMatrix
  package let landmarks: [Float]
  /// Landmarks by factors, row by row.
  package let map: [Float]
  /// As many as factors.
  package let base: [Float]
  package let bandwidth: Float

  package var dimensions: Int { projection.dimensions }

  /// The factors each row's content predicts: what an item without pairs is given.
  /// O(rows · landmarks · (d + factors)).
  package func predictedFactors(pool: ThreadPool) -> FactorMatrix {
    let result = FactorMatrix(rowCount: items.rowCount, dimensions: base.count)
    let chunkRows = 256
    let squares = landmarks.withUnsafeBufferPointer { ContentRegression.squares($0, width: dimensions) }
    pool.run(tasks: ShardPass.chunks(of: items.rowCount, size: chunkRows)) { _, chunk in
      landmarks.withUnsafeBufferPointer { landmarks in
        map.withUnsafeBufferPointer { map in
          base.withUnsafeBufferPointer { base in
            squares.withUnsafeBufferPointer { squares in
              let regression = ContentRegression(
                landmarks: landmarks, map: map, base: base, squares: squares, bandwidth: bandwidth)
              for row in (chunk * chunkRows)..<min(items.rowCount, (chunk + 1) * chunkRows) {
                _ = regression.predict(
                  UnsafeBufferPointer(start: items.row(row), count: dimensions),
                  into: UnsafeMutableBufferPointer(start: result.row(row), count: base.count))
              }
            }
          }
        }
      }
    }
    return result
  }
}

/// Content vectors by latent semantic analysis (Deerwester, Dumais, Furnas, Landauer and Harshman 1990): a truncated
/// singular value decomposition of the weighted features, by subspace iteration from random numbers (Halko, Martinsson and
/// Tropp 2011), and a kernel ridge regression from them to iALS factors, so that an item nobody has touched stands where its content
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
    guard let regression = regress(items, features, factors, counts) else { return nil }
    let (map, base) = (regression.map, regression.base)
    let result = TrainedContent(
      weights: weights, projection: projection, items: items, landmarks: regression.landmarks, map: map,
      base: base, bandwidth: Float(settings.bandwidth))
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

  private struct Regression {
    var landmarks: [Float] = []
    var map: [Float] = []
    var base: [Float]
  }

  /// Kernel ridge regression with landmarks m over the rows with factors and content: W = (KᵀDK + λK_mm)⁻¹ KᵀD(V − v̄) with
  /// K the likeness of rows and landmarks, D = min(count, countMax) over its mean, base v̄, the weighted mean. Nothing but a
  /// base of zero if there are none; nil if LAPACK finds no answer.
  private func regress(
    _ items: FactorMatrix, _ features: ContentFeatures, _ factors: FactorMatrix, _ counts: [Float]
  ) -> Regression? {
    let (t, d) = (items.dimensions, factors.dimensions)
    let usable = (0..<items.rowCount).filter { counts[$0] > 0 && !features.features(of: $0).isEmpty }
    if usable.isEmpty { return Regression(base: [Float](repeating: 0, count: d)) }
    func spread(_ rows: [Int], _ most: Int) -> [Int] {
      rows.count <= most ? rows : (0..<most).map { rows[$0 * rows.count / most] }
    }
    let rows = spread(usable, settings.rowsMax)
    let chosen = spread(rows, min(settings.landmarks, Limits.contentLandmarksMax))
    let m = chosen.count
    var landmarks = [Float](repeating: 0, count: m * t)
    for (place, row) in chosen.enumerated() {
      for column in 0..<t { landmarks[place * t + column] = items.row(row)[column] }
    }
    let squares = landmarks.withUnsafeBufferPointer { ContentRegression.squares($0, width: t) }
    let total = rows.reduce(0.0) { $0 + min(Double(counts[$1]), settings.countMax) }
    let weight = { (row: Int) in
      min(Double(counts[row]), settings.countMax) * Double(rows.count) / total
    }
    var mean = [Double](repeating: 0, count: d)
    for row in rows {
      for place in 0..<d { mean[place] += weight(row) * Double(factors.row(row)[place]) }
    }
    for place in 0..<d { mean[place] /= Double(rows.count) }
    var square = [Double](repeating: 0, count: m * m)
    var right = [Double](repeating: 0, count: m * d)
    let chunkRows = 512
    var (content, products) = (
      [Float](repeating: 0, count: chunkRows * t), [Float](repeating: 0, count: chunkRows * m)
    )
    var (left, target) = (
      [Double](repeating: 0, count: chunkRows * m), [Double](repeating: 0, count: chunkRows * d)
    )
    /// Likeness of a few rows and all landmarks, into `products`.
    func compare(_ some: ArraySlice<Int>) {
      for (place, row) in some.enumerated() {
        for column in 0..<t { content[place * t + column] = items.row(row)[column] }
      }
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(some.count), blasint(m), blasint(t), 1, content,
        blasint(t), landmarks, blasint(t), 0, &products, blasint(m))
      for (place, row) in some.enumerated() {
        let own = UnsafeBufferPointer(start: items.row(row), count: t)
        let length = Vectors.dot(own, own)
        for column in 0..<m {
          products[place * m + column] = ContentRegression.likeness(
            square: length, other: squares[column], product: products[place * m + column],
            bandwidth: Float(settings.bandwidth))
        }
      }
    }
    for first in stride(from: 0, to: m, by: chunkRows) {
      let count = min(chunkRows, m - first)
      compare(chosen[first..<first + count])
      for place in 0..<count * m { square[first * m + place] = settings.ridge * Double(products[place]) }
    }
    // Likeness of the landmarks among themselves may be singular to rounding: two of the same text.
    for place in 0..<m { square[place * m + place] += 1e-6 * max(1, settings.ridge) }
    for first in stride(from: 0, to: rows.count, by: chunkRows) {
      let count = min(chunkRows, rows.count - first)
      compare(rows[first..<first + count])
      for (place, row) in rows[first..<first + count].enumerated() {
        let root = weight(row).squareRoot()
        for column in 0..<m { left[place * m + column] = root * Double(products[place * m + column]) }
        for column in 0..<d {
          target[place * d + column] = root * (Double(factors.row(row)[column]) - mean[column])
        }
      }
      cblas_dgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, blasint(m), blasint(m), blasint(count), 1, left, blasint(m),
        left, blasint(m), 1, &square, blasint(m))
      cblas_dgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, blasint(m), blasint(d), blasint(count), 1, left, blasint(m),
        target, blasint(d), 1, &right, blasint(d))
    }
    let lower = CChar(bitPattern: UInt8(ascii: "L"))
    guard
      LAPACKE_dposv(LAPACK_ROW_MAJOR, lower, blasint(m), blasint(d), &square, blasint(m), &right, blasint(d))
        == 0
    else { return nil }
    return Regression(landmarks: landmarks, map: right.map { Float($0) }, base: mean.map { Float($0) })
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
    let (t, d, m) = (UInt64(settings.dimensions), UInt64(dimensions), UInt64(min(rows, settings.landmarks)))
    return 16 * pairs + 24 * (sampled + columns) + 4 * width * (sampled + columns) + 4 * t * columns
      + 4 * t * UInt64(rows) + 64 * 4 * width * width + 8 * (512 + m) * (m + d)
      + 4 * (512 + m) * (t + m)
      + UInt64(threads) * 4 * 512 * width
  }
}
