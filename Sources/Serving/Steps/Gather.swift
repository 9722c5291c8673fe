import LiveState
import Vocabulary

/// Gather: ask each source for candidates, then fill up if they are fewer than k.
///
/// May skip what `Rules` forbids, so that forbidden items use up no width. May not compare what different sources
/// say: that is fusion, in the score step. A source that would take longer than the caller waits is skipped,
/// and the reply says so.
package enum Gather {
  /// Sources of each list, cheap ones first, so that a late request still has them.
  package static func sources(for query: Query) -> [SourceKind] {
    switch query.purpose {
    case .recommend, .rank: recommendSources
    case .similar: similarSources
    case .complete: query.answersBundles ? bundleSources : completeSources
    case .bundles: []
    }
  }

  private static let recommendSources: [SourceKind] = [
    .segmentPopular, .segmentTrending, .popular, .trending, .newest, .repeats, .transitions, .cooccurrence,
    .linear, .near, .similarUsers, .ials, .content,
  ]
  private static let similarSources: [SourceKind] = [.transitions, .cooccurrence, .ials, .content]
  private static let completeSources: [SourceKind] = [
    .repeats, .transitions, .cooccurrence, .similarUsers,
  ]
  /// What is said of bundles themselves, then what is said of their members. The last looks only at those that others
  /// named.
  private static let bundleSources: [SourceKind] = [
    .popular, .transitions, .cooccurrence, .linear, .similarUsers, .members, .ials, .memberTaste,
  ]

  /// Fills `candidates`.
  package static func run(_ context: ReadContext, _ scratch: ReadScratch) {
    for source in sources(for: scratch.query)
    where isOn(source, context) && !isReplaced(source, context, scratch) {
      // Lists that are there ready-made always answer: late with something useful is better than with nothing.
      if source.isPersonal, scratch.isLate(.gather, context) {
        scratch.degrade(.gather)
        break
      }
      ask(source, context, scratch)
    }
    fill(context, scratch)
    if !scratch.query.isTurning { Spread.gather(context, scratch) }
  }

  /// Candidates a source may give.
  static func width(of source: SourceKind, _ context: ReadContext, _ scratch: ReadScratch) -> Int {
    let own = context.settings.sourceLimits.widths[source] ?? 0
    let width = own > 0 ? own : context.settings.sourceWidth
    return max(Int(Double(width) * context.quality), scratch.query.k)
  }

  /// Asks a source, unless it has a budget and is expected to take longer than that, or than the caller waits. Without a
  /// budget only the sources whose cost grows with the data look at the deadline, by themselves.
  private static func ask(_ source: SourceKind, _ context: ReadContext, _ scratch: ReadScratch) {
    let width = width(of: source, context, scratch)
    guard let budget = context.settings.sourceLimits.budgetNanoseconds(of: source) else {
      return gather(source, width, context, scratch)
    }
    let number = Int(source.rawValue)
    let began = ContinuousNanoseconds.now
    let expected = scratch.sourceTimes[number].nanoseconds
    guard expected <= budget, began &+ expected < context.deadline else {
      scratch.sourceTimes[number].skipped()
      scratch.skip(source)
      return
    }
    gather(source, width, context, scratch)
    scratch.sourceTimes[number].took(ContinuousNanoseconds.now &- began)
  }

  private static func gather(
    _ source: SourceKind, _ width: Int, _ context: ReadContext, _ scratch: ReadScratch
  ) {
    switch source {
    case .popular: PopularSource.gather(width, context, scratch)
    case .trending: TrendingSource.gather(width, context, scratch)
    case .newest: NewestSource.gather(width, context, scratch)
    case .segmentPopular: SegmentPopularSource.gather(width, context, scratch)
    case .segmentTrending: SegmentTrendingSource.gather(width, context, scratch)
    case .repeats: RepeatSource.gather(width, context, scratch)
    case .transitions: TransitionSource.gather(width, context, scratch)
    case .cooccurrence: CooccurrenceSource.gather(width, context, scratch)
    case .linear: LinearSource.gather(width, context, scratch)
    case .similarUsers: SimilarUsersSource.gather(width, context, scratch)
    case .ials: FactorSource.gather(width, context, scratch)
    case .content: ContentSource.gather(width, context, scratch)
    case .near: NearSource.gather(width, context, scratch)
    case .members: MembersSource.gather(width, context, scratch)
    case .memberTaste: MemberTasteSource.gather(context, scratch)
    }
  }

  private static func isOn(_ source: SourceKind, _ context: ReadContext) -> Bool {
    (context.settings.sourceWeights[source] ?? 0) > 0
  }

  /// Where there is nothing personal to go by, the lists of the user's own segments stand in for those of everybody,
  /// which then only fill up.
  private static func isReplaced(
    _ source: SourceKind, _ context: ReadContext, _ scratch: ReadScratch
  ) -> Bool {
    if scratch.query.hasSignal { return false }
    switch source {
    case .popular: return isOn(.segmentPopular, context) && !scratch.segments.popular.parts.isEmpty
    case .trending: return isOn(.segmentTrending, context) && !scratch.segments.trending.parts.isEmpty
    default: return false
    }
  }

  /// Takes more until there are k candidates (with caps or shares as many as the pool) or nothing is left: the whole popularity list, everything that
  /// trends, the newest items, and at last every item of the catalogue, newest first.
  private static func fill(_ context: ReadContext, _ scratch: ReadScratch) {
    scratch.candidates.fillStart = scratch.candidates.count
    if scratch.query.isTurning { return }
    scratch.wanted = Spread.wanted(context, scratch)
    guard scratch.candidates.count < scratch.wanted else { return }
    scratch.isFilling = true
    if scratch.query.purpose == .rank { return fillAsked(context, scratch) }
    PopularSource.fill(context, scratch)
    TrendingSource.fill(context, scratch)
    NewestSource.fill(context, scratch)
  }

  /// What `Rank` was asked about and no source named comes last, in the order of the request.
  private static func fillAsked(_ context: ReadContext, _ scratch: ReadScratch) {
    for value in scratch.asked.marked {
      let item = ItemIndex(value)
      if Rules.verdict(item, context, scratch) == nil { scratch.candidates.add(item) }
    }
  }
}
