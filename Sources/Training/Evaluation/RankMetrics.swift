import Glibc

/// Metrics of one ranked list, from the ranks of the right items.
package struct RankMetrics: Sendable, Hashable {
  /// 1-based ranks of the right items, ascending.
  package let ranks: [Int]

  package init(ranks: [Int]) { self.ranks = ranks }

  /// Ranks under the rule that ties count against the model: among equal scores wrong candidates stand first.
  /// Anything that is not a number counts against the model as well. O(candidates · log right).
  ///
  /// - Parameters:
  ///   - scores: of every item.
  ///   - isWrongCandidate: true for the items that compete with the right ones: neither right nor left out.
  ///   - right: the right items, distinct.
  @inline(__always)
  package init(
    scores: UnsafeBufferPointer<Float>, right: some Collection<UInt32>, isWrongCandidate: (Int) -> Bool
  ) {
    let sorted = right.map { scores[Int($0)].isNaN ? -Float.infinity : scores[Int($0)] }.sorted(by: >)
    // above[t]: wrong candidates that beat the t-th best right item but not the one before it.
    var above = [Int](repeating: 0, count: sorted.count)
    if let lowest = sorted.last {
      for item in scores.indices {
        let score = scores[item]
        if score < lowest || !isWrongCandidate(item) { continue }
        var (low, high) = (0, sorted.count - 1)
        while low < high {
          let middle = (low + high) / 2
          if score < sorted[middle] { low = middle + 1 } else { high = middle }
        }
        above[low] += 1
      }
    }
    var ahead = 0
    ranks = above.indices.map { place in
      ahead += above[place]
      return ahead + place + 1
    }
  }

  private func hits(_ k: Int) -> Int { ranks.prefix { $0 <= k }.count }

  /// 1 if a right item is among the first k.
  package func hitRate(_ k: Int) -> Double { hits(k) > 0 ? 1 : 0 }

  /// Share of the right items among the first k; all right items count below the line.
  package func recall(_ k: Int) -> Double { ranks.isEmpty ? 0 : Double(hits(k)) / Double(ranks.count) }

  /// Share of the first k that are right.
  package func precision(_ k: Int) -> Double { k > 0 ? Double(hits(k)) / Double(k) : 0 }

  /// Binary gain 1 / log₂(1 + rank), divided by that of a list with min(k, right items) right ones on top.
  package func ndcg(_ k: Int) -> Double {
    let ideal = (0..<min(k, ranks.count)).reduce(0.0) { $0 + 1 / log2(Double($1) + 2) }
    let gain = ranks.prefix { $0 <= k }.reduce(0.0) { $0 + 1 / log2(Double($1) + 1) }
    return ideal > 0 ? gain / ideal : 0
  }

  /// 1 / rank of the best right item, if among the first k.
  package func reciprocalRank(_ k: Int) -> Double {
    guard let best = ranks.first, best <= k else { return 0 }
    return 1 / Double(best)
  }

  /// Mean of the precisions at each right item among the first k, over min(k, right items).
  package func averagePrecision(_ k: Int) -> Double {
    let sum = ranks.prefix { $0 <= k }.enumerated().reduce(0.0) {
      $0 + Double($1.offset + 1) / Double($1.element)
    }
    let count = min(k, ranks.count)
    return count > 0 ? sum / Double(count) : 0
  }
}
