/// How much a reply says about why each item is in it.
public enum ExplainLevel: Sendable, Hashable {
  /// Items and scores only.
  case none
  /// Reasons for people: at most two cited items each.
  case reasons
  /// Also every source with its rank and score, and the time of each step.
  case full
}

/// What to do with items the user already has.
public enum SeenPolicy: Sendable, Hashable {
  /// As the scenario says.
  case scenario
  /// Leave them out.
  case hide
  /// Show them if they score well.
  case allow
}

/// What should this user see next?
public struct RecommendQuery: Sendable, Hashable {
  /// Nil for an anonymous visitor; then `sessionItems` carry what is known.
  public var user: String?
  /// Items of the running session, oldest first; taken together with the stored history. At most 256.
  public var sessionItems: [String]
  /// Where the list will be shown; nil means the default scenario.
  public var scenario: String?
  /// Items wanted, 1 to 1,000.
  public var k: Int
  /// Items that must not appear. At most 10,000.
  public var exclude: [String]
  /// What to do with items the user already has.
  public var seen: SeenPolicy
  /// Same state, generation and seed give the same slate.
  public var seed: UInt64
  /// How much the reply says about why.
  public var explain: ExplainLevel
  /// Whether each item comes with its title.
  public var includeTitles: Bool
  /// Refuse with `position_not_reached` unless the daemon has applied this position; 0 asks for nothing.
  public var minPosition: UInt64
  /// Whether each item comes with the rating the user would give it.
  public var predictRatings: Bool
  /// Nil for a list of one page; empty to begin a paged one; then what `Slate.cursor` of the page before holds.
  public var cursor: String?
  /// Lists of one page of lists with the same name here share no item; empty for one that minds no other.
  public var distinct: String
  /// Time the daemon may take, from the request's arrival; it leaves things out to keep it, and `Slate.degraded` says
  /// so. Nil leaves it to the deadline.
  public var budget: Duration?
  /// Only items for which this expression is true, such as `item.price < 20`; on top of the scenario's filter.
  public var filter: String
  /// An expression that scores are multiplied with; on top of the scenario's boost.
  public var boost: String
  /// Where and when the list is shown, for expressions.
  public var context: QueryContext
  /// What is known of the user besides the profile: each hides the profile's attribute of that name.
  public var userAttributes: [String: AttributeValue]

  /// Makes a query with the defaults of the protocol.
  public init(user: String?, k: Int = 10) {
    self.user = user
    sessionItems = []
    self.k = k
    exclude = []
    seen = .scenario
    seed = 0
    explain = .none
    includeTitles = false
    minPosition = 0
    predictRatings = false
    cursor = nil
    distinct = ""
    filter = ""
    boost = ""
    context = QueryContext()
    userAttributes = [:]
  }
}

/// What resembles this item?
public struct SimilarQuery: Sendable, Hashable {
  /// The item to start from.
  public var item: String
  /// Items wanted, 1 to 1,000.
  public var k: Int
  /// Items that must not appear.
  public var exclude: [String]
  /// How much the reply says about why.
  public var explain: ExplainLevel
  /// Whether each item comes with its title.
  public var includeTitles: Bool
  /// Orders the same items by this user's taste as well; nil for the same list for everybody.
  public var user: String?
  /// Nil for a list of one page; empty to begin a paged one; then what `Slate.cursor` of the page before holds.
  public var cursor: String?
  /// Where the list will be shown; nil means the default scenario.
  public var scenario: String?
  /// Only items for which this expression is true, such as `item.price < 20`; on top of the scenario's filter.
  public var filter: String
  /// An expression that scores are multiplied with; on top of the scenario's boost.
  public var boost: String
  /// Where and when the list is shown, for expressions.
  public var context: QueryContext

  /// Makes a query with the defaults of the protocol.
  public init(item: String, k: Int = 10) {
    self.item = item
    self.k = k
    exclude = []
    explain = .none
    includeTitles = false
    user = nil
    cursor = nil
    filter = ""
    boost = ""
    context = QueryContext()
  }
}

/// What a basket is completed with.
public enum CompleteAnswer: Sendable, Hashable, CaseIterable {
  /// Single items.
  case items
  /// Items of the catalogue that are made of others.
  case bundles
}

/// What a bundle may cost, both ends included.
public struct PriceBounds: Sendable, Hashable {
  /// At least this; nil for no bound.
  public var least: Double?
  /// At most this; nil for no bound.
  public var most: Double?
  /// The currency of the prices; empty compares numbers whatever they are in.
  public var currency: String

  /// Makes bounds, open where nothing is given.
  public init(least: Double? = nil, most: Double? = nil, currency: String = "") {
    self.least = least
    self.most = most
    self.currency = currency
  }
}

