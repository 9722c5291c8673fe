import Vocabulary

// From the public words to those that travel. Nothing is judged here: the daemon does, and names the field.

extension EventDraft {
  init(_ event: Event) {
    self.init()
    id = Array(event.id.utf8)
    type = Int32(Vocabulary.EventType(name: event.type.rawValue)?.rawValue ?? 0)
    user = Array(event.user.utf8)
    item = Array((event.item ?? "").utf8)
    // On the wire zero means "now". Who says 1970 gets the daemon's refusal for it, not today's date.
    timeMicroseconds = event.timeMicroseconds.map { $0 == 0 ? 1 : $0 } ?? 0
    value = event.value
    session = Array((event.session ?? "").utf8)
    recommendation = Array((event.recommendation ?? "").utf8)
    query = Array((event.query ?? "").utf8)
  }
}

extension AttributeDraft {
  init(_ name: String, _ value: AttributeValue) {
    let draft: Value =
      switch value {
      case .text(let text): .text(Array(text.utf8))
      case .number(let number): .number(number)
      case .flag(let flag): .flag(flag)
      case .texts(let texts): .texts(texts.map { Array($0.utf8) })
      }
    self.init(name: Array(name.utf8), value: draft)
  }

  /// In the order of names, so that the same thing always travels as the same bytes.
  static func drafts(_ attributes: [String: AttributeValue]) -> [AttributeDraft] {
    attributes.sorted { $0.key < $1.key }.map { AttributeDraft($0.key, $0.value) }
  }
}

extension VectorDraft {
  init(_ vector: NamedVector) { self.init(name: Array(vector.name.utf8), values: vector.values) }
}

extension ItemDraft {
  init(_ item: Item) {
    self.init()
    id = Array(item.id.utf8)
    title = Array(item.title.utf8)
    text = Array(item.text.utf8)
    categories = item.categories.map { Array($0.utf8) }
    price = item.price
    currency = Array(item.currency.utf8)
    isHidden = item.isHidden
    stock = item.stock
    created = item.createdMicroseconds ?? 0
    availableFrom = item.availableFromMicroseconds ?? 0
    availableUntil = item.availableUntilMicroseconds ?? 0
    location = item.location.map {
      Vocabulary.GeoPoint(latitude: $0.latitude, longitude: $0.longitude)
    }
    owner = Array((item.owner ?? "").utf8)
    attributes = AttributeDraft.drafts(item.attributes)
    vectors = item.vectors.map { VectorDraft($0) }
    members = item.members.map { Array($0.utf8) }
  }
}

extension UserDraft {
  init(_ user: UserProfile) {
    self.init()
    id = Array(user.id.utf8)
    attributes = AttributeDraft.drafts(user.attributes)
    vectors = user.vectors.map { VectorDraft($0) }
  }
}

extension Vocabulary.ExplainLevel {
  init(_ level: ExplainLevel) {
    self =
      switch level {
      case .none: .none
      case .reasons: .reasons
      case .full: .full
      }
  }
}

extension Vocabulary.SeenPolicy {
  init(_ policy: SeenPolicy) {
    self =
      switch policy {
      case .scenario: .scenario
      case .hide: .hide
      case .allow: .allow
      }
  }
}

extension Vocabulary.Durability {
  init(_ durability: Durability) {
    self =
      switch durability {
      case .committed: .committed
      case .written: .written
      case .accepted: .accepted
      }
  }
}

extension RecommendRequest {
  init(_ query: RecommendQuery) {
    self.init()
    user = Array((query.user ?? "").utf8)
    sessionItems = query.sessionItems.map { Array($0.utf8) }
    scenario = Array((query.scenario ?? "").utf8)
    k = UInt32(clamping: query.k)
    exclude = query.exclude.map { Array($0.utf8) }
    seen = Vocabulary.SeenPolicy(query.seen)
    seed = query.seed
    explain = Vocabulary.ExplainLevel(query.explain)
    includeTitles = query.includeTitles
    minPosition = query.minPosition
    predictRatings = query.predictRatings
    cursor = query.cursor.map { Array($0.utf8) }
    distinct = Array(query.distinct.utf8)
    budgetMicroseconds = query.budget.map { UInt32(clamping: max(1, $0.nanosecondsClamped / 1_000)) } ?? 0
    filter = Array(query.filter.utf8)
    boost = Array(query.boost.utf8)
    context = RequestContext(query.context)
    userAttributes = AttributeDraft.drafts(query.userAttributes)
  }
}

