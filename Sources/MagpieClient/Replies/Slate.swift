/// Where a candidate came from.
public enum Source: String, Sendable, Hashable, CaseIterable {
  /// Windowed popularity of the serving generation.
  case popular
  /// Decayed counts of live events.
  case trending
  /// What tends to follow the newest items of the history.
  case transitions
  /// What shares baskets and sessions with them.
  case cooccurrence
  /// Latent factors, the user folded in from live history.
  case ials
  /// What the user consumed before.
  case repeats
  /// The newest items of the catalogue.
  case newest
  /// A linear item model, summed over the whole history.
  case linear
  /// What users with a like history did.
  case similarUsers = "similar_users"
  /// Windowed popularity within the user's segments: their country, the categories they touched lately.
  case segmentPopular = "segment_popular"
  /// What trends within the categories the user touched lately.
  case segmentTrending = "segment_trending"
  /// What items say of themselves: their texts, categories and attributes.
  case content
  /// What lies near.
  case near
  /// Bundles whose members are in the basket or go with it.
  case members
  /// Bundles whose members suit the user.
  case memberTaste = "member_taste"
}

/// Why an item is shown, for a client to put into words.
public enum ExplanationCode: String, Sendable, Hashable, CaseIterable {
  /// The user did something with the cited items.
  case becauseYouInteracted = "because_you_interacted"
  /// It tends to follow the cited items.
  case nextInSequence = "next_in_sequence"
  /// It is bought together with the cited items.
  case boughtTogether = "bought_together"
  /// The user consumed it before and may again.
  case buyAgain = "buy_again"
  /// Many like it.
  case popular
  /// Many like it just now.
  case trending
  /// It is new.
  case newItem = "new_item"
  /// It resembles the cited items.
  case similarItem = "similar_item"
  /// Users who share the cited items with this one took it.
  case similarUsers = "similar_users"
  /// Many of the same country, or in the same category, like it; `Explanation.segment` names which.
  case popularInSegment = "popular_in_segment"
  /// Many like it just now in the category that `Explanation.segment` names.
  case trendingInSegment = "trending_in_segment"
  /// What it says of itself fits what the cited items say of themselves.
  case similarContent = "similar_content"
  /// It lies near the place of the query, or near the cited items.
  case nearYou = "near_you"
  /// It stands at this position by configuration.
  case pinned
  /// It was raised to this position by configuration.
  case promoted
  /// It is new and being tried here.
  case explored
}

/// How an item came to its place.
public enum Placement: String, Sendable, Hashable, CaseIterable {
  /// By its score, and by what diversity, caps and shares made of it.
  case ranked
  /// Configured to stand at this position.
  case pinned
  /// Configured to be raised to this position.
  case promoted
  /// A new item, drawn by chance for this position.
  case explored
}

/// What an answer had to fall back to.
public enum Fallback: String, Sendable, Hashable, CaseIterable {
  /// No generation is loaded; live counts answered.
  case noGeneration = "no_generation"
  /// The user is not known; the answer is not personal.
  case unknownUser = "unknown_user"
  /// The user is known but has no usable history.
  case noHistory = "no_history"
  /// An item of the query is not known, or not in the serving generation.
  case unknownItem = "unknown_item"
  /// The catalogue is empty.
  case emptyCatalogue = "empty_catalogue"
  /// Fewer than k items are allowed for this query.
  case fewerThanK = "fewer_than_k"
  /// Personal sources gave too little; popularity filled the rest.
  case filledWithPopular = "filled_with_popular"
}

/// A step of the read path.
public enum Step: String, Sendable, Hashable, CaseIterable {
  /// Looks up the user.
  case look
  /// Gathers candidates.
  case gather
  /// Drops what must not be shown.
  case drop
  /// Scores what is left.
  case score
  /// Spreads the list over kinds.
  case spread
  /// Keeps the best k.
  case keep
}

