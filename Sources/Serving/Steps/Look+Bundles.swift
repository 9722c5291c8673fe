import LiveState
import Models
import Vocabulary

extension Look {
  /// `Complete` with bundles for an answer: from now on only these are allowed.
  static func askForBundles(
    _ request: CompleteRequest, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    try check(request.price)
    scratch.query.answersBundles = true
    scratch.query.price = request.price
    scratch.query.token.add(2)
    scratch.query.token.add(request.price)
    scratch.asked.begin(context.catalogue.count)
    scratch.bundling.owned.begin(context.catalogue.count)
    let user = request.user.isEmpty ? nil : context.tenant.user(try UserIdentifier(request.user))
    // Of what is remembered in order, because sums of weights do not tell a purchase from ten looks.
    for event in user?.history ?? [] where event.type == .purchase && context.catalogue.contains(event.item) {
      scratch.bundling.owned.mark(event.item, .seen)
    }
    for bytes in request.basket {
      let id = try ItemIdentifier(bytes, field: "basket")
      if let item = context.tenant.itemIndex(id) { scratch.bundling.owned.mark(item, .queried) }
    }
  }

  /// - Throws: `Fault` for what is wrong with the request.
  package static func bundles(
    _ request: BundlesRequest, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    guard (1...UInt32(Limits.proposedBundlesMax)).contains(request.k) else {
      throw Fault(
        .kOutOfRange, "k is \(request.k); ask for 1 to \(Limits.proposedBundlesMax) bundles.", field: "k")
    }
    let least = request.sizeMin == 0 ? 2 : request.sizeMin
    let most = request.sizeMax == 0 ? max(4, least) : request.sizeMax
    guard least >= 2, least <= most, most <= Limits.proposedMembersMax else {
      throw Fault(
        .outOfRange,
        "Members are \(least) to \(most); the range must lie within 2 to \(Limits.proposedMembersMax).",
        field: request.sizeMax == 0 ? "size_min" : "size_max")
    }
    guard request.categories.count <= Limits.bundleCategoriesMax else {
      throw Fault(
        .tooMany,
        "categories has \(request.categories.count) entries; at most \(Limits.bundleCategoriesMax) are allowed.",
        field: "categories")
    }
    try check(request.price)
    try begin(.bundles, k: request.k, context, scratch)
    try check(minPosition: request.minPosition, context)
    scratch.query.seed = request.seed
    scratch.query.includeTitles = request.includeTitles
    scratch.query.token.add(request.seed)
    scratch.query.token.add(request.basket)
    scratch.query.token.add(request.user)
    scratch.query.token.add(UInt64(least) << 32 | UInt64(most))
    scratch.query.token.add(request.categories)
    scratch.query.token.add(request.hasDistinctCategories ? 1 : 0)
    scratch.query.token.add(request.price)
    scratch.query.price = request.price
    try checkCount(request.basket, of: "basket")
    try lookUp(user: request.user, context, scratch)
    try exclude(request.exclude, context, scratch)
    scratch.query.allowsSeen = true
    markTurnedAway(context, scratch)
    for bytes in request.basket {
      guard let item = try find(bytes, field: "basket", context, scratch) else { continue }
      noteNamed(item, marked: nil, context, scratch)
    }
    if request.basket.isEmpty {
      startFromHistory(context, scratch)
      noteMissingSignal(scratch)
    }
  }

  private static func check(_ price: PriceBounds) throws(Fault) {
    for (bound, field) in [(price.least, "price_min"), (price.most, "price_max")] {
      guard let bound else { continue }
      guard bound.isFinite, bound >= 0 else {
        throw Fault(.outOfRange, "\(field) is \(bound); a price is a number, 0 or more.", field: field)
      }
    }
    if let least = price.least, let most = price.most, least > most {
      throw Fault(.outOfRange, "price_min is above price_max; exchange them.", field: "price_min")
    }
  }
}

extension RecommendationToken {
  mutating func add(_ price: PriceBounds) {
    add(price.least?.bitPattern ?? .max)
    add(price.most?.bitPattern ?? .max)
    add(price.currency)
  }
}
