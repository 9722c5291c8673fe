import LiveState
import Vocabulary

/// Spread: decide the order among the best, with an eye on the list as a whole.
///
/// Guarantees that no item is in the order twice; otherwise it leaves the order as scored: there is no diversity,
/// cap or exploration in the configuration yet. May reorder and take out; may not add.
package enum Spread {
  /// How many of the best this step wants to choose from.
  package static func poolSize(k: Int) -> Int { k }

  /// Rewrites `order`. O(pool).
  package static func run(_ context: ReadContext, _ scratch: ReadScratch) {
    scratch.met.begin(context.catalogue.count)
    var kept = 0
    for place in scratch.order.indices {
      let number = scratch.order[place]
      guard scratch.met.mark(scratch.candidates.items[Int(number)], .seen) else { continue }
      scratch.order[kept] = number
      kept += 1
    }
    scratch.order.removeSubrange(kept...)
  }
}
