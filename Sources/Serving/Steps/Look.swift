import LiveState
import Models
import Vocabulary

/// Look: check the request, look up who and what it names, and note what is forbidden.
///
/// May refuse the request. May not produce candidates: whatever it learns, it only notes in the scratch.
/// `Look+History` turns a user's past into starting points, `Look+Segments` finds where they belong.
package enum Look {
  /// - Throws: `Fault` for what is wrong with the request.
  package static func recommend(
    _ request: RecommendRequest, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    try begin(.recommend, k: request.k, context, scratch)
    scratch.query.seed = request.seed
    scratch.query.explain = request.explain
    scratch.query.includeTitles = request.includeTitles
    scratch.query.predictRatings = request.predictRatings
    scratch.pace.limit(microseconds: request.budgetMicroseconds, since: context.received)
    try check(minPosition: request.minPosition, context)
    scratch.query.token.add(request.seed)
    scratch.query.token.add(request.user)
    scratch.query.token.add(request.sessionItems)
    scratch.query.token.add(UInt64(request.seen.rawValue))

    try lookUp(user: request.user, context, scratch)
    try surroundings(
      RequestSurroundings(
        scenario: request.scenario, filter: request.filter, boost: request.boost, context: request.context,
        userAttributes: request.userAttributes),
      context, scratch)
    try exclude(request.exclude, context, scratch)
    let hidesSeen =
      switch request.seen {
      case .scenario: context.settings.hideSeen
      case .hide: true
      case .allow: false
      }
    // Where some of what was seen may come back, sources of what was seen are asked, too.
    let seen = context.settings.seen
    scratch.query.allowsSeen = !hidesSeen || seen.hideDays > 0 || scratch.rules.hasRepeatable
    markTurnedAway(context, scratch)
    if hidesSeen { markSeen(context, scratch) }
    markTired(context, scratch)
    try checkCount(request.sessionItems, of: "session_items")
    // Newest first: the session is newer than the history.
    for bytes in request.sessionItems.reversed() {
      guard let item = try find(bytes, field: "session_items", context, scratch) else { continue }
      noteNamed(item, marked: hidesSeen ? .seen : nil, context, scratch)
    }
    startFromHistory(context, scratch)
    collectTaste(context, scratch)
    collectSegments(context, scratch)
    noteMissingSignal(scratch)
  }

  /// - Throws: `Fault` for what is wrong with the request.
  package static func rank(
    _ request: RankRequest, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    if request.items.isEmpty {
      throw Fault(.missingField, "items is empty; name at least one item.", field: "items")
    }
    guard request.items.count <= Limits.slateItemsMax else {
      throw Fault(
        .tooMany, "items has \(request.items.count) items; at most \(Limits.slateItemsMax) are allowed.",
        field: "items")
    }
    try begin(.rank, k: UInt32(clamping: request.items.count), context, scratch)
    scratch.query.seed = request.seed
    scratch.query.explain = request.explain
    scratch.query.includeTitles = request.includeTitles
    scratch.query.predictRatings = request.predictRatings
    try check(minPosition: request.minPosition, context)
    scratch.query.token.add(request.seed)
    scratch.query.token.add(request.user)
    scratch.query.token.add(request.items)
    scratch.query.token.add(request.sessionItems)
    try lookUp(user: request.user, context, scratch)
    try surroundings(
      RequestSurroundings(
        scenario: request.scenario, filter: request.filter, boost: request.boost, context: request.context),
      context, scratch)
    // What was seen may be among the candidates: that is for the caller to say.
    scratch.query.allowsSeen = true
    markTurnedAway(context, scratch)
    try checkCount(request.sessionItems, of: "session_items")
    for bytes in request.sessionItems.reversed() {
      guard let item = try find(bytes, field: "session_items", context, scratch) else { continue }
      noteNamed(item, marked: nil, context, scratch)
    }
    startFromHistory(context, scratch)
    collectTaste(context, scratch)
    collectSegments(context, scratch)
    noteMissingSignal(scratch)
    scratch.asked.begin(context.catalogue.count)
    for bytes in request.items {
      guard let item = try find(bytes, field: "items", context, scratch) else { continue }
      scratch.asked.mark(item, .queried)
    }
    // An item named twice is one candidate, an unknown one none.
    scratch.query.k = scratch.asked.marked.count
    scratch.query.shown = scratch.query.k
  }

  /// - Throws: `Fault` for what is wrong with the request.
  package static func similar(
    _ request: SimilarRequest, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    try begin(.similar, k: request.k, context, scratch)
    scratch.query.explain = request.explain
    scratch.query.includeTitles = request.includeTitles
    scratch.query.token.add(request.item)
    try surroundings(
      RequestSurroundings(
        scenario: request.scenario, filter: request.filter, boost: request.boost, context: request.context),
      context, scratch)
    try exclude(request.exclude, context, scratch)
    if !request.user.isEmpty {
      scratch.query.token.add(request.user)
      try lookUp(user: request.user, context, scratch)
      markTurnedAway(context, scratch)
      // Before the item itself is a starting point: it is no part of the user's taste.
      collectTaste(context, scratch)
      if scratch.taste.rows.isEmpty {
        scratch.fallbacks.insert(scratch.query.user == nil ? .unknownUser : .noHistory)
      }
      scratch.met.begin(context.catalogue.count)
    }
    guard let item = try find(request.item, field: "item", context, scratch) else { return }
    noteNamed(item, marked: .queried, context, scratch)
  }

  /// - Throws: `Fault` for what is wrong with the request.
  package static func complete(
    _ request: CompleteRequest, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    try begin(.complete, k: request.k, context, scratch)
    scratch.query.explain = request.explain
    scratch.query.includeTitles = request.includeTitles
    scratch.query.token.add(request.basket)
    scratch.query.token.add(request.user)
    if request.answer == .bundles {
      try askForBundles(request, context, scratch)
    } else if !request.price.isOpen {
      throw Fault(
        .outOfRange, "Prices bound bundles only; ask for bundles, or leave the bounds out.",
        field: "price_max")
    }
    if request.basket.isEmpty, request.answer == .items || request.user.isEmpty {
      throw Fault(.missingField, "basket is empty; name at least one item.", field: "basket")
    }
    try checkCount(request.basket, of: "basket")
    try lookUp(user: request.user, context, scratch)
    try surroundings(
      RequestSurroundings(
        scenario: request.scenario, filter: request.filter, boost: request.boost, context: request.context),
      context, scratch)
    try exclude(request.exclude, context, scratch)
    scratch.query.allowsSeen = true
    markTurnedAway(context, scratch)
    for bytes in request.basket {
      guard let item = try find(bytes, field: "basket", context, scratch) else { continue }
      noteNamed(item, marked: .queried, context, scratch)
    }
    if request.basket.isEmpty {
      startFromHistory(context, scratch)
      noteMissingSignal(scratch)
    }
    collectTaste(context, scratch)
  }

  // MARK: Parts

  static func noteMissingSignal(_ scratch: ReadScratch) {
    guard !scratch.query.hasSignal else { return }
    scratch.fallbacks.insert(scratch.query.user == nil ? .unknownUser : .noHistory)
  }

  static func begin(
    _ purpose: Query.Purpose, k: UInt32, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    guard k >= 1, k <= Limits.slateItemsMax else {
      throw Fault(.kOutOfRange, "k is \(k); ask for 1 to \(Limits.slateItemsMax) items.", field: "k")
    }
    scratch.query.purpose = purpose
    scratch.query.k = Int(k)
    scratch.query.shown = Int(k)
    scratch.query.seconds = context.now.seconds
    scratch.query.token.add(UInt64(purpose.rawValue))
    scratch.query.token.add(UInt64(k))
    scratch.query.token.add(context.position.value)
    scratch.query.token.add(context.counted.value)
    scratch.query.token.add(context.view?.generation.number.value ?? 0)
    scratch.query.token.add(context.configurationHash)
    if context.view == nil { scratch.fallbacks.insert(.noGeneration) }
    if context.catalogue.count == 0 { scratch.fallbacks.insert(.emptyCatalogue) }
  }

  static func check(minPosition: UInt64, _ context: ReadContext) throws(Fault) {
    guard minPosition > context.position.value else { return }
    throw Fault(
      .positionNotReached,
      "Position \(minPosition) is not applied yet, \(context.position.value) is; wait and retry.",
      field: "min_position", retryAfterMilliseconds: 100)
  }

  static func checkCount(_ items: [[UInt8]], of field: String) throws(Fault) {
    guard items.count > Limits.contextItemsMax else { return }
    throw Fault(
      .tooMany, "\(field) has \(items.count) items; at most \(Limits.contextItemsMax) are allowed.",
      field: field)
  }

  static func lookUp(
    user bytes: [UInt8], _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    if bytes.isEmpty { return }
    let id = try UserIdentifier(bytes)
    scratch.query.asker = id
    scratch.query.user = context.tenant.user(id)
    // An event of this very user is being committed: the list then holds more than its position says.
    if let user = scratch.query.user, user.position > context.position { scratch.isSettled = false }
    scratch.query.attributes = scratch.query.user?.profile.attributes ?? [:]
  }

  /// Items that nobody knows need no exclusion.
  static func exclude(
    _ items: [[UInt8]], _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    guard items.count <= Limits.excludedItemsMax else {
      throw Fault(
        .tooMany, "exclude has \(items.count) items; at most \(Limits.excludedItemsMax) are allowed.",
        field: "exclude")
    }
    scratch.query.token.add(items)
    for bytes in items {
      let id = try ItemIdentifier(bytes, field: "exclude")
      if let item = context.tenant.itemIndex(id) { scratch.marks.mark(item, .excluded) }
    }
  }

  /// The item a request names, nil with a fallback noted if it is not known or too new for this catalogue.
  static func find(
    _ bytes: [UInt8], field: String, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) -> ItemIndex? {
    let id = try ItemIdentifier(bytes, field: field)
    guard let item = context.tenant.itemIndex(id), context.catalogue.contains(item) else {
      scratch.fallbacks.insert(.unknownItem)
      return nil
    }
    return item
  }

  /// Notes an item the request names: forbidden if `reason` says so, and a starting point.
  static func noteNamed(
    _ item: ItemIndex, marked reason: DropReason?, _ context: ReadContext, _ scratch: ReadScratch
  ) {
    if let reason { scratch.marks.mark(item, reason) }
    guard scratch.met.mark(item, .queried) else { return }
    scratch.named.append(item)
    guard let view = context.view else {
      scratch.query.hasSignal = true
      return
    }
    guard let row = view.row(of: item) else {
      scratch.fallbacks.insert(.unknownItem)
      // Its content is something to go by.
      if view.cold?.current.find(item) != nil { scratch.query.hasSignal = true }
      return
    }
    scratch.query.hasSignal = true
    // A basket is a set: every item of it weighs the same.
    let isSession = scratch.query.purpose == .recommend || scratch.query.purpose == .rank
    let age = isSession ? scratch.starts.count : 0
    addStart(item, row: row, age: age, context, scratch)
  }

  /// Adds a starting point; what is further back weighs less.
  static func addStart(
    _ item: ItemIndex, row: Int, age: Int, _ context: ReadContext, _ scratch: ReadScratch
  ) {
    var weight = Float(1)
    for _ in 0..<age { weight *= Float(context.settings.recentDecay) }
    scratch.starts.append(Start(item: item, row: row, weight: weight))
  }
}
