import COpenBLAS
import Glibc
import Kernels
import Models

/// Ranks as the content source does: the user folded into the factors of what they have, against the factors that each
/// item's content predicts.
package struct ContentRanker: Ranker {
  private let factors: TrainedFactors
  private let predicted: FactorMatrix
  private let taste: FactorRanker

  package init(_ content: TrainedContent, factors: TrainedFactors, pool: ThreadPool) {
    self.factors = factors
    predicted = content.predictedFactors(pool: pool)
    taste = FactorRanker(factors)
  }

  package var itemCount: Int { predicted.rowCount }
  package func makeScratch() -> FactorRanker.Scratch { taste.makeScratch() }

  package func score(
    _ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: FactorRanker.Scratch
  ) {
    taste.foldIn(queries, scratch: scratch)
    let d = factors.settings.dimensions
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, blasint(queries.count), blasint(itemCount), blasint(d), 1,
      scratch.users.pointer, blasint(d), predicted.values.pointer, blasint(d), 0, output, blasint(itemCount))
  }
}

/// The yardstick: the mean of the plain TF-IDF vectors of what a user has, and the cosine of each item with it. No
/// decomposition, no regression.
package struct TextCentroidRanker: Ranker {
  private let rows: PairMatrix
  private let columns: PairMatrix
  private let inverseLengths: [Float]

  /// - Parameter usesFacts: whether facts stand beside the texts, weighing as in `ContentSettings`.
  package init?(_ features: ContentFeatures, rows count: Int, usesFacts: Bool = false) {
    var frequency = [Int](repeating: 0, count: 2 * ContentText.buckets)
    for row in 0..<count { for feature in features.features(of: row) { frequency[feature.number] += 1 } }
    var numbers: [UInt32] = []
    var weights: [Float] = []
    for (number, found) in frequency.enumerated() where found > 0 {
      let isText = number < ContentText.buckets
      if !isText, !usesFacts { continue }
      let weight = isText ? log((1 + Float(count)) / (1 + Float(found))) : 0.3
      guard weight > 0 else { continue }
      numbers.append(UInt32(truncatingIfNeeded: number))
      weights.append(weight)
    }
    if numbers.isEmpty { return nil }
    rows = ContentTrainer.matrix(
      features, ContentWeights(numbers: numbers, weights: weights), rows: 0..<count)
    columns = rows.transposed()
    inverseLengths = (0..<count).map { [rows] row in
      let square = rows.pairs(of: row).reduce(into: Float(0)) {
        $0 += rows.confidences[$1] * rows.confidences[$1]
      }
      return square > 0 ? 1 / square.squareRoot() : 0
    }
  }

  package var itemCount: Int { rows.rowCount }

  package func makeScratch() -> SharedArray<Float> { SharedArray(repeating: 0, count: rows.columnCount) }

  package func score(
    _ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: SharedArray<Float>
  ) {
    for (index, query) in queries.enumerated() {
      let scores = output + index * itemCount
      scores.update(repeating: 0, count: itemCount)
      scratch.pointer.update(repeating: 0, count: scratch.count)
      for item in query.pairItems {
        for pair in rows.pairs(of: Int(item)) { scratch[Int(rows.columns[pair])] += rows.confidences[pair] }
      }
      for column in 0..<scratch.count where scratch[column] != 0 {
        for pair in columns.pairs(of: column) {
          scores[Int(columns.columns[pair])] += scratch[column] * columns.confidences[pair]
        }
      }
      for item in 0..<itemCount { scores[item] *= inverseLengths[item] }
    }
  }
}
