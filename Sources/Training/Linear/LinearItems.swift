import COpenBLAS
import Vocabulary

/// A linear item model cut to the best neighbours of each item, as the read path serves it: a history scores j by
/// Σ_i W(i, j), every item of it counting alike.
package struct LinearItems: Sendable {
  /// Which model it is. Raw values are stored as parameter `kind` of the model.
  package enum Kind: Int, Sendable, Hashable, CaseIterable {
    /// Steck's closed form over all pairs of items.
    case ease = 1
    /// First-order graph filter and the ideal low-pass filter, added.
    case graphFilter = 2
    /// The first-order filter alone: what remains possible for millions of items.
    case filter = 3
    /// Decayed item-kNN, where it did better than the others.
    case itemNeighbours = 4

    /// For messages.
    package var name: String {
      switch self {
      case .ease: "EASE"
      case .graphFilter: "graph filter"
      case .filter: "graph filter without a low-rank part"
      case .itemNeighbours: "item-kNN"
      }
    }
  }

  package let kind: Kind
  /// Weights of EASE may be negative; those kept are the largest by magnitude, best first.
  package let table: NeighbourTable
  /// What it was made with.
  package let parameters: [String: Double]

  package init(kind: Kind, table: NeighbourTable, parameters: [String: Double]) {
    self.kind = kind
    self.table = table
    self.parameters = parameters
  }

}

/// Ranks by an item-item table as the read path's linear source does: every item of the history counts alike, of too
/// many the newest.
package struct LinearItemRanker: Ranker {
  private let table: NeighbourTable

  package init(_ table: NeighbourTable) { self.table = table }

  package var itemCount: Int { table.itemCount }

  /// Unchecked because each belongs to one worker of a `ThreadPool`, which no two running tasks share.
  package final class Scratch: @unchecked Sendable {
    fileprivate var rows: [UInt32] = []
    fileprivate var confidences: [Float] = []
  }

  package func makeScratch() -> Scratch { Scratch() }

  /// O(history · neighbours + items) a query.
  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Scratch) {
    output.update(repeating: 0, count: queries.count * itemCount)
    for (place, query) in queries.enumerated() {
      let scores = output + place * itemCount
      query.newestPairs(Limits.foldInItemsMax, into: &scratch.rows, &scratch.confidences)
      for item in scratch.rows {
        for entry in table.neighbours(of: Int(item)) {
          scores[Int(table.rows[entry])] += table.scores[entry]
        }
      }
    }
  }
}

