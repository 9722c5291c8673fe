import LiveState
import Vocabulary

/// Spread: decide the order among the best, with an eye on the list as a whole.
///
/// Diversity first, which reorders; then pins, promotions, caps and shares, which fill positions; then exploration,
/// which draws new items for its slots. Guarantees that no item is in the order twice. May reorder and take out; may
/// not add: what is pinned, promoted or explored was gathered and passed the rules like everything else.
package enum Spread {
  /// How many of the best this step wants to choose from.
  package static func poolSize(_ context: ReadContext, _ scratch: ReadScratch) -> Int {
    let settings = context.settings.spread
    if settings.looksFurther { return .max }
    return settings.method == .none ? scratch.query.k : max(scratch.query.k, settings.pool)
  }

  /// How many candidates should be gathered before the catalogue's lists stop filling up.
  package static func wanted(_ context: ReadContext, _ scratch: ReadScratch) -> Int {
    let settings = context.settings.spread
    return settings.caps.isEmpty && settings.shares.isEmpty
      ? scratch.query.k : max(scratch.query.k, settings.pool)
  }

  /// Adds what has a place by configuration or may get one by chance, where the rules allow it.
  package static func gather(_ context: ReadContext, _ scratch: ReadScratch) {
    for pin in context.settings.spread.pins { add(pin.item, context, scratch) }
    for promotion in context.settings.spread.promotions {
      if let item = promotion.item { add(item, context, scratch) }
    }
    Exploration.gather(context, scratch)
  }

  private static func add(_ id: ItemIdentifier, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let item = context.tenant.itemIndex(id), Rules.verdict(item, context, scratch) == nil else {
      return
    }
    scratch.candidates.add(item)
  }

  /// Rewrites `order`, and says how each came to its place. O(pool) without settings.
  package static func run(_ context: ReadContext, _ scratch: ReadScratch) {
    removeRepeats(context, scratch)
    // Rules about places are kept however late it is; likeness is what a list can do without.
    if Diversity.isWanted(context), scratch.isLate(.spread, context) {
      scratch.degrade(.spread)
    } else {
      Diversity.run(context, scratch)
    }
    let settings = context.settings.spread
    let isExploring =
      !context.settings.exploration.slots.isEmpty && scratch.query.purpose == .recommend
    guard settings.looksFurther || !settings.pins.isEmpty || isExploring else { return }
    scratch.spread.builder.begin(context, scratch)
    Exploration.run(context, scratch)
  }

  private static func removeRepeats(_ context: ReadContext, _ scratch: ReadScratch) {
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
