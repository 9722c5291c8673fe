import Kernels
import LiveState
import Models
import Vocabulary

/// Working memory of one event loop, reused from request to request. Not sendable.
///
/// Its tables are classes, so that reading one through the scratch copies nothing. They grow to the size of the catalogue and of the generation and then stay: about 16 bytes for each
/// item, 16 for each row, 12 for each user of the generation's index.
package final class ReadScratch {
  /// The request after the look step.
  package internal(set) var query = Query()
  /// What is forbidden by name.
  package let marks = MarkTable()
  /// Filters and boosts.
  let rules = RequestRules()
  /// Items that were shown in vain and score less for it.
  let tired = MarkTable()
  /// Whether there are any.
  var hasTired = false
  /// How often the user was shown each item lately.
  let shown = RowSums()
  /// What a scenario's own weights of events add to the sums of the live state, by item.
  let differences = RowSums()
  /// Whether they add anything.
  var reweighs = false
  /// Items one step has met already; each step begins it anew.
  let met = MarkTable()
  /// The candidates that `Rank` was given; nothing else is allowed then.
  let asked = MarkTable()
  /// Items that the request names, the newest of a session first.
  var named: [ItemIndex] = []
  package let candidates = CandidateSet()
  let sums = RowSums()
  /// Lists to be summed, and their weights.
  var lists: [UInt32] = []
  var listWeights: [Float] = []
  let ranking = Ranking()
  /// Where item-to-item sources start, strongest first.
  package internal(set) var starts: [Start] = []
  package internal(set) var taste = Taste()
  /// Nil until a factor model was scanned.
  package internal(set) var factors: FactorScratch?
  /// The users like the one who asks; empty if nobody was looked for.
  let similarUsers = UserIndexScratch()
  /// What finding them takes: half a millisecond until measured.
  package var similarUsersTime = ExpectedTime(nanoseconds: 500_000)
  /// Nil until a content model was asked.
  var content: ContentScratch?
  /// What scanning cold items by factors, and all items by content, takes; nil until measured.
  var coldTime: ExpectedTime?
  var contentTime: ExpectedTime?
  /// What single sources took lately, by raw value; measured where they have a budget.
  var sourceTimes = [ExpectedTime](
    repeating: ExpectedTime(nanoseconds: 0), count: CandidateSet.opinionStride)
  /// Where the source `near` looks around.
  var centres: [Centre] = []
  /// Whether the user is folded in for this request, and has an answer.
  var folded: Bool?
  /// Sources that were not asked for want of time.
  package internal(set) var skipped: [SourceKind] = []
  package let blend = BlendScratch()
  package let segments = SegmentScratch()
  let ratings = PredictionScratch()
  /// Weight of each source in fusion, by raw value.
  var weights = [Double](repeating: 0, count: CandidateSet.opinionStride)
  /// What showing each candidate is worth, and the usual rate of each objective.
  var worths: [Double] = []
  /// Their mean size; 0 where objectives had no say.
  var worthMean = 0.0
  /// What taste added to candidates of `Similar`; noted where it is to be explained.
  var tasteShares: [TasteShare] = []
  var objectiveRates: [Double] = []
  /// Whether the gather step is past the sources and fills up.
  var isFilling = false
  /// Candidates at which filling up ends.
  var wanted = 0
  package let spread = SpreadScratch()
  /// Candidate numbers, best first: written by score, reordered by spread, cut by keep.
  package var order: [Int32] = []
  /// Parts of one iALS score, while it is explained.
  var contributions: [Float] = []
  package internal(set) var fallbacks = FallbackSet()
  package internal(set) var degraded: [StepKind] = []
  /// How many candidates the drop step took out, by reason.
  package internal(set) var dropped = [Int](repeating: 0, count: DropReason.count)
  /// What the last request left for its next page.
  package internal(set) var rest = PageRest()
  /// Items of other lists on the same screen, which this one may not show. Set before a request, kept until changed.
  package var apart: [ItemIndex] = []
  /// Sums over bundles, by their number in the index.
  let bundleSums = RowSums()
  let bundling = BundleScratch()
  var clock = StepClock()
  /// How long this request may take.
  var pace = Pace()

  package init() {}

  /// What the last reply shows, in order.
  package var shownItems: some Sequence<ItemIndex> {
    order.prefix(shownCount).lazy.map { [candidates] in candidates.items[Int($0)] }
  }
  /// Written by the keep step only.
  var shownCount = 0
  /// Whether everything the request looked at is of its position.
  var isSettled = true

  /// Nanoseconds each step of the last request took; steps not reached are missing.
  package var times: [StepTime] { clock.times }

  /// The same without an array, for metrics.
  package func forEachTime(_ body: (StepTime) -> Void) { clock.forEachTime(body) }

  /// Begins a request.
  package func start(_ context: ReadContext) throws(Fault) {
    clock.start(context.clock)
    pace = Pace(context)
    if context.cancellation.isCancelled { throw Self.cancelled }
    if clock.now >= context.deadline {
      throw Fault(
        .deadlineExceeded, "The deadline had passed before the request was looked at; allow more time.")
    }
    blend.isOrdering = false
    factors?.hasVector = false
    marks.begin(context.catalogue.count)
    met.begin(context.catalogue.count)
    candidates.begin(context.catalogue.count)
    isFilling = false
    hasTired = false
    reweighs = false
    rules.clear()
    rest = PageRest()
    shownCount = 0
    isSettled = context.isSettled
    worthMean = 0
    tasteShares.removeAll(keepingCapacity: true)
    spread.begin()
    blend.forget()
    named.removeAll(keepingCapacity: true)
    segments.begin()
    starts.removeAll(keepingCapacity: true)
    taste.clear()
    similarUsers.clear()
    centres.removeAll(keepingCapacity: true)
    folded = nil
    skipped.removeAll(keepingCapacity: true)
    order.removeAll(keepingCapacity: true)
    fallbacks = FallbackSet()
    degraded.removeAll(keepingCapacity: true)
    for index in dropped.indices { dropped[index] = 0 }
  }

  /// Ends one step and begins the next, unless the caller went away meanwhile.
  func enter(_ step: StepKind, _ context: ReadContext) throws(Fault) {
    clock.enter(step)
    if context.cancellation.isCancelled { throw Self.cancelled }
  }

  /// Lets go of what belongs to others: a user's arrays that stay referenced here would be copied by the writer's
  /// next change.
  func release() {
    query = Query()
    rules.clear()
  }

  /// Whether a step should leave out what it can do without: its time, the request's budget or its deadline is over.
  /// Reads the clock.
  func isLate(_ step: StepKind, _ context: ReadContext) -> Bool {
    pace.isLate(step, since: clock.now, at: context.clock.now)
  }

  func degrade(_ step: StepKind) {
    if !degraded.contains(step) { degraded.append(step) }
  }

  /// Notes what a source with a budget took.
  package func took(_ nanoseconds: UInt64, by source: SourceKind) {
    sourceTimes[Int(source.rawValue)].took(nanoseconds)
  }

  /// Notes a source that was not asked for want of time.
  func skip(_ source: SourceKind) {
    degrade(.gather)
    if !skipped.contains(source) { skipped.append(source) }
  }

  private static let cancelled = Fault(.cancelled, "The caller cancelled the request.")
}

