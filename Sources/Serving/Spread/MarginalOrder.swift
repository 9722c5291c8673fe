/// Maximal marginal relevance (Carbonell and Goldstein 1998): again and again the item with the greatest
/// λ · relevance − (1 − λ) · likeness to the most alike of those chosen.
package enum MarginalOrder {
  /// Memory, reused from list to list.
  package final class Memory {
    /// Likeness to the most alike chosen.
    var nearest: [Double] = []
    var isChosen: [Bool] = []
    package internal(set) var chosen: [Int32] = []

    package init() {}
  }

  /// Leaves in `memory.chosen` `picks` of the items 0 ..< count, or all; of equals the smaller number first.
  /// O(picks · count). Allocates nothing once warm.
  ///
  /// - Parameters:
  ///   - strength: 1 − λ, from 0 to 1.
  ///   - relevance: from 0 to 1.
  ///   - likeness: from −1 to 1.
  package static func choose(
    _ picks: Int, of count: Int, strength: Double, _ memory: Memory, relevance: (Int) -> Double,
    likeness: (Int, Int) -> Double
  ) {
    memory.nearest.removeAll(keepingCapacity: true)
    memory.isChosen.removeAll(keepingCapacity: true)
    memory.chosen.removeAll(keepingCapacity: true)
    for _ in 0..<count {
      memory.nearest.append(-.infinity)
      memory.isChosen.append(false)
    }
    while memory.chosen.count < min(picks, count) {
      var (best, highest) = (-1, -Double.infinity)
      for item in 0..<count where !memory.isChosen[item] {
        let penalty = memory.chosen.isEmpty ? 0 : strength * memory.nearest[item]
        let value = (1 - strength) * relevance(item) - penalty
        if value > highest { (best, highest) = (item, value) }
      }
      guard best >= 0 else { return }
      memory.isChosen[best] = true
      memory.chosen.append(Int32(truncatingIfNeeded: best))
      for item in 0..<count where !memory.isChosen[item] {
        memory.nearest[item] = max(memory.nearest[item], likeness(best, item))
      }
    }
  }
}
