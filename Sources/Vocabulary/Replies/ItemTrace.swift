/// What became of one item in one request. Raw values travel on the wire: never reuse one.
package enum Fate: UInt8, Sendable, Hashable, CaseIterable {
  /// It is in the list.
  case shown = 1
  /// Nobody knows it, or it is newer than what this request sees.
  case unknown = 2
  /// A rule forbids it.
  case forbidden = 3
  /// No source named it.
  case notNamed = 4
  /// Others score better.
  case outscored = 5
  /// It scored among the best k, and the list as a whole put others there.
  case moved = 6

  package var name: String {
    switch self {
    case .shown: "shown"
    case .unknown: "unknown"
    case .forbidden: "forbidden"
    case .notNamed: "not_named"
    case .outscored: "outscored"
    case .moved: "moved"
    }
  }
}

/// What one source has to say of one item. Raw values travel on the wire: never reuse one.
package enum SourceState: UInt8, Sendable, Hashable, CaseIterable {
  /// It is not asked for such lists, or its weight is zero.
  case off = 1
  /// It has no score for the item.
  case silent = 2
  /// It has a score, but others filled the places it has to give.
  case cut = 3
  /// It named the item.
  case named = 4

  package var name: String {
    switch self {
    case .off: "off"
    case .silent: "silent"
    case .cut: "cut"
    case .named: "named"
    }
  }
}

package struct SourceTrace: Sendable, Hashable {
  package var source: SourceKind
  package var state: SourceState
  /// Place in the source's own list, from 1; 0 unless named.
  package var rank: UInt32 = 0
  /// The source's own score of the item; 0 if it has none.
  package var score: Float = 0
  /// The lowest score of those it named, and how many these are.
  package var lowest: Float = 0
  package var count: UInt32 = 0
  /// Its weight in fusion in this request.
  package var weight: Double = 0

  package init(_ source: SourceKind, _ state: SourceState) {
    self.source = source
    self.state = state
  }
}

/// Where a filter is written.
package enum FilterOrigin: UInt8, Sendable, Hashable, CaseIterable {
  /// In the configuration of the scenario.
  case scenario = 1
  case request = 2

  package var name: String {
    switch self {
    case .scenario: "scenario"
    case .request: "request"
    }
  }
}

/// What one filter says of one item.
package struct FilterTrace: Sendable, Hashable {
  package var origin: FilterOrigin
  package var passes: Bool
  /// Of the parts that `and` joins, the first that is not true: at most `Limits.tracedPartCharacters` of it. Empty if the
  /// item passes.
  package var part = ""
  /// Where this part begins in the filter, from 1; 0 if the item passes.
  package var character: UInt32 = 0

  package init(_ origin: FilterOrigin, passes: Bool) {
    self.origin = origin
    self.passes = passes
  }
}

/// The way of one item through the steps of one request.
package struct ItemTrace: Sendable, Hashable {
  /// As asked.
  package var item: [UInt8]
  package var title = ""
  package var fate: Fate
  /// The step that decided.
  package var step: StepKind
  /// Which rule forbids it, where one does: a name of docs/read-path.md.
  package var rule = ""
  /// Its place in the list, from 1; 0 if it is not in it.
  package var rank: UInt32 = 0
  /// Its place by score, before the list was arranged as a whole; 0 if it was never scored.
  package var scoredRank: UInt32 = 0
  package var score: Float = 0
  /// The score of the last item of the list; what an outscored item would have to beat.
  package var lastScore: Float = 0
  /// Every filter's decision, whatever else became of the item; none for an item nobody knows.
  package var filters: [FilterTrace] = []
  package var sources: [SourceTrace] = []
  package var contributions: [Contribution] = []
  package var explanations: [Explanation] = []

  package init(item: [UInt8], fate: Fate, step: StepKind) {
    self.item = item
    self.fate = fate
    self.step = step
  }
}

/// How many candidates one rule struck out.
package struct DropCount: Sendable, Hashable {
  /// The rule's name, as in docs/read-path.md.
  package var rule: String
  package var count: UInt64

  package init(rule: String, count: UInt64) {
    self.rule = rule
    self.count = count
  }
}

/// The reply of `Explain` and `WhyNot`.
package struct ExplainReply: Sendable, Hashable {
  /// One for each item asked about, in that order; for none, one for each item of the list.
  package var items: [ItemTrace] = []
  /// The list's own identifier, as `Recommend` would have given it.
  package var recommendation: [UInt8] = []
  package var generation: GenerationNumber = .none
  package var position: Position = .zero
  package var configurationHash: UInt64 = 0
  package var seed: UInt64 = 0
  /// Items wanted and items the list has.
  package var k: UInt32 = 0
  package var count: UInt32 = 0
  /// What sources offered and fillers added, forbidden ones included.
  package var candidates: UInt64 = 0
  /// Whether trees ordered the best of them.
  package var isBlended = false
  package var fallbacks: [Fallback] = []
  package var degraded: [StepKind] = []
  package var times: [StepTime] = []
  /// What the drop step struck out, and what the request forbids by name.
  package var dropped: [DropCount] = []
  package var forbidden: [DropCount] = []
  package init() {}
}
