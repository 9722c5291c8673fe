import Training

/// A model that predicts ratings.
package struct RatingModel: Sendable {
  /// Predicts from numbers in the data set; nil stands for a user or item without ratings.
  package typealias Predictor = @Sendable (_ user: Int?, _ item: Int?) -> Double

  package let name: String
  package let summary: String
  package let parameters: [ModelParameter]
  let train: @Sendable (RatingMatrix, ModelSettings, TrainingContext) -> Predictor?
}

extension ModelRegistry {
  /// Models of `--task rating`.
  package static let ratingModels = [mean, bias, neighboursOfRatings, factorisation]

  private static let mean = RatingModel(name: "mean", summary: "the mean of all ratings", parameters: []) {
    ratings, _, _ in
    let mean = ratings.confidences.reduce(0.0) { $0 + Double($1) } / Double(max(1, ratings.pairCount))
    return { _, _ in mean }
  }

  private static let biasParameters = [
    ModelParameter(
      "user-regularisation", "ratings at zero deviation added to each user's", 0...1e6, 8, try: [2, 4, 8, 16]),
    ModelParameter(
      "item-regularisation", "ratings at zero deviation added to each item's", 0...1e6, 4, try: [1, 2, 4, 8]),
  ]

  private static let bias = RatingModel(
    name: "bias", summary: "mean, user's and item's deviation", parameters: biasParameters
  ) { ratings, settings, context in
    let model = biasModel(ratings, settings, context)
    return { model.predict(user: $0, item: $1) }
  }

  private static func biasModel(
    _ ratings: RatingMatrix, _ settings: ModelSettings, _ context: TrainingContext
  )
    -> BiasModel
  {
    var bias = BiasModel.Settings()
    bias.userRegularisation = settings["user-regularisation"]
    bias.itemRegularisation = settings["item-regularisation"]
    return BiasModel(ratings, settings: bias, pool: context.pool)
  }

  private static let neighboursOfRatings = RatingModel(
    name: "rating-knn", summary: "what the user gave to items rated alike, as deviations from bias",
    parameters: [
      ModelParameter("neighbours", "items looked at", 1...10_000, 60, try: [30, 60, 120]),
      ModelParameter(
        "shrinkage", "squared deviations added to both norms", 0...1e6, 30, try: [5, 15, 30, 60]),
      ModelParameter("caution", "likeness added at zero deviation", 0...1e3, 0.1, try: [0.03, 0.1, 0.3]),
    ] + biasParameters
  ) { ratings, settings, context in
    var neighbours = RatingNeighbours.Settings()
    neighbours.neighbours = settings.count("neighbours")
    neighbours.shrinkage = settings["shrinkage"]
    neighbours.caution = settings["caution"]
    let model = RatingNeighbours(
      ratings, bias: biasModel(ratings, settings, context), settings: neighbours, pool: context.pool,
      progress: context.progress)
    return { model.predict(user: $0, item: $1) }
  }

  /// Users and items without ratings have no posterior; for them the bias model answers.
  private static let factorisation = RatingModel(
    name: "svd", summary: "biased matrix factorisation, averaged over samples of its posterior",
    parameters: [
      ModelParameter("dimensions", "length of the factors", 1...512, 16, try: [8, 16, 32]),
      ModelParameter("samples", "draws averaged", 1...1000, 40),
      ModelParameter("burn-in", "sweeps before the first draw", 1...1000, 30),
    ] + biasParameters
  ) { ratings, settings, context in
    var sampling = RatingFactorTrainer.Settings()
    sampling.dimensions = settings.count("dimensions")
    sampling.samples = settings.count("samples")
    sampling.burnIn = settings.count("burn-in")
    sampling.seed = context.seed
    let trained = RatingFactorTrainer(sampling).train(ratings, pool: context.pool, progress: context.progress)
    guard let factors = trained else { return nil }
    let bias = biasModel(ratings, settings, context)
    return { user, item in
      guard let user, let item else { return bias.predict(user: user, item: item) }
      return factors.predict(user: user, item: item)
    }
  }
}
