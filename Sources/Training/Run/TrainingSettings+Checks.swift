import Vocabulary

extension TrainingSettings {
  /// - Throws: `setting_invalid`, naming the first setting outside its range.
  func check() throws(TrainingFault) {
    try require(threads >= 1 && threads <= 256, "threads", "1 to 256", threads)
    try require(shards >= 1 && shards <= 4096, "shards", "1 to 4096", shards)
    try require(holdOutShare >= 0 && holdOutShare < 1, "hold-out", "0 (none) to below 1", holdOutShare)
    try require(
      popularityWindowDays > 0 && popularityWindowDays.isFinite, "popularity-window", "days above 0",
      popularityWindowDays)
    try require(
      popularityHalfLifeDays > 0 && popularityHalfLifeDays.isFinite, "popularity-half-life", "days above 0",
      popularityHalfLifeDays)
    try require(
      segmentAttributes.count <= Limits.segmentAttributesMax
        && Set(segmentAttributes).count == segmentAttributes.count
        && segmentAttributes.allSatisfy { Self.isSegmentAttribute($0) },
      "segment-attributes", "at most \(Limits.segmentAttributesMax) different names without commas",
      segmentAttributes.joined(separator: ","))
    try require(
      transitionWindow >= 1 && transitionWindow <= 256, "transition-window", "1 to 256", transitionWindow)
    try require(
      neighbours >= 1 && neighbours <= Limits.neighboursMax, "neighbours", "1 to \(Limits.neighboursMax)",
      neighbours)
    if let factors {
      try require(
        factors >= 1 && factors <= Limits.factorDimensionsMax, "factors",
        "auto or 1 to \(Limits.factorDimensionsMax)", factors)
    }
    try require(
      transitionNeighbours >= 0 && transitionNeighbours <= Limits.neighboursMax, "transition-neighbours",
      "0 (as neighbours) to \(Limits.neighboursMax)", transitionNeighbours)
    try require(
      cooccurrenceNeighbours >= 0 && cooccurrenceNeighbours <= Limits.neighboursMax,
      "cooccurrence-neighbours", "0 (as neighbours) to \(Limits.neighboursMax)", cooccurrenceNeighbours)
    try require(
      transitionShrinkage >= 0 && transitionShrinkage.isFinite, "transition-shrinkage", "0 or above",
      transitionShrinkage)
    try require(
      transitionBackward >= 0 && transitionBackward.isFinite, "transition-backward", "0 or above",
      transitionBackward)
    try require(
      transitionHalfLifeDays >= 0 && transitionHalfLifeDays.isFinite, "transition-half-life",
      "0 (none) or days", transitionHalfLifeDays)
    try require(
      cooccurrenceShrinkage >= 0 && cooccurrenceShrinkage.isFinite, "cooccurrence-shrinkage", "0 or above",
      cooccurrenceShrinkage)
    try require(
      cooccurrencePairsMin >= 1 && cooccurrencePairsMin.isFinite, "cooccurrence-pairs-min", "1 or above",
      cooccurrencePairsMin)
    try require(
      regularisationExponent >= 0 && regularisationExponent <= 2, "regularisation-exponent", "0 to 2",
      regularisationExponent)
    try require(
      linearNeighbours >= 1 && linearNeighbours <= Limits.neighboursMax, "linear-neighbours",
      "1 to \(Limits.neighboursMax)", linearNeighbours)
    try require(iterations >= 1 && iterations <= 1000, "iterations", "1 to 1000", iterations)
    try require(regularisation > 0 && regularisation.isFinite, "regularisation", "above 0", regularisation)
    for (days, name, word) in [
      (confidenceHalfLifeDays, "confidence-half-life", "off"), (itemHalfLifeDays, "item-half-life", "auto"),
    ] {
      if let days { try require(days > 0 && days.isFinite, name, "\(word) or days above 0", days) }
    }
    if let unobservedWeight {
      try require(
        unobservedWeight > 0 && unobservedWeight.isFinite, "unobserved-weight", "auto or above 0",
        unobservedWeight)
    }
    try require(
      blendRounds >= 1 && blendRounds <= Limits.blendTreesMax, "blend-rounds", "1 to \(Limits.blendTreesMax)",
      blendRounds)
    try require(
      blendDepth >= 1 && blendDepth <= Limits.blendDepthMax, "blend-depth", "1 to \(Limits.blendDepthMax)",
      blendDepth)
    try require(blendRate > 0 && blendRate <= 1, "blend-rate", "above 0, up to 1", blendRate)
    try require(gateMargin >= 0 && gateMargin <= 1, "gate-margin", "0 to 1", gateMargin)
  }

  private func require(_ holds: Bool, _ name: String, _ range: String, _ value: some CustomStringConvertible)
    throws(TrainingFault)
  {
    if holds { return }
    throw TrainingFault(.settingInvalid, "\(name) is \(value); it must be \(range).")
  }

  /// For the manifest: the flags of `magpie-train` without dashes, and their values.
  var recorded: [String: String] {
    var result = [
      "threads": "\(threads)", "shards": "\(shards)", "seed": "\(seed)", "hold-out": "\(holdOutShare)",
      "memory-limit": "\(memoryLimitBytes)", "neighbours": "\(neighbours)", "iterations": "\(iterations)",
      "segment-attributes": segmentAttributes.joined(separator: ","),
      "confidence-half-life": Self.text(confidenceHalfLifeDays, instead: "off"),
      "item-half-life": Self.text(itemHalfLifeDays), "linear": linear ? "auto" : "off",
      "linear-neighbours": "\(linearNeighbours)", "user-neighbours": userNeighbours ? "auto" : "off",
      "content": content ? "auto" : "off",
      "gate": gate.rawValue, "gate-margin": "\(gateMargin)",
      "blend": blend ? "on" : "off", "blend-rounds": "\(blendRounds)",
      "blend-depth": "\(blendDepth)", "blend-rate": "\(blendRate)",
      "weights": recordedWeights,
    ]
    for setting in TunableSetting.allCases {
      let value = self[setting]
      result[setting.rawValue] =
        isAuto(setting) ? "auto" : Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }
    return result
  }

  /// Types with a weight, in order.
  var recordedWeights: String {
    EventType.allCases.filter { weights[$0] != 0 }.map { "\($0.name)=\(weights[$0])" }
      .joined(separator: ",")
  }

  var popularityTrainer: PopularityTrainer {
    PopularityTrainer(windowDays: popularityWindowDays, halfLifeDays: popularityHalfLifeDays)
  }

  var transitionTrainer: TransitionTrainer {
    var result = TransitionTrainer(
      window: transitionWindow, neighbours: transitionNeighbours > 0 ? transitionNeighbours : neighbours)
    result.shrinkage = transitionShrinkage
    result.backwardWeight = transitionBackward
    result.halfLifeDays = transitionHalfLifeDays > 0 ? transitionHalfLifeDays : nil
    return result
  }

  var cooccurrenceTrainer: CooccurrenceTrainer {
    var result = CooccurrenceTrainer(
      neighbours: cooccurrenceNeighbours > 0 ? cooccurrenceNeighbours : neighbours)
    result.shrinkage = cooccurrenceShrinkage
    result.pairsMin = cooccurrencePairsMin
    return result
  }

  private static func text(_ value: (some CustomStringConvertible)?, instead word: String = "auto") -> String
  {
    value.map { "\($0)" } ?? word
  }
}
