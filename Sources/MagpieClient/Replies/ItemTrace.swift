/// What a list of parts adds up to.
public enum ContributionKind: String, Sendable, Hashable, CaseIterable {
  /// Shares of the sources in the fused score.
  case fusion
  /// Shares of the features in the log odds of the trees.
  case blend
  /// Shares of items in one source's own score.
  case source
  /// What the score was multiplied with afterwards: these parts multiply.
  case factors
  /// What the item is worth by the scenario's objectives.
  case worth
}

/// One term of a sum.
public struct ContributionPart: Sendable, Hashable {
  /// The item that adds it; empty where no item does.
  public var item: String
  /// What adds it where no item does.
  public var name: String
  /// How much.
  public var value: Double

  /// Makes a part.
  public init(item: String = "", name: String = "", value: Double) {
    self.item = item
    self.name = name
    self.value = value
  }
}

/// One number of a reply taken apart: the parts add up to `total`, but for rounding; those of
/// kind `factors` multiply.
public struct Contribution: Sendable, Hashable {
  /// What the number is.
  public var kind: ContributionKind
  /// Whose score, for kind `source`.
  public var source: Source?
  /// The number.
  public var total: Double
  /// The largest in size first; what was too many is one part called `rest`.
  public var parts: [ContributionPart]

  /// Makes a contribution.
  public init(kind: ContributionKind, source: Source? = nil, total: Double, parts: [ContributionPart] = []) {
    self.kind = kind
    self.source = source
    self.total = total
    self.parts = parts
  }
}

/// How many items one rule kept out.
public struct DropCount: Sendable, Hashable {
  /// The rule's name: docs/read-path.md.
  public var rule: String
  /// How many.
  public var count: UInt64

  /// Makes a count.
  public init(rule: String, count: UInt64) {
    self.rule = rule
    self.count = count
  }
}

/// What became of one item in one request.
public enum Fate: String, Sendable, Hashable, CaseIterable {
  /// It is in the list.
  case shown
  /// Nobody knows it.
  case unknown
  /// A rule forbids it.
  case forbidden
  /// No source named it.
  case notNamed = "not_named"
  /// Others score better.
  case outscored
  /// It scored among the best, and the list as a whole put others there.
  case moved
}

/// What one source has to say of one item.
public enum SourceState: String, Sendable, Hashable, CaseIterable {
  /// It is not asked for such lists, or its weight is zero.
  case off
  /// It has no score for the item.
  case silent
  /// It has a score, but others filled the places it has to give.
  case cut
  /// It named the item.
  case named
}

/// One source's part in the way of an item.
public struct SourceTrace: Sendable, Hashable {
  /// Which source.
  public var source: Source
  /// What it says.
  public var state: SourceState
  /// Place in its list, from 1; 0 unless named.
  public var rank: UInt32 = 0
  /// Its own score of the item.
  public var score: Float = 0
  /// The lowest score of those it named.
  public var lowest: Float = 0
  /// How many these are.
  public var count: UInt32 = 0
  /// Its weight in fusion.
  public var weight: Double = 0

  /// Makes a trace.
  public init(source: Source, state: SourceState) {
    self.source = source
    self.state = state
  }
}

/// Where a filter is written.
public enum FilterOrigin: String, Sendable, Hashable, CaseIterable {
  /// In the configuration of the scenario.
  case scenario
  /// In the request.
  case request
}

/// What one filter says of one item.
public struct FilterTrace: Sendable, Hashable {
  /// Where the filter is written.
  public var origin: FilterOrigin
  /// Whether it lets the item pass.
  public var passes: Bool
  /// Of the parts that `and` joins, the first that is not true, its first 256 characters; empty if the item passes.
  public var part = ""
  /// Where this part begins in the filter, from 1; 0 if the item passes.
  public var character: UInt32 = 0

  /// Makes a trace.
  public init(origin: FilterOrigin, passes: Bool) {
    self.origin = origin
    self.passes = passes
  }
}

/// The way of one item through the steps of one request.
public struct ItemTrace: Sendable, Hashable {
  /// As asked.
  public var item: String
  /// Empty if there is none.
  public var title = ""
  /// What became of it.
  public var fate: Fate
  /// The step that decided.
  public var step: Step
  /// The rule that forbids it, or empty.
  public var rule = ""
  /// Its place in the list, from 1; 0 if it is not in it.
  public var rank: UInt32 = 0
  /// Its place by score, before the list was arranged; 0 if it was never scored.
  public var scoredRank: UInt32 = 0
  /// Its score.
  public var score: Float = 0
  /// The score of the list's last item.
  public var lastScore: Float = 0
  /// Every filter's decision.
  public var filters: [FilterTrace] = []
  /// Every source's word.
  public var sources: [SourceTrace] = []
  /// The numbers behind the score.
  public var contributions: [Contribution] = []
  /// Reasons, strongest first.
  public var explanations: [Explanation] = []

  /// Makes a trace.
  public init(item: String, fate: Fate, step: Step) {
    self.item = item
    self.fate = fate
    self.step = step
  }
}

/// Why items are where they are.
public struct TraceReport: Sendable, Hashable {
  /// One for each item asked about, or for each of the list.
  public var items: [ItemTrace] = []
  /// The list's own identifier.
  public var recommendation = ""
  /// The generation that answered; 0 if none was loaded.
  public var generation: UInt64 = 0
  /// Everything up to here was taken into account.
  public var position: UInt64 = 0
  /// Hash of the settings that answered.
  public var configurationHash: UInt64 = 0
  /// The seed used.
  public var seed: UInt64 = 0
  /// Items wanted.
  public var k: UInt32 = 0
  /// Items the list has.
  public var count: UInt32 = 0
  /// What sources offered and fillers added.
  public var candidates: UInt64 = 0
  /// Whether trees ordered the best of them.
  public var isBlended = false
  /// What the answer had to fall back to.
  public var fallbacks: [Fallback] = []
  /// Steps cut short.
  public var degraded: [Step] = []
  /// Time of each step.
  public var times: [StepTime] = []
  /// What the drop step struck out.
  public var dropped: [DropCount] = []
  /// What of the catalogue this request may not show.
  public var forbidden: [DropCount] = []

  /// An empty report.
  public init() {}
}

/// A list made again from its token.
public struct Replay: Sendable, Hashable {
  /// The list as it is now.
  public var slate: Slate
  /// Whether it is byte for byte the one the token came with.
  public var isSame: Bool

  /// Makes a replay.
  public init(slate: Slate, isSame: Bool) {
    self.slate = slate
    self.isSame = isSame
  }
}
