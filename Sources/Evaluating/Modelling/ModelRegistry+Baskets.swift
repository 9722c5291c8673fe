import Training

extension ModelRegistry {
  /// Models of the next basket: the whole, and its single voices for the blend.
  static let basketModels: [ModelDescription] =
    [
      nextBasket(
        "tifu-knn", "the user's own fading frequencies, those of similar users, and popularity; for baskets",
        suits: { $0.kind == .baskets }, NextBasketRanker.Settings())
    ]
    + StandardSettings.BasketPart.allCases.map { part in
      nextBasket(
        part.rawValue, "\(words(part)); a part of the blend for baskets", StandardSettings.basket(part))
    }
    + StandardSettings.basketPopularity.map { name, baskets in
      newest(name, baskets)
    }

  private static func words(_ part: StandardSettings.BasketPart) -> String {
    switch part {
    case .own: "the user's own frequencies, faded"
    case .plain: "the user's own frequencies, all baskets alike"
    case .neighbours: "users with alike unfaded frequencies, rare items first"
    case .faded: "users with alike faded frequencies"
    }
  }

  private static func nextBasket(
    _ name: String, _ summary: String, suits: @escaping @Sendable (FitData) -> Bool = { _ in false },
    _ standard: NextBasketRanker.Settings
  ) -> ModelDescription {
    ModelDescription(
      name, summary,
      [
        ModelParameter(
          "own-share", "α: own against neighbours", 0...1, standard.ownShare, try: [0.1, 0.3, 0.5, 0.7]),
        ModelParameter(
          "item-exponent", "how much frequent items count less in likeness", 0...2,
          standard.neighbours.itemExponent, try: [0, 0.5]),
        ModelParameter(
          "neighbours", "users looked at", 1...100_000, Double(standard.neighbours.neighbours),
          try: [100, 300, 900]),
        ModelParameter("popularity", "β", 0...1000, standard.popularityWeight, try: [0, 0.01, 0.1, 0.3]),
        ModelParameter(
          "group-size", "baskets in a group", 1...1_000_000, Double(standard.fading.groupSize), try: [3, 7]),
        ModelParameter(
          "basket-decay", "within a group", 0.01...1, standard.fading.basketDecay, try: [0.8, 0.9, 1]),
        ModelParameter(
          "group-decay", "of groups", 0.01...1, standard.fading.groupDecay, try: [0.6, 0.7, 0.9]),
      ], suits: suits
    ) { fit, settings, context in
      var basket = standard
      basket.ownShare = settings["own-share"]
      basket.popularityWeight = settings["popularity"]
      basket.neighbours.neighbours = settings.count("neighbours")
      basket.neighbours.itemExponent = settings["item-exponent"]
      basket.fading.groupSize = settings.count("group-size")
      basket.fading.basketDecay = settings["basket-decay"]
      basket.fading.groupDecay = settings["group-decay"]
      return RankerBox(NextBasketRanker(fit.baskets, settings: basket, pool: context.pool))
    }
  }

  private static func newest(_ name: String, _ baskets: Int) -> ModelDescription {
    ModelDescription(
      name, "share of the users' newest baskets that hold an item; a part of the blend for baskets",
      [ModelParameter("baskets", "newest of every user", 1...100_000, Double(baskets), try: [1, 2, 5, 10])],
      suits: { _ in false }
    ) { fit, settings, _ in
      RankerBox(FixedRanker(scores: fit.baskets.popularity(perUser: settings.count("baskets"))))
    }
  }
}