/// Makes a linear item model in the form that can be served.
package struct LinearItemTrainer: Sendable {
  /// Neighbours kept for each item. The rest of a dense row moves hardly any list.
  package var neighbours: Int
  package var seed: UInt64

  package init(neighbours: Int, seed: UInt64) {
    self.neighbours = neighbours
    self.seed = seed
  }

  /// items³ multiplications for EASE, items² · d for the graph filter, Σ_u |u|² additions for both filters. Same
  /// bytes for any number of threads. Memory: `bytes`.
  ///
  /// - Parameters:
  ///   - pairs: users by items with confidences.
  ///   - itemNeighbours: decayed item-kNN of the same data; used where `kind` asks for it.
  /// - Returns: a relative if numbers failed: the graph filter for EASE, the filter alone for the graph filter.
  package func train(
    _ kind: LinearItems.Kind, pairs: PairMatrix, itemNeighbours: NeighbourTable, pool: ThreadPool,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) -> LinearItems {
    switch kind {
    case .ease:
      let lambda = EaseTrainer.regularisation(pairs: pairs.pairCount, items: pairs.columnCount)
      guard
        let model = EaseTrainer(regularisation: lambda).train(
          pairs, pool: pool, progress: { progress(0.9 * $0) })
      else {
        return train(
          .graphFilter, pairs: pairs, itemNeighbours: itemNeighbours, pool: pool, progress: progress)
      }
      return LinearItems(
        kind: kind, table: model.cut(to: neighbours, pool: pool),
        parameters: ["kind": Double(kind.rawValue), "regularisation": lambda])
    case .graphFilter:
      let (filter, settings) = Self.filterSettings(
        users: pairs.rowCount, items: pairs.columnCount, seed: seed)
      let table = filter.train(pairs, pool: pool) { progress(0.3 * $0) }
      guard
        let spectral = SpectralFilter(
          pairs, settings: settings, pool: pool, progress: { progress(0.3 + 0.4 * $0) })
      else {
        return train(.filter, pairs: pairs, itemNeighbours: itemNeighbours, pool: pool, progress: progress)
      }
      let sum = LinearFilter(neighbours: table, spectral: spectral).cut(to: neighbours, pool: pool) {
        progress(0.7 + 0.3 * $0)
      }
      return LinearItems(
        kind: kind, table: sum,
        parameters: [
          "kind": Double(kind.rawValue), "dimensions": Double(spectral.inputs.dimensions),
          "lowRankWeight": settings.weight,
        ])
    case .filter:
      var (filter, _) = Self.filterSettings(users: pairs.rowCount, items: pairs.columnCount, seed: seed)
      filter.neighbours = neighbours
      return LinearItems(
        kind: kind, table: filter.train(pairs, pool: pool, progress: progress),
        parameters: ["kind": Double(kind.rawValue)])
    case .itemNeighbours:
      return LinearItems(
        kind: kind, table: itemNeighbours, parameters: ["kind": Double(kind.rawValue)])
    }
  }

  /// The filter before it is cut keeps as many neighbours as a model may hold.
  private static func filterSettings(users: Int, items: Int, seed: UInt64) -> (
    ItemFilterTrainer, SpectralFilter.Settings
  ) {
    var parts = StandardParts(memoryLimit: .max)
    parts.seed = seed
    return parts.filterSettings(users: users, items: items)
  }

  /// items² · dimensions above which the low-rank part is left out: about a minute of two cores.
  static let lowRankWorkMax = 4e12

  /// Whether the low-rank part of a graph filter is made in reasonable time.
  static func allowsLowRank(users: Int, items: Int) -> Bool {
    let d = StandardParts.dimensions(users: users, items: items)
    return Double(items) * Double(items) * Double(d) <= lowRankWorkMax
  }

  /// Peak bytes beyond the pairs and the item-kNN table: what the model needs, the cut table and its compact copy.
  package static func bytes(
    _ kind: LinearItems.Kind, pairs: Int, users: Int, items: Int, neighbours: Int, threads: Int
  ) -> UInt64 {
    let n = UInt64(items)
    let cut =
      2 * 8 * UInt64(neighbours) * n + 4 * n
      + UInt64(threads) * (4 * n * UInt64(NeighbourTable.cutRows) + 16 * UInt64(neighbours))
    let (filter, spectral) = filterSettings(users: users, items: items, seed: 1)
    func filterBytes(_ width: Int) -> UInt64 {
      ItemFilterTrainer.bytes(
        pairs: pairs, users: users, items: items, neighbours: width, threads: threads)
    }
    switch kind {
    case .ease: return cut + EaseTrainer.bytes(pairs: pairs, users: users, items: items)
    case .graphFilter:
      return cut + filterBytes(filter.neighbours)
        + SpectralFilter.bytes(pairs: pairs, users: users, items: items, settings: spectral, threads: threads)
    case .filter: return filterBytes(neighbours)
    case .itemNeighbours: return 0
    }
  }
}

extension DenseItemModel {
  /// The `width` weights of each row with the largest magnitude, negative ones included. O(items²).
  package func cut(to width: Int, pool: ThreadPool) -> NeighbourTable {
    let (weights, n) = (weights, itemCount)
    return .cut(count: n, width: width, keepsNegative: true, pool: pool) { rows, block in
      block.update(from: weights.pointer + rows.lowerBound * n, count: rows.count * n)
    }
  }
}

extension LinearFilter {
  /// The sum of both parts, its `width` largest positive weights of each row. O(items² · d).
  package func cut(
    to width: Int, pool: ThreadPool, progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) -> NeighbourTable {
    let (neighbours, spectral, n) = (neighbours, spectral, neighbours.itemCount)
    return .cut(count: n, width: width, keepsNegative: false, pool: pool, progress: progress) { rows, block in
      if let spectral {
        let d = spectral.inputs.dimensions
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows.count), blasint(n), blasint(d), 1,
          spectral.inputs.row(rows.lowerBound), blasint(d), spectral.outputs.values.pointer, blasint(d), 0,
          block, blasint(n))
      } else {
        block.update(repeating: 0, count: rows.count * n)
      }
      for row in rows {
        let line = block + (row - rows.lowerBound) * n
        for place in neighbours.neighbours(of: row) {
          line[Int(neighbours.rows[place])] += neighbours.scores[place]
        }
      }
    }
  }
}
