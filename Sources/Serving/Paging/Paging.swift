import LiveState
import Vocabulary

/// Paging: a list is ranked once, for all its pages, and every page is cut from that ranking.
///
/// So whatever happens between two pages, no item is in two of them and none is passed over, but for those that may not be
/// shown any more at the moment of their page: `Rules` are asked again for each. What became allowed, or known, after the
/// first page is not in the list.
enum Paging {
  /// Before the gather step of a first page: every step ranks for all pages; only `Keep` cuts to one.
  static func widen(_ context: ReadContext, _ scratch: ReadScratch) {
    scratch.query.k = max(scratch.query.k, context.settings.paging.depth)
    scratch.query.token.add(UInt64(scratch.query.k))
  }

  /// After the keep step of a first page: notes the ranking if anything is left of it. Allocates it.
  static func keep(_ slate: Slate, _ context: ReadContext, _ scratch: ReadScratch) {
    let shown = min(scratch.query.shown, scratch.order.count)
    guard scratch.order.count > shown else { return }
    let entries = scratch.order.map { number in
      KeptRanking.Entry(
        item: scratch.candidates.items[Int(number)], score: Float(scratch.candidates.scores[Int(number)]))
    }
    let isPlaced = scratch.spread.placements.contains { $0 != .ranked }
    scratch.rest = PageRest(
      ranking: KeptRanking(
        entries: entries, placements: isPlaced ? scratch.spread.placements : [],
        propensities: scratch.spread.propensities.map { Float($0) },
        generation: context.view?.generation.number ?? .none, position: context.position,
        configurationHash: context.configurationHash, seed: scratch.query.seed, token: scratch.query.token,
        provenance: slate.provenance),
      place: shown)
  }

  /// Another page, instead of the steps from gather to spread. Sources are asked only where reasons are wanted: for what
  /// they say of the items now, not for an order. O(page + forbidden) besides.
  static func turn(
    _ ranking: KeptRanking, from place: Int, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) -> Slate {
    scratch.query.isTurning = true
    if scratch.query.explain != .none {
      scratch.query.k = max(scratch.query.k, ranking.count)
      try scratch.enter(.gather, context)
      Gather.run(context, scratch)
    }
    try scratch.enter(.drop, context)
    var next: Int?
    let start = max(0, place)
    var place = start
    while place < ranking.count {
      let entry = ranking.entries[place]
      if let reason = Rules.verdict(entry.item, context, scratch) {
        scratch.dropped[Int(reason.rawValue)] += 1
      } else if scratch.order.count == scratch.query.shown {
        next = place
        break
      } else {
        let number = scratch.candidates.add(entry.item)
        scratch.candidates.scores[number] = Double(entry.score)
        scratch.order.append(Int32(truncatingIfNeeded: number))
        if place < ranking.placements.count { scratch.spread.placements.append(ranking.placements[place]) }
        if place < ranking.propensities.count {
          scratch.spread.propensities.append(Double(ranking.propensities[place]))
        }
      }
      place += 1
    }
    scratch.query.token = ranking.token
    scratch.query.token.add(UInt64(place))
    scratch.query.token.add(UInt64(scratch.query.shown))
    scratch.query.seed = ranking.seed
    try scratch.enter(.keep, context)
    var slate = Keep.run(context, scratch)
    // The order is of then, whatever serves now.
    slate.generation = ranking.generation
    slate.position = ranking.position
    slate.configurationHash = ranking.configurationHash
    // It can be made again where the ranking can, and nothing was left out of this page either.
    if slate.provenance != nil, var provenance = ranking.provenance, let first = ranking.first {
      provenance.page = PageOrigin(
        first: first, place: UInt32(clamping: start), second: context.now.seconds)
      slate.provenance = provenance
    } else {
      slate.provenance = nil
    }
    scratch.rest = PageRest(ranking: nil, place: next)
    return slate
  }
}
