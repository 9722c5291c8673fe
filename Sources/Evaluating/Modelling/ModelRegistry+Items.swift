import Training

extension ModelRegistry {
  /// Models of which item goes with which.
  static let itemModels = [transitions, cooccurrence, itemKNN, filter, ease, nextItem]

  private static let recent = [
    ModelParameter(
      "recent-items", "newest items of the history that count", 1...10_000,
      { $0.format == .sessions ? 10 : 20 },
      try: { _ in [5, 10, 20, 50] }),
    ModelParameter(
      "recent-decay", "weight of an item against the one after it", 0.01...1, 0.8, try: [0.5, 0.65, 0.8, 0.9]),
  ]

  static let transitions = ModelDescription(
    "transitions", "what follows what within a window, near the end of the history first; needs an order",
    [
      ModelParameter("window", "places looked ahead", 1...1000, 10, try: [3, 5, 10, 20]), neighbours,
      ModelParameter("backward", "weight of what came before", 0...1, 0.5, try: [0, 0.25, 0.5, 1]),
      ModelParameter(
        "source-exponent", "how much frequent items of the history count less", 0...2,
        { $0.format == .sessions ? 0.75 : 0.6 }, try: { _ in [0.25, 0.5, 0.6, 0.75] }),
      ModelParameter(
        "target-exponent", "how much frequent candidates count less", 0...2,
        { $0.format == .sessions ? 0.25 : 0.4 }, try: { _ in [0, 0.25, 0.4, 0.6] }),
      ModelParameter("shrinkage", "added to both sums", 0...1e6, 1, try: [0, 1, 5]),
    ] + recent,
    suits: { $0.isOrdered && $0.format != .baskets }
  ) { fit, settings, context in
    var trainer = GapTransitionTrainer(neighbours: settings.count("neighbours"))
    trainer.window = settings.count("window")
    trainer.backwardWeight = settings["backward"]
    trainer.sourceExponent = settings["source-exponent"]
    trainer.targetExponent = settings["target-exponent"]
    trainer.shrinkage = settings["shrinkage"]
    let table = trainer.train(fit.sequences, pool: context.pool, progress: context.progress)
    return RankerBox(
      LinearFilterRanker(LinearFilter(neighbours: table, spectral: nil), weight: weight(settings)))
  }

  static let cooccurrence = ModelDescription(
    "cooccurrence", "what goes into one basket or session",
    [
      ModelParameter("shrinkage", "baskets added to each item's", 0...1e6, 10, try: [0, 3, 10, 30]),
      ModelParameter("pairs-min", "baskets that must hold both", 1...1000, 2, try: [1, 2, 3]), neighbours,
    ] + recent,
    suits: { $0.hasBaskets || $0.format == .sessions }
  ) { fit, settings, context in
    var trainer = CooccurrenceTrainer(neighbours: settings.count("neighbours"))
    trainer.shrinkage = settings["shrinkage"]
    trainer.pairsMin = settings["pairs-min"]
    let table = trainer.train(fit.interactions, pool: context.pool, progress: context.progress)
    return RankerBox(
      LinearFilterRanker(LinearFilter(neighbours: table, spectral: nil), weight: weight(settings)))
  }

  /// With the low-rank part the published exponents, for sets; alone or for what comes next those found best on
  /// validation (docs/models.md).
  private static func filterParameters(hasDirections: Bool) -> [ModelParameter] {
    let isPublished = { @Sendable (fit: FitData) in hasDirections && !fit.isOrdered }
    return [
      ModelParameter(
        "user-exponent", "how much users with many items count less", 0...2, { isPublished($0) ? 1 : 0.5 },
        try: { _ in [0, 0.25, 0.5, 1] }),
      ModelParameter(
        "source-exponent", "how much frequent items of the history count less", 0...2,
        { isPublished($0) ? 0.5 : 0.6 }, try: { _ in [0.3, 0.5, 0.6, 0.8] }),
      ModelParameter(
        "target-exponent", "how much frequent candidates count less", 0...2, { isPublished($0) ? 0.5 : 0.4 },
        try: { _ in [0.2, 0.4, 0.5, 0.6] }),
      ModelParameter(
        "shrinkage", "confidence added to each item's", 0...1e6, { $0.isOrdered ? 3 : 0 },
        try: { _ in [0, 3, 10] }),
      ModelParameter("neighbours", "kept for each item", 1...10_000, 512, try: [100, 200, 512]),
    ]
  }

  private static func table(_ fit: FitData, _ settings: ModelSettings, _ context: TrainingContext)
    -> NeighbourTable
  {
    var trainer = ItemFilterTrainer(neighbours: settings.count("neighbours"))
    trainer.userExponent = settings["user-exponent"]
    trainer.sourceExponent = settings["source-exponent"]
    trainer.targetExponent = settings["target-exponent"]
    trainer.shrinkage = settings["shrinkage"]
    return trainer.train(fit.pairs, pool: context.pool, progress: context.progress)
  }

