import Training
import Vocabulary

extension ModelRegistry {
  /// Models of what a file of items says (`--items`), and the yardstick of none.
  static let entryModels = [random, textCentroid, content, near]

  static let random = ModelDescription(
    "random", "an order drawn by --seed for each user: the floor of every number", suits: { _ in false }
  ) { fit, _, context in
    RankerBox(RandomRanker(itemCount: fit.itemCount, seed: context.seed))
  }

  private static func missing(_ fit: FitData) -> String? {
    fit.entries.content.isEmpty
      ? "nothing is known of the items' content; give --items FILE with titles, texts or categories." : nil
  }

  static let textCentroid = ModelDescription(
    "text-centroid", "cosine with the mean of the plain TF-IDF vectors of the history; needs --items",
    [ModelParameter("facts", "1: facts of the catalogue stand beside the texts", 0...1, 0)],
    suits: { _ in false }, obstacle: { fit, _, _ in missing(fit) }
  ) { fit, settings, _ in
    TextCentroidRanker(fit.entries.content, rows: fit.itemCount, usesFacts: settings["facts"] >= 0.5)
      .map { RankerBox($0) }
  }

  private static let standard = ContentSettings()

  static let content = ModelDescription(
    "content", "users by iALS, items by what their content predicts of their factors; needs --items",
    [
      ModelParameter(
        "dimensions", "length of content vectors", 1...512, Double(standard.dimensions),
        try: [64, 128, 192, 256]),
      ModelParameter(
        "fact-weight", "what a fact weighs beside a text of length one", 0...10, standard.factWeight,
        try: [0.15, 0.3, 0.6, 1]),
      ModelParameter(
        "bandwidth", "how fast likeness falls with distance in the regression to factors", 1e-9...1e3,
        standard.bandwidth, try: [0.25, 0.5, 1, 2]),
      ModelParameter(
        "ridge", "of that regression; an item of mean weight has 1", 1e-9...1e3, standard.ridge,
        try: [0.1, 0.3, 1, 3]),
      ModelParameter("landmarks", "items it rests on", 1...4096, Double(standard.landmarks)),
      ModelParameter("count-max", "pairs of an item that count at most", 1...1e6, standard.countMax),
    ]
      + ials.parameters.map { parameter in
        ModelParameter(
          "ials-" + parameter.name, parameter.summary, parameter.range, parameter.standard,
          try: parameter.candidates)
      },
    suits: { _ in false }, obstacle: { fit, _, _ in missing(fit) }
  ) { fit, settings, context in
    var factorSettings = ModelSettings()
    for parameter in ials.parameters { factorSettings[parameter.name] = settings["ials-" + parameter.name] }
    guard let factors = trainFactors(fit, factorSettings, context) else { return nil }
    var content = ContentSettings()
    content.dimensions = settings.count("dimensions")
    content.factWeight = settings["fact-weight"]
    content.bandwidth = settings["bandwidth"]
    content.ridge = settings["ridge"]
    content.landmarks = settings.count("landmarks")
    content.countMax = settings["count-max"]
    content.seed = context.seed
    let byItem = fit.pairs.transposed()
    return ContentTrainer(content).train(
      fit.entries.content, factors: factors.items,
      counts: (0..<fit.itemCount).map { Float(byItem.pairs(of: $0).count) }, pool: context.pool
    ).map { RankerBox(ContentRanker($0, factors: factors, pool: context.pool)) }
  }

  static let near = ModelDescription(
    "near", "what lies near the places of the history; needs --items with latitude and longitude",
    [
      ModelParameter(
        "kilometres", "further away is not near", 0.001...20_040, NearSettings().kilometres,
        try: [5, 10, 25, 50]),
      ModelParameter(
        "half-kilometres", "distance that counts half", 0.001...20_040, NearSettings().halfKilometres,
        try: [0.1, 0.25, 0.5, 1, 2, 4]),
    ],
    suits: { _ in false },
    obstacle: { fit, _, _ in
      fit.entries.hasPlaces
        ? nil : "nothing is known of where the items are; give --items FILE with latitude and longitude."
    }
  ) { fit, settings, _ in
    RankerBox(
      NearRanker(
        places: fit.entries.places, itemCount: fit.itemCount,
        Proximity(
          kilometresMax: settings["kilometres"], halfKilometres: settings["half-kilometres"])))
  }
}