/// One source's opinion of one item.
public struct SourceShare: Sendable, Hashable {
  /// Whose opinion.
  public var source: Source
  /// Place in the source's own list, from 1.
  public var rank: UInt32
  /// The source's own score; comparable within the source only.
  public var score: Float

  /// Makes a share.
  public init(source: Source, rank: UInt32, score: Float) {
    self.source = source
    self.rank = rank
    self.score = score
  }
}

/// A reason to show an item.
public struct Explanation: Sendable, Hashable {
  /// What kind of reason.
  public var code: ExplanationCode
  /// The items it rests on, strongest first.
  public var items: [String]
  /// The country or category it names; empty where it names none.
  public var segment: String

  /// Makes a reason.
  public init(code: ExplanationCode, items: [String] = [], segment: String = "") {
    self.code = code
    self.items = items
    self.segment = segment
  }
}

/// One item of a slate.
public struct SlateItem: Sendable, Hashable {
  /// Its identifier.
  public var item: String
  /// Larger is better; comparable within one slate only.
  public var score: Float
  /// Filled if the query asked for titles and the item has one.
  public var title: String
  /// Filled at `ExplainLevel.full`.
  public var sources: [SourceShare]
  /// Filled from `ExplainLevel.reasons` on.
  public var explanations: [Explanation]
  /// What the user would rate the item, on the scale of the ratings learned from; nil unless the query asked for it
  /// and the generation has a model of ratings.
  public var predictedRating: Float?
  /// What a bundle is made of; filled where bundles were asked for.
  public var members: [String] = []
  /// The numbers behind the score, taken apart; filled at `ExplainLevel.full`.
  public var contributions: [Contribution] = []
  /// How the item came to its place.
  public var placement = Placement.ranked
  /// The probability with which this item was to stand at this place, over the chance that exploration uses; nil where
  /// none was used, which means 1. Log it with what came of the item: off-policy estimates need it.
  public var propensity: Float?
  /// How probable it is that the user takes the item; nil where the generation has no calibration.
  public var calibrated: Float?

  /// Makes a slate item.
  public init(
    item: String, score: Float, title: String = "", sources: [SourceShare] = [],
    explanations: [Explanation] = [], predictedRating: Float? = nil
  ) {
    self.item = item
    self.score = score
    self.title = title
    self.sources = sources
    self.explanations = explanations
    self.predictedRating = predictedRating
  }
}

/// How long one step took.
public struct StepTime: Sendable, Hashable {
  /// Which.
  public var step: Step
  /// How long.
  public var nanoseconds: UInt64

  /// Makes a step's time.
  public init(step: Step, nanoseconds: UInt64) {
    self.step = step
    self.nanoseconds = nanoseconds
  }
}

/// The final list, with everything needed to attribute and reproduce it.
public struct Slate: Sendable, Hashable {
  /// Best first.
  public var items: [SlateItem] = []
  /// Names this answer in later events.
  public var recommendation = ""
  /// The generation that answered; 0 if none was loaded.
  public var generation: UInt64 = 0
  /// Everything up to here was taken into account.
  public var position: UInt64 = 0
  /// Hash of the settings that answered.
  public var configurationHash: UInt64 = 0
  /// The seed used.
  public var seed: UInt64 = 0
  /// What the answer had to fall back to.
  public var fallbacks: [Fallback] = []
  /// Steps cut short to keep the deadline.
  public var degraded: [Step] = []
  /// Sources that were not asked for want of time.
  public var skipped: [Source] = []
  /// Filled at `ExplainLevel.full`.
  public var times: [StepTime] = []
  /// Asks for the next page, as `cursor` of the same query; empty after the last page and for a list of one page.
  public var cursor = ""
  /// What `replay` makes this list from again; empty for one that the clock cut short.
  public var token = ""
  /// The experiment and its arm that shaped the list, as `NAME/ARM`; empty for none.
  public var experiment = ""
  /// What rules kept out of it; filled at `ExplainLevel.full`.
  public var dropped: [DropCount] = []

  /// An empty slate.
  public init() {}
}