extension RankRequest {
  init(_ query: RankQuery) {
    self.init()
    user = Array((query.user ?? "").utf8)
    items = query.items.map { Array($0.utf8) }
    sessionItems = query.sessionItems.map { Array($0.utf8) }
    seed = query.seed
    explain = Vocabulary.ExplainLevel(query.explain)
    includeTitles = query.includeTitles
    minPosition = query.minPosition
    predictRatings = query.predictRatings
    scenario = Array((query.scenario ?? "").utf8)
    filter = Array(query.filter.utf8)
    boost = Array(query.boost.utf8)
    context = RequestContext(query.context)
  }
}

extension SimilarRequest {
  init(_ query: SimilarQuery) {
    self.init()
    item = Array(query.item.utf8)
    k = UInt32(clamping: query.k)
    exclude = query.exclude.map { Array($0.utf8) }
    explain = Vocabulary.ExplainLevel(query.explain)
    includeTitles = query.includeTitles
    user = Array((query.user ?? "").utf8)
    cursor = query.cursor.map { Array($0.utf8) }
    scenario = Array((query.scenario ?? "").utf8)
    filter = Array(query.filter.utf8)
    boost = Array(query.boost.utf8)
    context = RequestContext(query.context)
  }
}

extension Vocabulary.PriceBounds {
  init(_ bounds: PriceBounds) {
    self.init()
    least = bounds.least
    most = bounds.most
    currency = Array(bounds.currency.utf8)
  }
}

extension BundlesRequest {
  init(_ query: BundlesQuery) {
    self.init()
    basket = query.basket.map { Array($0.utf8) }
    user = Array((query.user ?? "").utf8)
    k = UInt32(clamping: query.k)
    // On the wire zero means the default, which nobody wrote here.
    sizeMin = max(1, UInt32(clamping: query.size.lowerBound))
    sizeMax = max(1, UInt32(clamping: query.size.upperBound))
    categories = query.categories.map { Array($0.utf8) }
    hasDistinctCategories = query.hasDistinctCategories
    price = Vocabulary.PriceBounds(query.price)
    exclude = query.exclude.map { Array($0.utf8) }
    seed = query.seed
    includeTitles = query.includeTitles
    minPosition = query.minPosition
  }
}

extension CompleteRequest {
  init(_ query: CompleteQuery) {
    self.init()
    basket = query.basket.map { Array($0.utf8) }
    user = Array((query.user ?? "").utf8)
    k = UInt32(clamping: query.k)
    exclude = query.exclude.map { Array($0.utf8) }
    explain = Vocabulary.ExplainLevel(query.explain)
    includeTitles = query.includeTitles
    answer = query.answer == .bundles ? .bundles : .items
    price = Vocabulary.PriceBounds(query.price)
    cursor = query.cursor.map { Array($0.utf8) }
    scenario = Array((query.scenario ?? "").utf8)
    filter = Array(query.filter.utf8)
    boost = Array(query.boost.utf8)
    context = RequestContext(query.context)
  }
}

extension RequestContext {
  init(_ context: QueryContext) {
    self.init()
    // On the wire zero means "now".
    timeMicroseconds = context.timeMicroseconds.map { $0 == 0 ? 1 : $0 } ?? 0
    location = context.location.map { Vocabulary.GeoPoint(latitude: $0.latitude, longitude: $0.longitude) }
    attributes = AttributeDraft.drafts(context.attributes)
  }
}
