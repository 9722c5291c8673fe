import Kernels

/// A full item-item matrix: row i is what one item of a history adds to every candidate's score.
package struct DenseItemModel: Sendable {
  package let itemCount: Int
  /// Row by row.
  package let weights: SharedArray<Float>

  package init(itemCount: Int, weights: SharedArray<Float>) {
    self.itemCount = itemCount
    self.weights = weights
  }

  /// The best `width` positive weights of each row: what the read path serves. O(items² ).
  package func truncated(to width: Int, pool: ThreadPool) -> NeighbourTable {
    .build(
      count: itemCount, width: width, pool: pool,
      fill: { row, accumulator in
        for column in 0..<itemCount where column != row {
          let value = weights[row * itemCount + column]
          if value > 0 { accumulator.add(UInt32(truncatingIfNeeded: column), Double(value)) }
        }
      },
      score: { _, _, value in value })
  }
}

/// Ranks by a dense item model.
package struct DenseItemRanker: Ranker {
  private let model: DenseItemModel
  private let weight: HistoryWeight

  package init(_ model: DenseItemModel, weight: HistoryWeight) {
    self.model = model
    self.weight = weight
  }

  package var itemCount: Int { model.itemCount }
  package func makeScratch() {}

  /// O(history · items) a query.
  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    let count = itemCount
    output.update(repeating: 0, count: queries.count * count)
    for (index, query) in queries.enumerated() {
      let scores = UnsafeMutableBufferPointer(start: output + index * count, count: count)
      weight.forEach(query) { item, weight in
        Vectors.add(
          weight, times: UnsafeBufferPointer(start: model.weights.pointer + Int(item) * count, count: count),
          to: scores)
      }
    }
  }
}
