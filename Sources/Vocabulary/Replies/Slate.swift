/// Where a candidate can come from. Raw values travel on the wire: never reuse one.
package enum SourceKind: UInt8, Sendable, Hashable, CaseIterable {
  /// Windowed popularity of the serving generation.
  case popular = 1
  /// Decayed counts of live events; needs no generation.
  case trending = 2
  /// Decayed item-to-item transitions from the newest items of the history.
  case transitions = 3
  /// Co-occurrence within baskets and sessions.
  case cooccurrence = 4
  /// iALS factors, the user folded in from live history.
  case ials = 5
  /// What the user consumed before, by decayed frequency.
  case repeats = 6
  /// The newest items of the catalogue; the last resort before anything was learnt.
  case newest = 7
  /// A linear item model, summed over the whole history.
  case linear = 8
  /// What users like this one did, found among the generation's users by the live history.
  case similarUsers = 9
  /// Windowed popularity within the user's segments: their country, the categories they touched lately.
  case segmentPopular = 10
  /// What trends within the categories the user touched lately; needs no generation.
  case segmentTrending = 11
  /// What items say of themselves: cold items for a taste, and what resembles an item.
  case content = 12
  /// What lies near the place of the request, or near places the user had to do with; needs no generation.
  case near = 13
  /// Bundles by how many of their members are in the basket or go with it.
  case members = 14
  /// Bundles by how well their members suit the user.
  case memberTaste = 15

  package var name: String {
    switch self {
    case .popular: "popular"
    case .trending: "trending"
    case .transitions: "transitions"
    case .cooccurrence: "cooccurrence"
    case .ials: "ials"
    case .repeats: "repeats"
    case .newest: "newest"
    case .linear: "linear"
    case .similarUsers: "similar_users"
    case .segmentPopular: "segment_popular"
    case .segmentTrending: "segment_trending"
    case .content: "content"
    case .near: "near"
    case .members: "members"
    case .memberTaste: "member_taste"
    }
  }
}

/// Why an item is shown, in words a client can template. Raw values travel on the wire.
package enum ExplanationCode: UInt8, Sendable, Hashable, CaseIterable {
  case becauseYouInteracted = 1
  case nextInSequence = 2
  case boughtTogether = 3
  case buyAgain = 4
  case popular = 5
  case trending = 6
  case newItem = 7
  case similarItem = 8
  case similarUsers = 9
  case popularInSegment = 10
  case trendingInSegment = 11
  case similarContent = 12
  case nearYou = 13
  /// Stands at this position by configuration.
  case pinned = 14
  /// Raised to this position by configuration.
  case promoted = 15
  /// A new item that is tried here.
  case explored = 16

  package var name: String {
    switch self {
    case .becauseYouInteracted: "because_you_interacted"
    case .nextInSequence: "next_in_sequence"
    case .boughtTogether: "bought_together"
    case .buyAgain: "buy_again"
    case .popular: "popular"
    case .trending: "trending"
    case .newItem: "new_item"
    case .similarItem: "similar_item"
    case .similarUsers: "similar_users"
    case .popularInSegment: "popular_in_segment"
    case .trendingInSegment: "trending_in_segment"
    case .similarContent: "similar_content"
    case .nearYou: "near_you"
    case .pinned: "pinned"
    case .promoted: "promoted"
    case .explored: "explored"
    }
  }
}

/// How an item came to its place. Raw values travel on the wire.
package enum Placement: UInt8, Sendable, Hashable, CaseIterable {
  /// By its score, and by what diversity, caps and shares made of it.
  case ranked = 0
  /// Configured to stand at this position.
  case pinned = 1
  /// Configured to be raised to this position.
  case promoted = 2
  /// A new item, drawn by chance for this position.
  case explored = 3

  package var name: String {
    switch self {
    case .ranked: "ranked"
    case .pinned: "pinned"
    case .promoted: "promoted"
    case .explored: "explored"
    }
  }
}

