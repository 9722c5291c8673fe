import LiveState
import Vocabulary

/// Exploration slots: places given to new items, so that something can be learned of them.
///
/// Who gets a place is drawn by chance, and the chance is told with the item. Draws are hashes of everything that
/// determines the answer (`RecommendationToken`, the seed among it): the same question on the same state draws the same.
enum Exploration {
  /// Adds the new items that take part to the candidates, and notes them. Newest first.
  static func gather(_ context: ReadContext, _ scratch: ReadScratch) {
    let settings = context.settings.exploration
    guard !settings.slots.isEmpty, scratch.query.purpose == .recommend else { return }
    let oldest = Double(scratch.query.seconds) - settings.ageDays * 86_400
    for item in context.catalogue.newest {
      guard scratch.spread.exploration.arms.count < settings.items else { return }
      if let created = context.catalogue.created(item), Double(created.seconds) < oldest { continue }
      guard context.counts[item].exposures < UInt64(settings.impressions),
        Rules.verdict(item, context, scratch) == nil
      else { continue }
      scratch.spread.exploration.arms.append(Int32(truncatingIfNeeded: scratch.candidates.add(item)))
    }
  }

  /// Builds the list with and without exploration as far as needed, draws, and leaves what came out in `order`,
  /// `placements` and `propensities`.
  static func run(_ context: ReadContext, _ scratch: ReadScratch) {
    let memory = scratch.spread.exploration
    let builder = scratch.spread.builder
    let rate = min(max(context.settings.exploration.rate, 0), 1)
    memory.plain.removeAll(keepingCapacity: true)
    memory.plainKinds.removeAll(keepingCapacity: true)
    if rate < 1 || memory.arms.isEmpty {
      builder.build(blanks: [], context, scratch)
      memory.plain.append(contentsOf: builder.slots)
      memory.plainKinds.append(contentsOf: builder.kinds)
    }
    guard !memory.arms.isEmpty, rate > 0, dealArms(context, scratch) else {
      if memory.plain.isEmpty { builder.build(blanks: [], context, scratch) }
      return scratch.takeList(
        memory.plain.isEmpty ? builder.slots : memory.plain,
        memory.plainKinds.isEmpty ? builder.kinds : memory.plainKinds)
    }
    fillBlanks(rate, context, scratch)
    let explores = rate == 1 || scratch.query.token.draw(0) < rate
    scratch.takeList(
      explores ? memory.slots : memory.plain, explores ? memory.kinds : memory.plainKinds)
    for place in scratch.order.indices {
      var propensity = 0.0
      // Both lists are the same whatever is drawn, but for the explored places.
      if place < memory.slots.count, memory.slots[place] == scratch.order[place] {
        propensity += rate * (memory.kinds[place] == .explored ? memory.chances[place] : 1)
      }
      if place < memory.plain.count, memory.plain[place] == scratch.order[place] { propensity += 1 - rate }
      scratch.spread.propensities.append(propensity)
    }
  }

  /// Builds the list with blanks, and deals the arms that may fill them out to the blanks, so that each is filled
  /// from arms of its own and no draw depends on another. False if no arm is left.
  private static func dealArms(_ context: ReadContext, _ scratch: ReadScratch) -> Bool {
    let memory = scratch.spread.exploration
    let builder = scratch.spread.builder
    memory.blanks.removeAll(keepingCapacity: true)
    for slot in context.settings.exploration.slots where slot <= scratch.query.k {
      memory.blanks.append(slot - 1)
    }
    while !memory.blanks.isEmpty {
      builder.build(blanks: memory.blanks, context, scratch)
      memory.positions.removeAll(keepingCapacity: true)
      for (position, number) in builder.slots.enumerated() where number == SlateBuilder.blank {
        memory.positions.append(position)
      }
      if memory.positions.isEmpty { return false }
      memory.eligible.removeAll(keepingCapacity: true)
      for arm in memory.arms {
        let number = Int(arm)
        guard scratch.candidates.verdicts[number] == nil, !builder.slots.contains(arm),
          !memory.plain.contains(arm)
        else { continue }
        // In any of the blanks, with any others in the others: so caps hold whatever is drawn.
        let fits = memory.positions.allSatisfy {
          builder.caps.allows(
            number, at: $0, in: builder.slots, spare: memory.positions.count - 1, context, scratch)
        }
        if fits { memory.eligible.append(arm) }
      }
      if memory.eligible.count >= memory.positions.count { return true }
      memory.blanks.removeLast(
        min(memory.blanks.count, max(1, memory.positions.count - memory.eligible.count)))
    }
    return false
  }

