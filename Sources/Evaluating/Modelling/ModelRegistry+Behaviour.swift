import Training

extension ModelRegistry {
  /// Models that compare users or sessions with each other, or a history with itself.
  static let behaviourModels = [userKNN, sessionKNN, wideSessionKNN, recentItems]

  static let userKNN: ModelDescription = {
    let standard = StandardSettings.userNeighbours
    return ModelDescription(
      "user-knn", "what the most similar users have",
      [
        ModelParameter(
          "neighbours", "users looked at", 1...100_000, Double(standard.neighbours), try: [50, 100, 200, 400]),
        ModelParameter(
          "item-exponent", "how much frequent items count less in likeness", 0...2, standard.itemExponent,
          try: [0, 0.5, 1]),
        ModelParameter(
          "similarity-exponent", "power of likeness", 0...10, standard.similarityExponent, try: [1, 2, 4]),
        ModelParameter("shrinkage", "added to both norms", 0...1e6, standard.shrinkage, try: [0, 5, 20]),
        ModelParameter(
          "target-exponent", "how much frequent candidates count less", 0...2, standard.targetExponent,
          try: [0, 0.25, 0.5]),
      ],
      suits: { $0.kind != .sessions }
    ) { fit, settings, _ in
      var neighbours = standard
      neighbours.neighbours = settings.count("neighbours")
      neighbours.itemExponent = settings["item-exponent"]
      neighbours.similarityExponent = settings["similarity-exponent"]
      neighbours.shrinkage = settings["shrinkage"]
      neighbours.targetExponent = settings["target-exponent"]
      return RankerBox(UserNeighbourRanker(fit.pairs, settings: neighbours))
    }
  }()

  static let sessionKNN = likeSessions(
    "session-knn", "what happened in the sessions most like the open one; needs an order",
    suits: { $0.kind == .sessions || $0.kind == .sequences }
  ) { StandardSettings.sessionNeighbours($0.kind) }

  static let wideSessionKNN = likeSessions(
    "wide-session-knn",
    "session-knn with more sessions and more of their clicks; a part of the blend for sessions",
    suits: { _ in false }
  ) { _ in StandardSettings.wideSessionNeighbours }

  private static func likeSessions(
    _ name: String, _ summary: String, suits: @escaping @Sendable (FitData) -> Bool,
    _ standard: @escaping @Sendable (FitData) -> SessionNeighbourRanker.Settings
  ) -> ModelDescription {
    ModelDescription(
      name, summary,
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
      ], suits: suits
    ) { fit, settings, _ in
      var sessions = standard(fit)
      sessions.neighbours = settings.count("neighbours")
      sessions.sessionsPerItem = settings.count("sessions-per-item")
      sessions.prefixFade = settings["prefix-fade"]
      sessions.gapFade = settings["gap-fade"]
      sessions.backwardWeight = settings["backward"]
      sessions.rarityExponent = settings["rarity"]
      let past = fit.kind == .sequences ? fit.sequences : fit.sessions
      return RankerBox(SessionNeighbourRanker(past, settings: sessions))
    }
  }

  static let recentItems = ModelDescription(
    "recent-items", "the newest items of the history again; for data in which repeats count",
    [
      ModelParameter(
        "fade", "weight of an item against the one after it", 0.01...1,
        { StandardSettings.recentItemsFade($0.kind) }, try: { _ in [0.7, 0.9, 0.97] })
    ],
    suits: { $0.kind == .sessions || $0.kind == .baskets }
  ) { fit, settings, _ in
    RankerBox(RecentItemsRanker(itemCount: fit.itemCount, fade: settings["fade"]))
  }
}
