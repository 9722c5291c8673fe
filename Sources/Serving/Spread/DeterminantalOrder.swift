import Glibc

/// Greedy choice of a set with a large determinant: relevant items that are unlike each other.
///
/// A determinantal point process with kernel L = diag(q) S diag(q) gives a set the probability det L_Y: the product of
/// its qualities, squared, times the squared volume its likenesses leave. The best set is hard to find; choosing again
/// and again the item that raises the determinant most is not (Chen, Zhang and Zhou 2018, algorithm 1). Keeping a row
/// of each item's Cholesky factor makes a step O(pool · chosen) instead of O(pool · chosen³).
package enum DeterminantalOrder {
  /// Memory, reused from list to list.
  package final class Memory {
    /// What is left of each item's variance, d².
    var gains: [Double] = []
    /// Item i's row of the Cholesky factor: `parts[i * picks ..< i * picks + chosen.count]`.
    var parts: [Double] = []
    var isChosen: [Bool] = []
    /// In order of choice.
    package internal(set) var chosen: [Int32] = []

    package init() {}

    func begin(count: Int, picks: Int) {
      chosen.removeAll(keepingCapacity: true)
      gains.removeAll(keepingCapacity: true)
      isChosen.removeAll(keepingCapacity: true)
      for _ in 0..<count { isChosen.append(false) }
      let size = count * picks
      if parts.count < size { parts.append(contentsOf: repeatElement(0, count: size - parts.count)) }
    }
  }

  /// What an item keeps at least of its own variance to be chosen: below, it repeats what was chosen.
  package static let remainderMin = 1e-9

  /// Leaves in `memory.chosen` at most `picks` of the items 0 ..< count, the first being the one with the greatest
  /// quality; of equals the smaller number. Fewer where all others repeat what was chosen.
  /// O(picks² · count), and `picks` · count likenesses. Allocates nothing once warm.
  ///
  /// - Parameters:
  ///   - quality: above zero.
  ///   - likeness: 1 of an item with itself, symmetric. If the matrix is not positive semidefinite, an item whose remaining
  ///     variance would be negative counts as repeated.
  package static func choose(
    _ picks: Int, of count: Int, _ memory: Memory, quality: (Int) -> Double,
    likeness: (Int, Int) -> Double
  ) {
    memory.begin(count: count, picks: picks)
    for item in 0..<count { memory.gains.append(quality(item) * quality(item)) }
    while memory.chosen.count < min(picks, count) {
      var best = -1
      for item in 0..<count where !memory.isChosen[item] {
        if best < 0 || memory.gains[item] > memory.gains[best] { best = item }
      }
      guard best >= 0, memory.gains[best].isFinite else { return }
      let own = quality(best)
      guard memory.gains[best] > remainderMin * own * own else {
        // The best may be a repeated item of great quality while a lesser one is still new.
        memory.gains[best] = -.infinity
        memory.isChosen[best] = true
        continue
      }
      memory.isChosen[best] = true
      let step = memory.chosen.count
      memory.chosen.append(Int32(truncatingIfNeeded: best))
      if memory.chosen.count == picks { return }
      let root = memory.gains[best].squareRoot()
      memory.parts.withUnsafeMutableBufferPointer { parts in
        let mine = best * picks
        for item in 0..<count where !memory.isChosen[item] {
          let row = item * picks
          var product = 0.0
          for place in 0..<step { product += parts[mine + place] * parts[row + place] }
          let part = (own * quality(item) * likeness(best, item) - product) / root
          parts[row + step] = part
          memory.gains[item] -= part * part
        }
      }
    }
  }

  /// exp(α r) with α = θ / (2 (1 − θ)): the quality of an item of relevance r when relevance counts θ (the same paper,
  /// section 4). θ is kept below 1, where the list would stay as it is.
  package static func quality(relevance: Double, strength: Double) -> Double {
    let theta = min(max(1 - strength, 0), 0.99)
    return exp(theta / (2 * (1 - theta)) * relevance)
  }
}
