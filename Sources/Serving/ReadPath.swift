import Vocabulary

/// The read path: look, gather, drop, score, spread, keep, in this order, for every list.
///
/// A pure function of the request, the context and the seed: no disk, no blocking, no clock but for deadlines. It
/// allocates while the scratch warms up and for the reply. docs/read-path.md tells the whole story.
package enum ReadPath {
  // A page that is not the only one leaves in `scratch.rest` what the next one needs.

  /// What should this user see next?
  /// - Throws: `Fault`: what is wrong with the request; `cancelled`; `deadline_exceeded` if the deadline had
  ///   passed before anything was done.
  package static func recommend(
    _ request: RecommendRequest, _ context: ReadContext, _ scratch: ReadScratch, _ turn: PageTurn = .only
  ) throws(Fault) -> Slate {
    defer { scratch.release() }
    try scratch.start(context)
    try Look.recommend(request, context, scratch)
    return try slate(turn, context, scratch)
  }

  /// What resembles this item? Throws like `recommend`.
  package static func similar(
    _ request: SimilarRequest, _ context: ReadContext, _ scratch: ReadScratch, _ turn: PageTurn = .only
  ) throws(Fault) -> Slate {
    defer { scratch.release() }
    try scratch.start(context)
    try Look.similar(request, context, scratch)
    return try slate(turn, context, scratch)
  }

  /// What goes with this basket? Throws like `recommend`.
  package static func complete(
    _ request: CompleteRequest, _ context: ReadContext, _ scratch: ReadScratch, _ turn: PageTurn = .only
  ) throws(Fault) -> Slate {
    defer { scratch.release() }
    try scratch.start(context)
    try Look.complete(request, context, scratch)
    return try slate(turn, context, scratch)
  }

  /// In which order should this user see these items? Throws like `recommend`.
  package static func rank(
    _ request: RankRequest, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) -> Slate {
    defer { scratch.release() }
    try scratch.start(context)
    try Look.rank(request, context, scratch)
    return try slate(.only, context, scratch)
  }

  /// Which items make a good bundle? Throws like `recommend`.
  package static func bundles(
    _ request: BundlesRequest, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) -> BundlesReply {
    defer { scratch.release() }
    try scratch.start(context)
    try Look.bundles(request, context, scratch)
    try scratch.enter(.gather, context)
    let reply = BundleMaker.run(request, context, scratch)
    scratch.clock.stop()
    return reply
  }

  /// Why the items named, or those of the list, are where they are: the same steps, and then a look at what they left
  /// behind. Throws like `recommend`.
  package static func explain(
    _ request: ExplainRequest, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) -> ExplainReply {
    defer { scratch.release() }
    try scratch.start(context)
    var question = request.request
    question.explain = .full
    try Look.recommend(question, context, scratch)
    try arrange(context, scratch)
    let reply = try Tracer.reply(request.items, context, scratch)
    scratch.clock.stop()
    return reply
  }

  private static func slate(
    _ turn: PageTurn, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) -> Slate {
    for item in scratch.apart {
      scratch.marks.mark(item, .elsewhere)
      // They shape the list, so they are part of its name.
      scratch.query.token.add(UInt64(item.value))
    }
    switch turn {
    case .only: break
    case .first: Paging.widen(context, scratch)
    case .next(let ranking, let place):
      var slate = try Paging.turn(ranking, from: place, context, scratch)
      scratch.clock.stop()
      if scratch.query.explain == .full { slate.times = scratch.clock.times }
      return slate
    }
    try arrange(context, scratch)
    var slate = Keep.run(context, scratch)
    if case .first = turn { Paging.keep(slate, context, scratch) }
    scratch.clock.stop()
    if scratch.query.explain == .full { slate.times = scratch.clock.times }
    return slate
  }

  /// All steps between looking and writing the reply.
  private static func arrange(_ context: ReadContext, _ scratch: ReadScratch) throws(Fault) {
    try scratch.enter(.gather, context)
    Gather.run(context, scratch)
    try scratch.enter(.drop, context)
    Drop.run(context, scratch)
    try scratch.enter(.score, context)
    Score.run(context, scratch)
    try scratch.enter(.spread, context)
    Spread.run(context, scratch)
    try scratch.enter(.keep, context)
  }
}
