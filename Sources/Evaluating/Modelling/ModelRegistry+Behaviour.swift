import Training

extension ModelRegistry {
  /// Models that compare users, sessions or baskets with each other.
  static let behaviourModels = [userKNN, sessionKNN, nextBasket, recentItems]

  static let userKNN = ModelDescription(
    "user-knn", "what the most similar users have",
    [
      ModelParameter("neighbours", "users looked at", 1...100_000, 200, try: [50, 100, 200, 400]),
      ModelParameter(
        "item-exponent", "how much frequent items count less in likeness", 0...2, 0.5, try: [0, 0.5, 1]),
      ModelParameter("similarity-exponent", "power of likeness", 0...10, 1, try: [1, 2, 4]),
      ModelParameter("shrinkage", "added to both norms", 0...1e6, 0, try: [0, 5, 20]),
      ModelParameter(
        "target-exponent", "how much frequent candidates count less", 0...2, 0, try: [0, 0.25, 0.5]),
    ],
    suits: { $0.format != .sessions }
  ) { fit, settings, _ in
    var neighbours = UserNeighbourRanker.Settings()
    neighbours.neighbours = settings.count("neighbours")
    neighbours.itemExponent = settings["item-exponent"]
    neighbours.similarityExponent = settings["similarity-exponent"]
    neighbours.shrinkage = settings["shrinkage"]
    neighbours.targetExponent = settings["target-exponent"]
    return RankerBox(UserNeighbourRanker(fit.pairs, settings: neighbours))
  }

  private static func standard(_ fit: FitData) -> SessionNeighbourRanker.Settings {
    fit.format == .sessions ? .sessions : .histories
  }

  static let sessionKNN = ModelDescription(
    "session-knn", "what happened in the sessions most like the open one; needs an order",
    [
      ModelParameter(
        "neighbours", "sessions looked at", 1...100_000, { Double(standard($0).neighbours) },
        try: { _ in [100, 200, 500, 1500] }),
      ModelParameter(
        "sessions-per-item", "newest sessions compared for each item", 1...100_000,
        { Double(standard($0).sessionsPerItem) }, try: { _ in [500, 1500, 5000] }),
      ModelParameter(
        "prefix-fade", "clicks over which the open session fades", 0.1...1000, { standard($0).prefixFade },
        try: { _ in [1, 2, 4] }),
      ModelParameter(
        "gap-fade", "clicks over which a past session fades", 0.1...1000, { standard($0).gapFade },
        try: { _ in [2, 4, 20] }),
      ModelParameter(
        "backward", "weight of what came before the shared item", 0...1, { standard($0).backwardWeight },
        try: { _ in [0.3, 0.7, 1] }),
      ModelParameter(
        "rarity", "exponent of the inverse frequency", 0...3, { standard($0).rarityExponent },
        try: { _ in [0, 0.5, 1] }),
    ],
    suits: { $0.format == .sessions || $0.format == .sequences }
  ) { fit, settings, _ in
    var sessions = standard(fit)
    sessions.neighbours = settings.count("neighbours")
    sessions.sessionsPerItem = settings.count("sessions-per-item")
    sessions.prefixFade = settings["prefix-fade"]
    sessions.gapFade = settings["gap-fade"]
    sessions.backwardWeight = settings["backward"]
    sessions.rarityExponent = settings["rarity"]
    return RankerBox(SessionNeighbourRanker(fit.sessions, settings: sessions))
  }

  static let nextBasket = ModelDescription(
    "tifu-knn", "the user's own fading frequencies, those of similar users, and popularity; for baskets",
    [
      ModelParameter("own-share", "α: own against neighbours", 0...1, 0.3, try: [0.1, 0.3, 0.5, 0.7]),
      ModelParameter(
        "item-exponent", "how much frequent items count less in likeness", 0...2, 0.5, try: [0, 0.5]),
      ModelParameter("neighbours", "users looked at", 1...100_000, 300, try: [100, 300, 900]),
      ModelParameter("popularity", "β", 0...1000, 0.1, try: [0, 0.01, 0.1, 0.3]),
      ModelParameter("group-size", "baskets in a group", 1...1000, 3, try: [3, 7]),
      ModelParameter("basket-decay", "within a group", 0.01...1, 0.9, try: [0.8, 0.9, 1]),
      ModelParameter("group-decay", "of groups", 0.01...1, 0.7, try: [0.6, 0.7, 0.9]),
    ],
    suits: { $0.hasBaskets && $0.format == .baskets }
  ) { fit, settings, context in
    var basket = NextBasketRanker.Settings()
    basket.ownShare = settings["own-share"]
    basket.popularityWeight = settings["popularity"]
    basket.neighbours.neighbours = settings.count("neighbours")
    basket.neighbours.itemExponent = settings["item-exponent"]
    basket.fading.groupSize = settings.count("group-size")
    basket.fading.basketDecay = settings["basket-decay"]
    basket.fading.groupDecay = settings["group-decay"]
    return RankerBox(NextBasketRanker(fit.baskets, settings: basket, pool: context.pool))
  }

  static let recentItems = ModelDescription(
    "recent-items", "the newest items of the history again; for data in which repeats count",
    [
      ModelParameter(
        "fade", "weight of an item against the one after it", 0.01...1, 0.9, try: [0.7, 0.9, 0.97])
    ],
    suits: { $0.format == .sessions || $0.format == .baskets }
  ) { fit, settings, _ in
    RankerBox(RecentItemsRanker(itemCount: fit.itemCount, fade: settings["fade"]))
  }
}
