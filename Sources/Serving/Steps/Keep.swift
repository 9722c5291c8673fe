import LiveState
import Models
import Vocabulary

/// Keep: cut to k and write the reply, with reasons where they were asked for.
///
/// May not reorder. Explanations are skipped, and the reply says so, when the deadline has passed: late reasons
/// help nobody.
package enum Keep {
  /// Makes the reply from `order`. Allocates it.
  package static func run(_ context: ReadContext, _ scratch: ReadScratch) -> Slate {
    let query = scratch.query
    let count = min(query.shown, scratch.order.count)
    scratch.shownCount = count
    noteFallbacks(count, context, scratch)

    var explains = query.explain != .none
    if explains, scratch.isLate(.keep, context) {
      explains = false
      scratch.degrade(.keep)
    }

    // Predicted first: reasons use the same ranking memory.
    let rater = query.predictRatings ? predictor(context, scratch) : nil

    let trees = explains && query.explain == .full ? Contributions.trees(context, scratch) : nil

    var slate = Slate()
    slate.items.reserveCapacity(count)
    for (place, number) in scratch.order[..<count].enumerated() {
      let number = Int(number)
      let index = scratch.candidates.items[number]
      var item = SlateItem(
        item: context.catalogue.identifier(index), score: Float(scratch.candidates.scores[number]))
      if let rater { item.predictedRating = PredictedRatings.rating(of: index, rater, context, scratch) }
      if query.includeTitles { item.title = context.catalogue.title(index) }
      if query.answersBundles { item.members = BundleRules.identifiers(index, context) }
      if query.explain == .full { item.sources = shares(number, scratch) }
      item.placement = scratch.spread.placement(at: place)
      item.calibrated = scratch.blend.probability(of: number)
      item.propensity = scratch.spread.propensity(at: place)
      if explains { item.explanations = Reasons.explain(number, item.placement, context, scratch) }
      if explains, query.explain == .full {
        item.contributions = Contributions.of(number, trees, context, scratch)
      }
      slate.items.append(item)
    }
    slate.recommendation = query.token.bytes
    slate.generation = context.view?.generation.number ?? .none
    slate.position = context.position
    slate.configurationHash = context.configurationHash
    slate.seed = query.seed
    slate.fallbacks = scratch.fallbacks.list
    // What the clock left out is no function of anything a token could hold; how far load narrowed the search is.
    if scratch.degraded.isEmpty, scratch.isSettled {
      slate.provenance = Provenance(
        second: context.now.seconds, quality: UInt16(clamping: Int((context.quality * 1_000).rounded())),
        counted: context.counted)
    }
    // A narrowed search is told only now: it is no source left out, which would keep the trees from ordering.
    if context.quality < 1 { scratch.degrade(.gather) }
    slate.degraded = scratch.degraded
    slate.skipped = scratch.skipped
    if query.explain == .full { slate.dropped = scratch.keptOut() }
    return slate
  }

  /// Nil where ratings cannot be predicted, or the deadline has passed.
  private static func predictor(_ context: ReadContext, _ scratch: ReadScratch) -> RatingModel? {
    if scratch.isLate(.keep, context) {
      scratch.degrade(.keep)
      return nil
    }
    return PredictedRatings.foldIn(context, scratch)
  }

  private static func noteFallbacks(_ count: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    if count < scratch.query.shown { scratch.fallbacks.insert(.fewerThanK) }
    // Given candidates are never filled up.
    guard scratch.query.purpose != .rank, !scratch.query.isTurning, scratch.query.hasSignal,
      context.view != nil,
      scratch.candidates.personalCount < scratch.query.shown
    else { return }
    let isMixed = scratch.order[..<count].contains { !scratch.candidates.isPersonal(Int($0)) }
    if isMixed { scratch.fallbacks.insert(.filledWithPopular) }
  }

  /// Every source that named the item, strongest first.
  private static func shares(_ number: Int, _ scratch: ReadScratch) -> [SourceShare] {
    SourceKind.allCases.compactMap { source in
      let opinion = scratch.candidates.opinion(number, source)
      return opinion.rank > 0 ? SourceShare(source: source, rank: opinion.rank, score: opinion.score) : nil
    }
  }
}
