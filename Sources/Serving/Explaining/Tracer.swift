import LiveState
import Models
import Vocabulary

/// Follows single items through the steps of a request that has just run, from what it left in the scratch.
///
/// Changes nothing that decided: it reads the verdicts, opinions, scores and the order.
enum Tracer {
  /// - Parameter asked: the items; none means those of the list.
  /// - Throws: `too_many`, or what is wrong with an identifier.
  static func reply(
    _ asked: [[UInt8]], _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) -> ExplainReply {
    guard asked.count <= Limits.explainedItemsMax else {
      throw Fault(
        .tooMany,
        "items has \(asked.count) items; at most \(Limits.explainedItemsMax) are explained at once.",
        field: "items")
    }
    let count = min(scratch.query.k, scratch.order.count)
    let trees = Contributions.trees(context, scratch)
    let named = Named(scratch)
    let filters = FilterTraces(scratch.rules)
    var reply = ExplainReply()
    if asked.isEmpty {
      for number in scratch.order[..<min(count, Limits.explainedItemsMax)] {
        let item = scratch.candidates.items[Int(number)]
        reply.items.append(
          trace(item, context.catalogue.identifier(item).bytes, trees, named, filters, context, scratch))
      }
    }
    for bytes in asked {
      let id = try ItemIdentifier(bytes, field: "items")
      guard let item = context.tenant.itemIndex(id), context.catalogue.contains(item) else {
        reply.items.append(ItemTrace(item: bytes, fate: .unknown, step: .look))
        continue
      }
      reply.items.append(trace(item, bytes, trees, named, filters, context, scratch))
    }
    scratch.clock.stop()
    reply.recommendation = scratch.query.token.bytes
    reply.generation = context.view?.generation.number ?? .none
    reply.position = context.position
    reply.configurationHash = context.configurationHash
    reply.seed = scratch.query.seed
    reply.k = UInt32(clamping: scratch.query.k)
    reply.count = UInt32(clamping: count)
    reply.candidates = UInt64(clamping: scratch.candidates.count)
    reply.isBlended = scratch.blend.isOrdering
    reply.fallbacks = scratch.fallbacks.list
    reply.degraded = scratch.degraded
    reply.times = scratch.clock.times
    reply.dropped = scratch.dropCounts(scratch.dropped)
    reply.forbidden = scratch.forbiddenCounts(context)
    return reply
  }

  /// What each source named: how many, and the lowest score.
  private struct Named {
    var counts = [UInt32](repeating: 0, count: CandidateSet.opinionStride)
    var lowest = [Float](repeating: 0, count: CandidateSet.opinionStride)

    init(_ scratch: ReadScratch) {
      for number in 0..<min(scratch.candidates.fillStart, scratch.candidates.count) {
        for source in SourceKind.allCases {
          let opinion = scratch.candidates.opinion(number, source)
          guard opinion.rank > 0 else { continue }
          let place = Int(source.rawValue)
          lowest[place] = counts[place] == 0 ? opinion.score : min(lowest[place], opinion.score)
          counts[place] += 1
        }
      }
    }
  }

  private static func trace(
    _ item: ItemIndex, _ bytes: [UInt8], _ trees: TreeAttribution?, _ named: Named, _ filters: FilterTraces,
    _ context: ReadContext, _ scratch: ReadScratch
  ) -> ItemTrace {
    var trace = ItemTrace(item: bytes, fate: .notNamed, step: .gather)
    trace.title = context.catalogue.title(item)
    trace.filters = filters.decisions(item, context.catalogue, scratch.rules)
    trace.sources = sources(item, named, context, scratch)
    let shown = scratch.order[..<min(scratch.query.k, scratch.order.count)]
    if let last = shown.last { trace.lastScore = Float(scratch.candidates.scores[Int(last)]) }
    // Sources pass over what is forbidden, so it is often no candidate; the rules know it all the same.
    if let reason = Rules.verdict(item, context, scratch) {
      (trace.fate, trace.step, trace.rule) = (.forbidden, .drop, reason.name)
      return trace
    }
    guard let number = scratch.candidates.number(of: item) else { return trace }
    trace.score = Float(scratch.candidates.scores[number])
    trace.scoredRank = UInt32(clamping: scoredRank(number, scratch))
    trace.contributions = Contributions.of(number, trees, context, scratch)
    trace.explanations = Reasons.explain(number, .ranked, context, scratch)
    if let place = shown.firstIndex(where: { Int($0) == number }) {
      (trace.fate, trace.step) = (.shown, .keep)
      trace.rank = UInt32(clamping: place + 1)
    } else if Int(trace.scoredRank) <= scratch.query.k {
      (trace.fate, trace.step) = (.moved, .spread)
    } else {
      (trace.fate, trace.step) = (.outscored, .score)
    }
    return trace
  }

  /// The place by score among all allowed candidates: ranked ones by score and the seed's tie, then fillers as found.
  private static func scoredRank(_ number: Int, _ scratch: ReadScratch) -> Int {
    let ranked = min(scratch.candidates.fillStart, scratch.candidates.count)
    var rank = 1
    let own = Score.entry(number, scratch)
    for other in 0..<ranked where other != number && scratch.candidates.verdicts[other] == nil {
      if number >= ranked || Score.entry(other, scratch).isBetter(than: own) { rank += 1 }
    }
    if number > ranked {
      for other in ranked..<number where scratch.candidates.verdicts[other] == nil { rank += 1 }
    }
    return rank
  }

  private static func sources(
    _ item: ItemIndex, _ named: Named, _ context: ReadContext, _ scratch: ReadScratch
  ) -> [SourceTrace] {
    let asked = Gather.sources(for: scratch.query)
    let number = scratch.candidates.number(of: item)
    return SourceKind.allCases.map { source in
      let place = Int(source.rawValue)
      var trace = SourceTrace(source, .off)
      guard asked.contains(source), scratch.weights[place] > 0 else { return trace }
      trace.weight = scratch.weights[place]
      trace.lowest = named.lowest[place]
      trace.count = named.counts[place]
      if let number, number < scratch.candidates.fillStart {
        let opinion = scratch.candidates.opinion(number, source)
        if opinion.rank > 0 {
          (trace.state, trace.rank, trace.score) = (.named, opinion.rank, opinion.score)
          return trace
        }
      }
      let score = OwnScore.parts(of: item, from: source, context, scratch).reduce(0.0) { $0 + $1.value }
      trace.score = Float(score)
      // Sources name only what scores above zero.
      trace.state = score > 0 ? .cut : .silent
      return trace
    }
  }
}