  static let itemKNN = ModelDescription(
    "item-knn", "items taken by the same users, asymmetric cosine", filterParameters(hasDirections: false),
    obstacle: { fit, settings, context in
      let needed = ItemFilterTrainer.bytes(
        pairs: fit.pairs.pairCount, users: fit.pairs.rowCount, items: fit.itemCount,
        neighbours: settings.count("neighbours"), threads: context.pool.threads)
      return tooLarge(needed, context, "lower item-knn.neighbours")
    }
  ) { fit, settings, context in
    RankerBox(
      LinearFilterRanker(
        LinearFilter(neighbours: table(fit, settings, context), spectral: nil), weight: .confidence))
  }

  static let filter = ModelDescription(
    "filter", "item-knn and the main directions of the user-item matrix together, a graph filter",
    filterParameters(hasDirections: true) + [
      ModelParameter(
        "dimensions", "directions kept", 1...2048,
        { Double(StandardParts.dimensions(users: $0.pairs.filledRows, items: $0.knownItems)) },
        try: { [$0 / 2, $0] }),
      ModelParameter("spectral-weight", "weight of the directions", 0...100, 0.3, try: [0.1, 0.3, 1]),
    ],
    suits: { $0.format != .sessions }
  ) { fit, settings, context in
    var spectral = SpectralFilter.Settings()
    spectral.dimensions = settings.count("dimensions")
    spectral.weight = settings["spectral-weight"]
    spectral.seed = context.seed
    guard
      let directions = SpectralFilter(
        fit.pairs, settings: spectral, pool: context.pool, progress: { context.progress(0.7 * $0) })
    else { return nil }
    return RankerBox(
      LinearFilterRanker(
        LinearFilter(neighbours: table(fit, settings, context), spectral: directions), weight: .equal))
  }

  static let ease = ModelDescription(
    "ease", "linear item model in closed form; memory grows with the square of the catalogue",
    [
      ModelParameter(
        "regularisation", "λ", 1e-3...1e9,
        { EaseTrainer.regularisation(pairs: $0.pairs.pairCount, items: $0.knownItems) },
        try: { [$0 / 4, $0 / 2, $0, $0 * 2, $0 * 4] }),
      ModelParameter(
        "user-exponent", "how much users with many items count less", 0...2, 0, try: [0, 0.25, 0.5]),
    ],
    // Cubic work: beyond this the wait is long, and who wants it asks by name.
    suits: { $0.itemCount <= StandardParts.easeItemsMax && $0.format != .sessions },
    obstacle: { fit, _, context in
      tooLarge(
        EaseTrainer.bytes(pairs: fit.pairs.pairCount, users: fit.pairs.rowCount, items: fit.itemCount),
        context,
        "use filter, its relative for large catalogues")
    }
  ) { fit, settings, context in
    var trainer = EaseTrainer(regularisation: settings["regularisation"])
    trainer.userExponent = settings["user-exponent"]
    return trainer.train(fit.pairs, pool: context.pool, progress: context.progress)
      .map { RankerBox(DenseItemRanker($0, weight: .equal)) }
  }

  static let nextItem = ModelDescription(
    "sequence-regression", "linear regression from the fading history to what comes next; needs an order",
    [
      ModelParameter(
        "input-decay", "weight of a place against the next", 0.01...0.99, 0.8, try: [0.6, 0.8, 0.9]),
      ModelParameter(
        "output-decay", "weight of later targets against earlier", 0...0.99, 0.2, try: [0, 0.2, 0.5]),
      ModelParameter("regularisation", "λ", 1e-3...1e9, 30, try: [10, 30, 100]),
    ],
    suits: { $0.isOrdered && $0.itemCount <= 8_000 && $0.format != .baskets },
    obstacle: { fit, _, context in
      tooLarge(
        SequenceRegressionTrainer.bytes(
          places: fit.interactions.eventCount, sequences: fit.interactions.userCount, items: fit.itemCount),
        context, "use transitions")
    }
  ) { fit, settings, context in
    var trainer = SequenceRegressionTrainer()
    trainer.inputDecay = settings["input-decay"]
    trainer.outputDecay = settings["output-decay"]
    trainer.regularisation = settings["regularisation"]
    trainer.keepsRepeats = context.seenRule == .allowed
    return trainer.train(fit.sequences, pool: context.pool, progress: context.progress)
      .map {
        RankerBox(
          DenseItemRanker($0, weight: .recent(items: 2 * trainer.window, decay: settings["input-decay"])))
      }
  }

  static func tooLarge(_ needed: UInt64, _ context: TrainingContext, _ advice: String) -> String? {
    needed <= context.memoryLimitBytes
      ? nil
      : "it needs \(needed >> 20) MiB for these data, and --memory-limit is \(context.memoryLimitBytes >> 20) MiB; \(advice)."
  }
}
