import Training

/// All models that rank, by the names of `--model`, `--set` and the reports.
package enum ModelRegistry {
  package static let all: [ModelDescription] =
    [popularity, recentPopularity] + itemModels + [ials] + behaviourModels + basketModels + entryModels
    + bundleModels

  package static func named(_ name: String) -> ModelDescription? { all.first { $0.name == name } }

  /// Besides the models themselves.
  package static let blendName = "blend"

  /// What `blend` alone adds up: the standard parts for data of this kind and size, and popularity, by which users without
  /// history and items nothing else knows are ranked.
  package static func partNames(_ fit: FitData, memoryLimitBytes: UInt64) -> [String] {
    var size = fit.size
    // Matrices have a row for every item of the files, known or not.
    size.items = max(1, fit.itemCount)
    let parts = StandardParts(memoryLimit: memoryLimitBytes).names(fit.kind, size)
    let popularity = fit.kind == .baskets ? [] : [Self.popularity.name]
    let recent = fit.hasTimes && fit.kind != .sessions ? [recentPopularity.name] : []
    return parts + popularity + recent + (fit.bundles == nil ? [] : bundleModels.map(\.name))
  }

  static let popularity = ModelDescription("popularity", "number of events of each item") {
    fit, _, context in
    RankerBox(
      FixedRanker(
        scores: PopularityTrainer(windowDays: .infinity, halfLifeDays: .infinity)
          .scores(fit.interactions, pool: context.pool)))
  }

  static let recentPopularity = ModelDescription(
    "recent-popularity", "events of the newest days, decayed by age; needs times",
    [
      ModelParameter(
        "window-days", "events older than this do not count", 0.01...1e5, 30, try: [1, 3, 7, 14, 30, 90]),
      ModelParameter(
        "half-life-days", "age at which an event counts half", 0.01...1e5, 7, try: [1, 3, 7, 30]),
    ],
    suits: { $0.hasTimes },
    obstacle: { fit, _, _ in fit.hasTimes || fit.hasBaskets ? nil : "the data have no times; leave it out." }
  ) { fit, settings, context in
    RankerBox(
      FixedRanker(
        scores: PopularityTrainer(
          windowDays: settings["window-days"], halfLifeDays: settings["half-life-days"]
        ).scores(fit.interactions, pool: context.pool)))
  }

  /// What the trainer takes for so many pairs; memory does not matter to it here.
  private static func standard(_ fit: FitData) -> FactorSettings {
    StandardParts(memoryLimit: .max).factorSettings(
      pairs: fit.size.pairs, users: fit.size.users, items: fit.size.items)
  }

  static let ials = ModelDescription(
    "ials", "implicit alternating least squares; users are folded in",
    [
      ModelParameter(
        "dimensions", "length of the factors", 1...2048, { Double(standard($0).dimensions) },
        try: { [$0, $0 * 2] }),
      ModelParameter("iterations", "epochs", 1...500, { Double(standard($0).iterations) }),
      ModelParameter(
        "regularisation", "λ", 1e-9...1e6, { standard($0).regularisation },
        try: { [$0 / 10, $0 / 3, $0, $0 * 3, $0 * 10] }),
      ModelParameter(
        "unobserved", "a₀, the weight of every pair", 1e-9...1e3, { standard($0).unobservedWeight },
        try: { [$0 / 4, $0 / 2, $0, $0 * 2, $0 * 4] }),
      ModelParameter(
        "exponent", "ν: how regularisation grows with the pairs of a row", 0...2, 1, try: [0.5, 1]),
    ]
  ) { fit, settings, context in
    trainFactors(fit, settings, context).map { RankerBox(FactorRanker($0)) }
  }

  static func trainFactors(_ fit: FitData, _ settings: ModelSettings, _ context: TrainingContext)
    -> TrainedFactors?
  {
    var factors = FactorSettings()
    factors.dimensions = settings.count("dimensions")
    factors.iterations = settings.count("iterations")
    factors.regularisation = settings["regularisation"]
    factors.unobservedWeight = settings["unobserved"]
    factors.regularisationExponent = settings["exponent"]
    factors.seed = context.seed
    return FactorTrainer(factors).train(fit.pairs, pool: context.pool, progress: context.progress)
  }
}