/// What an answer had to fall back to. Raw values travel on the wire.
package enum Fallback: UInt8, Sendable, Hashable, CaseIterable {
  /// No generation is loaded; live counts answered.
  case noGeneration = 1
  /// The user is not known; the answer is not personal.
  case unknownUser = 2
  /// The user is known but has no usable history.
  case noHistory = 3
  /// An item named in the request is not known, or not in the serving generation.
  case unknownItem = 4
  /// The catalogue is empty.
  case emptyCatalogue = 5
  /// Fewer than k items are allowed for this request.
  case fewerThanK = 6
  /// Personal sources gave too little; popularity filled the rest.
  case filledWithPopular = 7

  package var name: String {
    switch self {
    case .noGeneration: "no_generation"
    case .unknownUser: "unknown_user"
    case .noHistory: "no_history"
    case .unknownItem: "unknown_item"
    case .emptyCatalogue: "empty_catalogue"
    case .fewerThanK: "fewer_than_k"
    case .filledWithPopular: "filled_with_popular"
    }
  }
}

/// The steps of the read path, in order. The name is the step's metric, log field and line in a trace.
package enum StepKind: UInt8, Sendable, Hashable, CaseIterable {
  case look = 1
  case gather = 2
  case drop = 3
  case score = 4
  case spread = 5
  case keep = 6

  package var name: String {
    switch self {
    case .look: "look"
    case .gather: "gather"
    case .drop: "drop"
    case .score: "score"
    case .spread: "spread"
    case .keep: "keep"
    }
  }
}

/// One source's opinion of one item.
package struct SourceShare: Sendable, Hashable {
  package var source: SourceKind
  /// Place in the source's own list, from 1.
  package var rank: UInt32
  /// The source's own score; comparable within the source only.
  package var score: Float
  package init(source: SourceKind, rank: UInt32, score: Float) {
    self.source = source
    self.rank = rank
    self.score = score
  }
}

package struct Explanation: Sendable, Hashable {
  package var code: ExplanationCode
  /// The user's own items, or items of the request, this rests on; strongest first.
  package var items: [ItemIdentifier]
  /// The country or category the reason names; empty where it names none.
  package var segment: String
  package init(code: ExplanationCode, items: [ItemIdentifier] = [], segment: String = "") {
    self.code = code
    self.items = items
    self.segment = segment
  }
}

package struct SlateItem: Sendable, Hashable {
  package var item: ItemIdentifier
  package var score: Float
  package var title = ""
  package var sources: [SourceShare] = []
  package var explanations: [Explanation] = []
  /// What the user would rate the item, on the scale of the ratings learned from; nil unless asked for and known.
  package var predictedRating: Float?
  /// What a bundle is made of; filled where bundles were asked for.
  package var members: [ItemIdentifier] = []
  /// The numbers behind the score, taken apart; filled at `ExplainLevel.full`.
  package var contributions: [Contribution] = []
  package var placement = Placement.ranked
  /// The probability with which this item was to stand at this place, over the chance that exploration uses; nil where
  /// none was used, which means 1.
  package var propensity: Float?
  /// How probable it is that the user takes the item, see docs/read-path.md; nil where the generation has no calibration.
  package var calibrated: Float?
  package init(item: ItemIdentifier, score: Float) {
    self.item = item
    self.score = score
  }
}

package struct StepTime: Sendable, Hashable {
  package var step: StepKind
  package var nanoseconds: UInt64
  package init(step: StepKind, nanoseconds: UInt64) {
    self.step = step
    self.nanoseconds = nanoseconds
  }
}

/// The final list, with everything needed to attribute and reproduce it.
package struct Slate: Sendable, Hashable {
  package var items: [SlateItem] = []
  /// Names this answer in later events.
  package var recommendation: [UInt8] = []
  package var generation: GenerationNumber = .none
  /// Everything up to here was taken into account.
  package var position: Position = .zero
  package var configurationHash: UInt64 = 0
  package var seed: UInt64 = 0
  package var fallbacks: [Fallback] = []
  /// Steps cut short to keep the deadline.
  package var degraded: [StepKind] = []
  /// Sources that were not asked for want of time; then `degraded` names `gather`.
  package var skipped: [SourceKind] = []
  package var times: [StepTime] = []
  /// Asks for the next page of a paged list; empty where there is none.
  package var cursor: [UInt8] = []
  /// What `magpie replay` makes this list from again. Empty where it could not: where the clock left something out, where
  /// a commit was under way, in lists of a `RecommendPage`, and for requests larger than `Limits.tokenRequestBytesMax`. The wire adds it to what `provenance` says.
  package var token: [UInt8] = []
  /// The experiment and its arm that shaped the list, as `NAME/ARM`; empty for none.
  package var experiment = ""
  /// What the drop step struck out, by rule; filled at `ExplainLevel.full`.
  package var dropped: [DropCount] = []
  /// For the token; does not travel by itself.
  package var provenance: Provenance?
  package init() {}
}