  /// Draws an arm for each blank.
  private static func fillBlanks(_ rate: Double, _ context: ReadContext, _ scratch: ReadScratch) {
    let memory = scratch.spread.exploration
    memory.slots.removeAll(keepingCapacity: true)
    memory.kinds.removeAll(keepingCapacity: true)
    memory.chances.removeAll(keepingCapacity: true)
    for (position, number) in scratch.spread.builder.slots.enumerated() {
      memory.slots.append(number)
      memory.kinds.append(scratch.spread.builder.kinds[position])
      memory.chances.append(1)
    }
    let prior = priorRate(context)
    for (turn, position) in memory.positions.enumerated() {
      memory.own.removeAll(keepingCapacity: true)
      memory.alphas.removeAll(keepingCapacity: true)
      memory.betas.removeAll(keepingCapacity: true)
      for place in stride(from: turn, to: memory.eligible.count, by: memory.positions.count) {
        let arm = memory.eligible[place]
        let counts = context.counts[scratch.candidates.items[Int(arm)]]
        let shown = Double(counts.exposures)
        let taken = min(Double(positives(counts, context)), shown)
        memory.own.append(arm)
        // As sure of the usual rate as one event makes.
        memory.alphas.append(1 + taken)
        memory.betas.append(1 / prior + shown - taken)
      }
      switch context.settings.exploration.method {
      case .thompson: BestArm.work(memory.alphas[...], memory.betas[...], memory.best)
      case .uniform: memory.best.setUniform(memory.own.count)
      }
      var left = scratch.query.token.draw(1 + UInt64(position))
      var chosen = 0
      while chosen < memory.own.count - 1, left >= memory.best.chances[chosen] {
        left -= memory.best.chances[chosen]
        chosen += 1
      }
      memory.slots[position] = memory.own[chosen]
      memory.kinds[position] = .explored
      memory.chances[position] = memory.best.chances[chosen]
    }
  }

  /// Events of the types that say that somebody liked the item.
  private static func positives(_ counts: EventCounts, _ context: ReadContext) -> UInt64 {
    var sum: UInt64 = 0
    for type in EventType.allCases where context.settings.weights.isPositive(type) {
      sum += UInt64(counts[type])
    }
    return sum
  }

  /// What share of exposures led to such an event, over all items; a twentieth while nothing is known.
  private static func priorRate(_ context: ReadContext) -> Double {
    var taken: UInt64 = 0
    for type in EventType.allCases where context.settings.weights.isPositive(type) {
      taken &+= context.counts.total(type)
    }
    let shown = context.counts.exposures
    guard shown > 0, taken > 0 else { return 0.05 }
    return min(max(Double(taken) / Double(shown), 0.001), 0.5)
  }
}

/// Working memory of exploration.
final class ExplorationScratch {
  /// Candidates that take part, newest first.
  var arms: [Int32] = []
  var eligible: [Int32] = []
  var blanks: [Int] = []
  /// Where blanks came to stand.
  var positions: [Int] = []
  /// Arms of one blank, and what is believed of them.
  var own: [Int32] = []
  var alphas: [Double] = []
  var betas: [Double] = []
  let best = BestArm.Memory()
  /// The list without exploration, where a request may go either way.
  var plain: [Int32] = []
  var plainKinds: [Placement] = []
  /// The list with exploration, and the chance of each explored place.
  var slots: [Int32] = []
  var kinds: [Placement] = []
  var chances: [Double] = []

  func begin() { arms.removeAll(keepingCapacity: true) }
}

extension BestArm.Memory {
  /// All alike.
  func setUniform(_ count: Int) {
    chances.removeAll(keepingCapacity: true)
    for _ in 0..<count { chances.append(1 / Double(count)) }
  }
}

extension ReadScratch {
  /// Makes a built list the order.
  func takeList(_ slots: [Int32], _ kinds: [Placement]) {
    order.removeAll(keepingCapacity: true)
    for (position, number) in slots.enumerated() where number >= 0 {
      order.append(number)
      spread.placements.append(kinds[position])
    }
  }
}
