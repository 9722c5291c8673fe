import Glibc
import Training

/// Accuracy of one ranked list.
package struct ListMetrics: Sendable, Hashable {
  /// Names in the order of `values`.
  package static let kinds = ["HR", "Recall", "Precision", "F1", "NDCG", "MRR", "MAP"]

  /// Ranks of the right items that are candidates.
  package let ranks: RankMetrics
  /// Right items that no list can hold.
  package let missed: Int
  package let ideal: IdealRule
  package let precision: PrecisionRule

  package init(
    ranks: RankMetrics, missed: Int = 0, ideal: IdealRule = .list, precision: PrecisionRule = .list
  ) {
    self.ranks = ranks
    self.missed = missed
    self.ideal = ideal
    self.precision = precision
  }

  /// Right items, found or not.
  package var right: Int { ranks.ranks.count + missed }

  private func hits(_ k: Int) -> Int { ranks.ranks.prefix { $0 <= k }.count }

  /// Of the first k, in the order of `kinds`:
  /// HR 1 if one is right; Recall hits / right items; Precision hits / k or over what can be hit, by its rule; F1 their harmonic mean; NDCG with binary
  /// gain 1 / log₂(1 + rank) over the ideal; MRR 1 / rank of the first right one; MAP the mean of the precisions at
  /// each right one over min(k, right items).
  package func values(_ k: Int) -> [Double] {
    let hits = Double(hits(k))
    let recall = right > 0 ? hits / Double(right) : 0
    let possible = self.precision == .list ? k : min(k, right)
    let precision = possible > 0 ? hits / Double(possible) : 0
    let f1 = recall + precision > 0 ? 2 * recall * precision / (recall + precision) : 0
    let best = (0..<(ideal == .list ? min(k, right) : right)).reduce(0.0) { $0 + 1 / log2(Double($1) + 2) }
    let gain = ranks.ranks.prefix { $0 <= k }.reduce(0.0) { $0 + 1 / log2(Double($1) + 1) }
    let precisions = ranks.ranks.prefix { $0 <= k }.enumerated().reduce(0.0) {
      $0 + Double($1.offset + 1) / Double($1.element)
    }
    let shown = min(k, right)
    return [
      hits > 0 ? 1 : 0, recall, precision, f1, best > 0 ? gain / best : 0, ranks.reciprocalRank(k),
      shown > 0 ? precisions / Double(shown) : 0,
    ]
  }
}
