import COpenBLAS

/// A linear item model that needs no dense matrix: neighbours, a low-rank part, or both. The score of j for a
/// history is Σ_i c_i (N(i, j) + ⟨in_i, out_j⟩).
///
/// With `ItemFilterTrainer` and `SpectralFilter` this is the graph filter of Shen et al. (CIKM 2021), of which
/// Choi et al. ("Blurring-sharpening process models for collaborative filtering", SIGIR 2023) is a relative.
/// It costs memory in items · neighbours instead of items².
package struct LinearFilter: Sendable {
  package let neighbours: NeighbourTable
  package let spectral: SpectralFilter?

  package init(neighbours: NeighbourTable, spectral: SpectralFilter?) {
    self.neighbours = neighbours
    self.spectral = spectral
  }
}

/// How much each item of a query's history counts.
package enum HistoryWeight: Sendable, Hashable {
  /// Its confidence.
  case confidence
  /// 1, whatever the confidence.
  case equal
  /// decay^age of its newest occurrence, with age 0 for the newest distinct item; those after `items` of them
  /// are left out.
  case recent(items: Int, decay: Double)

  /// Calls `body` with every item that counts and its weight: O(history).
  @inline(__always)
  func forEach(_ query: Query, _ body: (_ item: UInt32, _ weight: Float) -> Void) {
    switch self {
    case .confidence:
      for place in query.pairItems.indices { body(query.pairItems[place], query.pairConfidences[place]) }
    case .equal:
      for item in query.pairItems { body(item, 1) }
    case .recent(let items, let decay):
      var weight: Float = 1
      var used: Set<UInt32> = []
      for item in query.history.reversed() where used.insert(item).inserted {
        body(item, weight)
        if used.count == items { break }
        weight *= Float(decay)
      }
    }
  }
}

/// Ranks by a `LinearFilter`.
package struct LinearFilterRanker: Ranker {
  private let filter: LinearFilter
  private let weight: HistoryWeight

  package init(_ filter: LinearFilter, weight: HistoryWeight) {
    self.filter = filter
    self.weight = weight
  }

  package var itemCount: Int { filter.neighbours.itemCount }

  /// Sums of input rows, one for each query of a batch.
  package func makeScratch() -> SharedArray<Float> {
    SharedArray(
      repeating: 0, count: Evaluator.batchQueries * (filter.spectral?.inputs.dimensions ?? 0))
  }

  /// REQUIRES: at most `Evaluator.batchQueries` queries.
  /// O(history · (neighbours + d) + items · d) a query.
  package func score(
    _ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: SharedArray<Float>
  ) {
    let count = itemCount
    if let spectral = filter.spectral {
      let d = spectral.inputs.dimensions
      for (index, query) in queries.enumerated() {
        let sum = scratch.pointer + index * d
        sum.update(repeating: 0, count: d)
        weight.forEach(query) { item, weight in
          cblas_saxpy(blasint(d), weight, spectral.inputs.row(Int(item)), 1, sum, 1)
        }
      }
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(queries.count), blasint(count), blasint(d), 1,
        scratch.pointer, blasint(d), spectral.outputs.values.pointer, blasint(d), 0, output, blasint(count))
    } else {
      output.update(repeating: 0, count: queries.count * count)
    }
    filter.neighbours.rows.withUnsafeBufferPointer { rows in
      filter.neighbours.scores.withUnsafeBufferPointer { values in
        for (index, query) in queries.enumerated() {
          let scores = output + index * count
          weight.forEach(query) { item, weight in
            for place in filter.neighbours.neighbours(of: Int(item)) {
              scores[Int(rows[place])] += weight * values[place]
            }
          }
        }
      }
    }
  }
}
