import Vocabulary

/// Puts the best candidates in an order in which likeness counts against relevance.
enum Diversity {
  /// Whether the scenario has any.
  static func isWanted(_ context: ReadContext) -> Bool {
    context.settings.spread.method != .none && context.settings.spread.strength > 0
  }

  /// Rewrites the beginning of `order`: what was chosen first, the rest behind it as it was. Fillers, which nobody
  /// ranked, stay where they are. O(places² · pool).
  static func run(_ context: ReadContext, _ scratch: ReadScratch) {
    let settings = context.settings.spread
    guard isWanted(context) else { return }
    let ranked = scratch.order.prefix(max(settings.pool, scratch.query.k)).prefix(Limits.spreadPoolMax)
      .prefix { Int($0) < scratch.candidates.fillStart }.count
    let picks = min(ranked, scratch.query.k, Limits.spreadDepthMax)
    guard picks > 1 else { return }
    let memory = scratch.spread
    memory.likeness.begin(ranked, context, scratch)
    memory.relevance.removeAll(keepingCapacity: true)
    // Best first, so the ends of the order are the ends of the scale.
    let top = scratch.candidates.scores[Int(scratch.order[0])]
    let span = top - scratch.candidates.scores[Int(scratch.order[ranked - 1])]
    for place in 0..<ranked {
      let score = scratch.candidates.scores[Int(scratch.order[place])]
      memory.relevance.append(span > 0 ? 1 - (top - score) / span : 1)
    }
    switch settings.method {
    case .none: return
    case .mmr:
      MarginalOrder.choose(
        picks, of: ranked, strength: settings.strength, memory.marginal,
        relevance: { memory.relevance[$0] }, likeness: { memory.likeness.of($0, $1, context) })
      rewrite(memory.marginal.chosen, of: ranked, scratch)
    case .dpp:
      for place in 0..<ranked {
        memory.relevance[place] = DeterminantalOrder.quality(
          relevance: memory.relevance[place], strength: settings.strength)
      }
      DeterminantalOrder.choose(
        picks, of: ranked, memory.determinantal, quality: { memory.relevance[$0] },
        // Shifted to 0 … 1, so that the likenesses of factors make a positive semidefinite matrix with room above zero.
        likeness: { (1 + memory.likeness.of($0, $1, context)) / 2 })
      rewrite(memory.determinantal.chosen, of: ranked, scratch)
    }
  }

  /// Moves the chosen places to the front.
  private static func rewrite(_ chosen: [Int32], of ranked: Int, _ scratch: ReadScratch) {
    let memory = scratch.spread
    memory.places.removeAll(keepingCapacity: true)
    memory.isMoved.removeAll(keepingCapacity: true)
    for _ in 0..<ranked { memory.isMoved.append(false) }
    for place in chosen {
      memory.places.append(scratch.order[Int(place)])
      memory.isMoved[Int(place)] = true
    }
    for place in 0..<ranked where !memory.isMoved[place] { memory.places.append(scratch.order[place]) }
    for place in 0..<ranked { scratch.order[place] = memory.places[place] }
  }
}