/// A request after the look step: checked, and the same for all lists.
package struct Query {
  /// Which list is asked for.
  package enum Purpose: UInt8 {
    case recommend = 1
    case similar = 2
    case complete = 3
    case rank = 4
    case bundles = 5
  }

  package var purpose = Purpose.recommend
  /// Items that the steps rank.
  package var k = 0
  /// Items that the reply shows: k, or a page of it.
  package var shown = 0
  /// Whether this is a further page of a ranking that was made before.
  package var isTurning = false
  /// Whether only bundles may be shown.
  package var answersBundles = false
  /// What a bundle may cost.
  package var price = PriceBounds()
  package var seed: UInt64 = 0
  package var explain = ExplainLevel.none
  package var includeTitles = false
  package var predictRatings = false
  /// Who asks, whether known or not.
  package var asker: UserIdentifier?
  package var user: UserState?
  /// Whether what the user has may be shown again.
  package var allowsSeen = false
  /// Whether there is anything to be personal about: history, session, item or basket.
  package var hasSignal = false
  /// The moment of the request, whole seconds since 1970.
  package var seconds: Int64 = 0
  /// Where the request comes from, if it says so.
  package var location: GeoPoint?
  /// What is known of the user: the profile's attributes, and those of the request in front of them.
  package var attributes: [String: AttributeValue] = [:]
  var token = RecommendationToken()
}

/// An item to start from.
package struct Start: Hashable {
  package var item: ItemIndex
  package var row: Int
  package var weight: Float
}

/// The history as the models of whole histories take it: three parallel lists.
package struct Taste {
  package var rows: [UInt32] = []
  package var confidences: [Float] = []
  package var items: [ItemIndex] = []

  mutating func clear() {
    rows.removeAll(keepingCapacity: true)
    confidences.removeAll(keepingCapacity: true)
    items.removeAll(keepingCapacity: true)
  }

  mutating func append(_ item: ItemIndex, row: Int, confidence: Float) {
    rows.append(UInt32(truncatingIfNeeded: row))
    confidences.append(confidence)
    items.append(item)
  }
}

/// The fallbacks of one reply, in the order of their numbers.
package struct FallbackSet {
  private var bits: UInt16 = 0

  mutating func insert(_ fallback: Fallback) { bits |= 1 << UInt16(fallback.rawValue) }

  package func contains(_ fallback: Fallback) -> Bool { bits & (1 << UInt16(fallback.rawValue)) != 0 }

  /// Allocates: for the reply.
  package var list: [Fallback] { bits == 0 ? [] : Fallback.allCases.filter(contains) }
}
