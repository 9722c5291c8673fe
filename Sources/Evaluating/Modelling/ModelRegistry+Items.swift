import Training

extension ModelRegistry {
  /// Models of which item goes with which.
  static let itemModels =
    [transitions, nearTransitions, cooccurrence, itemKNN, filter, ease]
    + StandardSettings.Memory.allCases.map { regression($0) }

  /// How much of a history counts.
  static func recency(_ standard: @escaping @Sendable (FitData) -> StandardSettings.Recency)
    -> [ModelParameter]
  {
    [
      ModelParameter(
        "recent-items", "newest items of the history that count", 1...10_000,
        { Double(standard($0).items) }, try: { _ in [5, 10, 20, 50] }),
      ModelParameter(
        "recent-decay", "weight of an item against the one after it", 0.01...1, { standard($0).decay },
        try: { _ in [0.5, 0.65, 0.8, 0.9, 1] }),
    ]
  }

  /// With a decay of 1 all of the history counts, repeats as their confidence says.
  static func weight(_ settings: ModelSettings, _ fit: FitData) -> HistoryWeight {
    let decay = settings["recent-decay"]
    if decay < 1 { return .recent(items: settings.count("recent-items"), decay: decay) }
    return fit.kind == .baskets ? .equal : .confidence
  }

  static func neighbours(_ standard: @escaping @Sendable (FitData) -> Int) -> ModelParameter {
    ModelParameter(
      "neighbours", "kept for each item", 1...10_000, { Double(standard($0)) },
      try: { _ in [50, 100, 200, 500] })
  }

  static let transitions = gapTransitions(
    "transitions", "what follows what within a window, near the end of the history first; needs an order",
    { StandardSettings.transitions($0.kind, items: $0.itemCount) })

  static let nearTransitions = gapTransitions(
    "near-transitions", "transitions within three places, either way alike; a part of the blend for sessions",
    suits: { _ in false },
    { StandardSettings.nearTransitions($0.kind, items: $0.itemCount) })

  private static func gapTransitions(
    _ name: String, _ summary: String,
    suits: @escaping @Sendable (FitData) -> Bool = { $0.isOrdered && $0.kind != .baskets },
    _ standard: @escaping @Sendable (FitData) -> (GapTransitionTrainer, StandardSettings.Recency)
  ) -> ModelDescription {
    ModelDescription(
      name, summary,
      [
        ModelParameter(
          "window", "places looked ahead", 1...1000, { Double(standard($0).0.window) },
          try: { _ in [3, 5, 10, 20] }),
        neighbours { standard($0).0.neighbours },
        ModelParameter(
          "backward", "weight of what came before", 0...1, { standard($0).0.backwardWeight },
          try: { _ in [0, 0.25, 0.5, 1] }),
        ModelParameter(
          "source-exponent", "how much frequent items of the history count less", 0...2,
          { standard($0).0.sourceExponent }, try: { _ in [0.25, 0.5, 0.6, 0.75] }),
        ModelParameter(
          "target-exponent", "how much frequent candidates count less", 0...2,
          { standard($0).0.targetExponent }, try: { _ in [0, 0.25, 0.4, 0.6] }),
        ModelParameter(
          "shrinkage", "added to both sums", 0...1e6, { standard($0).0.shrinkage }, try: { _ in [0, 1, 5] }),
      ] + recency { standard($0).1 },
      suits: suits,
      obstacle: { fit, settings, context in
        // A table and its compact copy, eight bytes an entry.
        let needed = 16 * UInt64(settings.count("neighbours")) * UInt64(fit.itemCount)
        return tooLarge(needed, context, "lower \(name).neighbours")
      }
    ) { fit, settings, context in
      var trainer = GapTransitionTrainer(neighbours: settings.count("neighbours"))
      trainer.window = settings.count("window")
      trainer.backwardWeight = settings["backward"]
      trainer.sourceExponent = settings["source-exponent"]
      trainer.targetExponent = settings["target-exponent"]
      trainer.shrinkage = settings["shrinkage"]
      let table = trainer.train(fit.sequences, pool: context.pool, progress: context.progress)
      return RankerBox(
        LinearFilterRanker(LinearFilter(neighbours: table, spectral: nil), weight: weight(settings, fit)))
    }
  }

  static let cooccurrence = ModelDescription(
    "cooccurrence", "what goes into one basket or session",
    [
      ModelParameter("shrinkage", "baskets added to each item's", 0...1e6, 10, try: [0, 3, 10, 30]),
      ModelParameter("pairs-min", "baskets that must hold both", 1...1000, 2, try: [1, 2, 3]),
      neighbours { StandardSettings.width(items: $0.itemCount, most: 200) },
    ] + recency { StandardSettings.Recency(items: $0.kind == .sessions ? 10 : 20, decay: 0.8) },
    suits: { $0.hasBaskets || $0.kind == .sessions }
  ) { fit, settings, context in
    var trainer = CooccurrenceTrainer(neighbours: settings.count("neighbours"))
    trainer.shrinkage = settings["shrinkage"]
    trainer.pairsMin = settings["pairs-min"]
    let table = trainer.train(fit.interactions, pool: context.pool, progress: context.progress)
    return RankerBox(
      LinearFilterRanker(LinearFilter(neighbours: table, spectral: nil), weight: weight(settings, fit)))
  }

