import Glibc
import Training

/// What training says of each item, for measures beyond accuracy. Counts are users who have the item.
package struct ItemStatistics: Sendable {
  package let counts: [Int]
  package let isKnown: [Bool]
  package let knownItems: Int
  /// −log₂ of the share of users who have the item.
  package let novelty: [Double]
  /// The rarest tenth of the known items; among equals the later numbers.
  package let isTail: [Bool]
  let byItem: PairMatrix

  /// O(pairs + items · log).
  package init(_ fit: FitData) {
    let byItem = fit.pairs.transposed()
    let counts = (0..<fit.itemCount).map { byItem.pairs(of: $0).count }
    let users = Double(max(1, fit.pairs.filledRows))
    novelty = counts.map { $0 > 0 ? -log2(Double($0) / users) : 0 }
    let order = (0..<fit.itemCount).filter { fit.isKnown[$0] }
      .sorted { counts[$0] != counts[$1] ? counts[$0] < counts[$1] : $0 > $1 }
    var tail = [Bool](repeating: false, count: fit.itemCount)
    for item in order.prefix(order.count / 10) { tail[item] = true }
    isTail = tail
    isKnown = fit.isKnown
    knownItems = order.count
    self.counts = counts
    self.byItem = byItem
  }

  /// Share of the known items that were recommended to anybody. O(items).
  package func coverage(_ recommended: [Int]) -> Double {
    knownItems > 0 ? Double(recommended.count { $0 > 0 }) / Double(knownItems) : 0
  }

  /// Σ (2i − |I| − 1) P(i) / (|I| Σ P(i)), counts ascending over all known items, zeros included. O(items · log).
  package func gini(_ recommended: [Int]) -> Double {
    let counts = recommended.indices.filter { isKnown[$0] }.map { recommended[$0] }.sorted()
    let total = counts.reduce(0, +)
    if total == 0 { return 0 }
    let n = Double(counts.count)
    let sum = counts.enumerated().reduce(0.0) {
      $0 + (2 * Double($1.offset + 1) - n - 1) * Double($1.element)
    }
    return sum / (n * Double(total))
  }

  /// −Σ p log p / log |I| over the known items. O(items).
  package func entropy(_ recommended: [Int]) -> Double {
    let total = Double(recommended.reduce(0, +))
    if total == 0 || knownItems < 2 { return 0 }
    return -recommended.reduce(0.0) { sum, count in
      let p = Double(count) / total
      return count > 0 ? sum + p * log(p) : sum
    } / log(Double(knownItems))
  }

  /// Mean cosine of the pairs in a list, items as sets of users: with v the sum of the unit vectors,
  /// (|v|² − n) / (n (n − 1)). O(users of the items).
  func similarity(_ list: some Collection<UInt32>, _ sums: RowAccumulator) -> Double {
    var items = 0.0
    for item in list where counts[Int(item)] > 0 {
      items += 1
      let unit = 1 / Double(counts[Int(item)]).squareRoot()
      for pair in byItem.pairs(of: Int(item)) { sums.add(byItem.columns[pair], unit) }
    }
    let square = sums.touched.reduce(0.0) { $0 + sums.value(of: $1) * sums.value(of: $1) }
    sums.clear()
    return items > 1 ? max(0, square - items) / (items * (items - 1)) : 0
  }
}