/// What goes with this basket?
public struct CompleteQuery: Sendable, Hashable {
  /// The items in it, at most 256. May be empty where bundles are asked for and a user is named.
  public var basket: [String]
  /// Whose basket it is, if known; own repeats then weigh in.
  public var user: String?
  /// Items wanted, 1 to 1,000.
  public var k: Int
  /// Items that must not appear.
  public var exclude: [String]
  /// How much the reply says about why.
  public var explain: ExplainLevel
  /// Whether each item comes with its title.
  public var includeTitles: Bool
  /// Items, or bundles.
  public var answer: CompleteAnswer
  /// What a bundle may cost; for bundles only.
  public var price: PriceBounds
  /// Nil for a list of one page; empty to begin a paged one; then what `Slate.cursor` of the page before holds.
  public var cursor: String?
  /// Where the list will be shown; nil means the default scenario.
  public var scenario: String?
  /// Only items for which this expression is true, such as `item.price < 20`; on top of the scenario's filter.
  public var filter: String
  /// An expression that scores are multiplied with; on top of the scenario's boost.
  public var boost: String
  /// Where and when the list is shown, for expressions.
  public var context: QueryContext

  /// Makes a query with the defaults of the protocol.
  public init(basket: [String], user: String? = nil, k: Int = 10) {
    self.basket = basket
    self.user = user
    self.k = k
    exclude = []
    explain = .none
    includeTitles = false
    answer = .items
    price = PriceBounds()
    cursor = nil
    filter = ""
    boost = ""
    context = QueryContext()
  }
}

/// Which items make a good bundle around these, or for this user?
public struct BundlesQuery: Sendable, Hashable {
  /// Each bundle holds one of these, at most 256; empty starts from what the user touched last, or from what is popular.
  public var basket: [String]
  /// For whom, if known.
  public var user: String?
  /// Bundles wanted, 1 to 100.
  public var k: Int
  /// Members of each, within 2 to 16.
  public var size: ClosedRange<Int>
  /// A member that is added must belong to one of these; empty allows all. At most 64.
  public var categories: [String]
  /// Whether no two members may share a category.
  public var hasDistinctCategories: Bool
  /// What the members may cost together.
  public var price: PriceBounds
  /// Items that must not appear.
  public var exclude: [String]
  /// Same state, generation and seed give the same bundles.
  public var seed: UInt64
  /// Whether each member comes with its title.
  public var includeTitles: Bool
  /// Refuse with `position_not_reached` unless the daemon has applied this position; 0 asks for nothing.
  public var minPosition: UInt64

  /// Makes a query with the defaults of the protocol.
  public init(basket: [String], user: String? = nil, k: Int = 5) {
    self.basket = basket
    self.user = user
    self.k = k
    size = 2...4
    categories = []
    hasDistinctCategories = false
    price = PriceBounds()
    exclude = []
    seed = 0
    includeTitles = false
    minPosition = 0
  }
}

/// In which order should this user see these items?
public struct RankQuery: Sendable, Hashable {
  /// Nil for an anonymous visitor; then `sessionItems` carry what is known.
  public var user: String?
  /// The candidates, 1 to 1,000. What may not be shown is left out of the answer.
  public var items: [String]
  /// Items of the running session, oldest first. At most 256.
  public var sessionItems: [String]
  /// Same state, generation and seed give the same order.
  public var seed: UInt64
  /// How much the reply says about why.
  public var explain: ExplainLevel
  /// Whether each item comes with its title.
  public var includeTitles: Bool
  /// Refuse with `position_not_reached` unless the daemon has applied this position; 0 asks for nothing.
  public var minPosition: UInt64
  /// Whether each item comes with the rating the user would give it.
  public var predictRatings: Bool
  /// Where the list will be shown; nil means the default scenario.
  public var scenario: String?
  /// Only items for which this expression is true, such as `item.price < 20`; on top of the scenario's filter.
  public var filter: String
  /// An expression that scores are multiplied with; on top of the scenario's boost.
  public var boost: String
  /// Where and when the list is shown, for expressions.
  public var context: QueryContext

  /// Makes a query with the defaults of the protocol.
  public init(user: String?, items: [String]) {
    self.user = user
    self.items = items
    sessionItems = []
    seed = 0
    explain = .none
    includeTitles = false
    minPosition = 0
    predictRatings = false
    filter = ""
    boost = ""
    context = QueryContext()
  }
}

/// Where and when a list is shown.
public struct QueryContext: Sendable, Hashable {
  /// The moment the list is made for, microseconds since 1970; nil means now. Decides available times, too.
  public var timeMicroseconds: Int64?
  /// `context.location` of expressions.
  public var location: GeoPoint?
  /// Anything else, such as a device or a page.
  public var attributes: [String: AttributeValue]

  /// Says nothing.
  public init() { attributes = [:] }
}
