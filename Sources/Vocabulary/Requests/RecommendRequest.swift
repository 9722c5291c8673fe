/// How much a reply says about why each item is in it.
package enum ExplainLevel: UInt8, Sendable, Hashable {
  /// Items and scores only.
  case none = 0
  /// Reasons for people: at most two cited items each.
  case reasons = 1
  /// Also every source with its rank and score, and time per step.
  case full = 2
}

/// What to do with items the user already has.
package enum SeenPolicy: UInt8, Sendable, Hashable {
  /// As the scenario says.
  case scenario = 0
  case hide = 1
  case allow = 2
}

/// `Recommend`: what should this user see next?
package struct RecommendRequest: Sendable, Hashable {
  /// Empty for an anonymous visitor; then `sessionItems` carry what is known.
  package var user: [UInt8] = []
  /// Items of the running session, oldest first; taken together with the stored history.
  package var sessionItems: [[UInt8]] = []
  /// Empty means the default scenario.
  package var scenario: [UInt8] = []
  /// Items wanted, 1 to `Limits.slateItemsMax`.
  package var k: UInt32 = 10
  package var exclude: [[UInt8]] = []
  package var seen: SeenPolicy = .scenario
  /// Same state, generation and seed give the same slate.
  package var seed: UInt64 = 0
  package var explain: ExplainLevel = .none
  package var includeTitles = false
  /// Refuse with `position_not_reached` if the daemon has not applied this position yet.
  package var minPosition: UInt64 = 0
  /// Whether each item comes with the rating the user would give it.
  package var predictRatings = false
  /// Only items for which this expression is true; on top of the scenario's filter.
  package var filter: [UInt8] = []
  /// A number that scores are multiplied with; on top of the scenario's boost.
  package var boost: [UInt8] = []
  package var context = RequestContext()
  /// What is known of the user besides the profile, or instead of it: each attribute hides the profile's of that name.
  package var userAttributes: [AttributeDraft] = []
  /// Nil for a list of one page; empty to begin a paged one; else the place that `Slate.cursor` of the page before named.
  package var cursor: [UInt8]?
  /// Lists of one `RecommendPage` with the same name here share no item; empty for a list that minds no other.
  package var distinct: [UInt8] = []
  /// Microseconds the daemon may take, from the request's arrival; steps are cut short to keep them. 0 leaves it to
  /// the deadline.
  package var budgetMicroseconds: UInt32 = 0
  package init() {}
}

/// `Similar`: what resembles this item?
package struct SimilarRequest: Sendable, Hashable {
  package var item: [UInt8] = []
  package var k: UInt32 = 10
  package var exclude: [[UInt8]] = []
  package var explain: ExplainLevel = .none
  package var includeTitles = false
  /// Empty means the default scenario.
  package var scenario: [UInt8] = []
  /// Only items for which this expression is true; on top of the scenario's filter.
  package var filter: [UInt8] = []
  /// A number that scores are multiplied with; on top of the scenario's boost.
  package var boost: [UInt8] = []
  package var context = RequestContext()
  /// Optional; the same items are then ordered by this user's taste as well.
  package var user: [UInt8] = []
  /// As in `RecommendRequest`.
  package var cursor: [UInt8]?
  package init() {}
}

/// What `Complete` answers with.
package enum CompleteAnswer: UInt8, Sendable, Hashable {
  case items = 0
  /// Items of the catalogue that have members.
  case bundles = 1
}

/// `Complete`: what goes with this basket?
package struct CompleteRequest: Sendable, Hashable {
  package var basket: [[UInt8]] = []
  /// Optional; own repeats then weigh in.
  package var user: [UInt8] = []
  package var k: UInt32 = 10
  package var exclude: [[UInt8]] = []
  package var explain: ExplainLevel = .none
  package var includeTitles = false
  /// Empty means the default scenario.
  package var scenario: [UInt8] = []
  /// Only items for which this expression is true; on top of the scenario's filter.
  package var filter: [UInt8] = []
  /// A number that scores are multiplied with; on top of the scenario's boost.
  package var boost: [UInt8] = []
  package var context = RequestContext()
  package var answer: CompleteAnswer = .items
  /// What a bundle may cost. Of bundles only.
  package var price = PriceBounds()
  /// As in `RecommendRequest`.
  package var cursor: [UInt8]?
  package init() {}
}

/// `Rank`: the caller's own candidates, put in order by the same steps as a recommendation.
package struct RankRequest: Sendable, Hashable {
  /// Empty for an anonymous visitor.
  package var user: [UInt8] = []
  /// The candidates, 1 to `Limits.slateItemsMax`. What may not be shown is left out of the reply.
  package var items: [[UInt8]] = []
  /// Items of the running session, oldest first.
  package var sessionItems: [[UInt8]] = []
  /// Same state, generation and seed give the same order.
  package var seed: UInt64 = 0
  package var explain: ExplainLevel = .none
  package var includeTitles = false
  /// Refuse with `position_not_reached` if the daemon has not applied this position yet.
  package var minPosition: UInt64 = 0
  /// Whether each item comes with the rating the user would give it.
  package var predictRatings = false
  /// Empty means the default scenario.
  package var scenario: [UInt8] = []
  /// Only items for which this expression is true; on top of the scenario's filter.
  package var filter: [UInt8] = []
  /// A number that scores are multiplied with; on top of the scenario's boost.
  package var boost: [UInt8] = []
  package var context = RequestContext()
  package init() {}
}