  /// The exponents of `item-knn` are those found best on validation; `filter` has the published ones, which are for
  /// neighbours and low rank together (docs/models.md).
  private static func filterParameters(_ standard: @escaping @Sendable (FitData) -> ItemFilterTrainer)
    -> [ModelParameter]
  {
    [
      ModelParameter(
        "user-exponent", "how much users with many items count less", 0...2, { standard($0).userExponent },
        try: { _ in [0, 0.25, 0.5, 1] }),
      ModelParameter(
        "source-exponent", "how much frequent items of the history count less", 0...2,
        { standard($0).sourceExponent }, try: { _ in [0.3, 0.5, 0.6, 0.8] }),
      ModelParameter(
        "target-exponent", "how much frequent candidates count less", 0...2, { standard($0).targetExponent },
        try: { _ in [0.2, 0.4, 0.5, 0.6] }),
      ModelParameter(
        "shrinkage", "confidence added to each item's", 0...1e6, { standard($0).shrinkage },
        try: { _ in [0, 3, 10] }),
      neighbours { standard($0).neighbours },
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
    "item-knn", "items taken by the same users, asymmetric cosine",
    filterParameters { StandardSettings.itemNeighbours($0.kind, items: $0.itemCount).0 }
      + recency { StandardSettings.itemNeighbours($0.kind, items: $0.itemCount).1 },
    obstacle: { fit, settings, context in
      let needed = ItemFilterTrainer.bytes(
        pairs: fit.pairs.pairCount, users: fit.pairs.rowCount, items: fit.itemCount,
        neighbours: settings.count("neighbours"), threads: context.pool.threads)
      return tooLarge(needed, context, "lower item-knn.neighbours")
    }
  ) { fit, settings, context in
    RankerBox(
      LinearFilterRanker(
        LinearFilter(neighbours: table(fit, settings, context), spectral: nil), weight: weight(settings, fit))
    )
  }

  static let filter = ModelDescription(
    "filter", "item-knn and the main directions of the user-item matrix together, a graph filter",
    filterParameters { StandardSettings.filter(items: $0.itemCount) } + [
      ModelParameter(
        "dimensions", "directions kept", 1...2048,
        { Double(StandardParts.dimensions(users: $0.size.users, items: $0.size.items)) },
        try: { [$0 / 2, $0] }),
      ModelParameter("spectral-weight", "weight of the directions", 0...100, 0.3, try: [0.1, 0.3, 1]),
    ],
    suits: { $0.kind != .sessions }
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
        { EaseTrainer.regularisation(pairs: $0.pairs.pairCount, items: $0.occurring) },
        try: { [$0 / 4, $0 / 2, $0, $0 * 2, $0 * 4] }),
      ModelParameter(
        "user-exponent", "how much users with many items count less", 0...2, 0, try: [0, 0.25, 0.5]),
    ],
    // Cubic work: beyond this the wait is long, and who wants it asks by name.
    suits: { $0.itemCount <= StandardParts.easeItemsMax && $0.kind != .sessions },
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

  /// Linear regressions on memories of different length.
  private static func regression(_ memory: StandardSettings.Memory) -> ModelDescription {
    let standard = StandardSettings.regression(memory)
    let words =
      switch memory {
      case .middle: "linear regression from the fading history to what comes next; needs an order"
      case .short: "the same on the last few items; a part of the blend for sequences"
      case .long: "the same on a long history; a part of the blend for sequences"
      }
    return ModelDescription(
      memory.rawValue, words,
      [
        ModelParameter(
          "input-decay", "weight of a place against the next", 0.01...0.99, standard.inputDecay,
          try: [0.6, 0.8, 0.9]),
        ModelParameter(
          "output-decay", "weight of later targets against earlier", 0...0.99, standard.outputDecay,
          try: [0, 0.2, 0.5]),
        ModelParameter("regularisation", "λ", 1e-3...1e9, standard.regularisation, try: [10, 30, 100]),
        ModelParameter(
          "window", "places apart at most; twice as many items of a history are asked with", 1...1000,
          Double(standard.window)),
      ],
      suits: { memory == .middle && $0.isOrdered && $0.itemCount <= 8_000 && $0.kind != .baskets },
      obstacle: { fit, _, context in
        tooLarge(
          SequenceRegressionTrainer.bytes(
            places: fit.interactions.eventCount, sequences: fit.interactions.userCount, items: fit.itemCount),
          context, "use transitions")
      }
    ) { fit, settings, context in
      var trainer = standard
      trainer.inputDecay = settings["input-decay"]
      trainer.outputDecay = settings["output-decay"]
      trainer.regularisation = settings["regularisation"]
      trainer.window = settings.count("window")
      trainer.keepsRepeats = context.seenRule == .allowed
      return trainer.train(fit.sequences, pool: context.pool, progress: context.progress)
        .map { RankerBox(DenseItemRanker($0, weight: StandardSettings.recency(trainer).weight)) }
    }
  }

  static func tooLarge(_ needed: UInt64, _ context: TrainingContext, _ advice: String) -> String? {
    needed <= context.memoryLimitBytes
      ? nil
      : "it needs \(needed >> 20) MiB for these data, and --memory-limit is \(context.memoryLimitBytes >> 20) MiB; \(advice)."
  }
}
