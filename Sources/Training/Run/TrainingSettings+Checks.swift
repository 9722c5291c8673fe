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
      transitionWindow >= 1 && transitionWindow <= 256, "transition-window", "1 to 256", transitionWindow)
    try require(
      neighbours >= 1 && neighbours <= Limits.neighboursMax, "neighbours", "1 to \(Limits.neighboursMax)",
      neighbours)
    try require(
      factors >= 1 && factors <= Limits.factorDimensionsMax, "factors", "1 to \(Limits.factorDimensionsMax)",
      factors)
    try require(iterations >= 1 && iterations <= 1000, "iterations", "1 to 1000", iterations)
    try require(regularisation > 0 && regularisation.isFinite, "regularisation", "above 0", regularisation)
    try require(
      unobservedWeight > 0 && unobservedWeight.isFinite, "unobserved-weight", "above 0", unobservedWeight)
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
    var weightTexts: [String] = []
    for type in EventType.allCases where weights[type] != 0 {
      weightTexts.append("\(type.name)=\(weights[type])")
    }
    return [
      "threads": "\(threads)", "shards": "\(shards)", "seed": "\(seed)", "hold-out": "\(holdOutShare)",
      "memory-limit": "\(memoryLimitBytes)", "popularity-window": "\(popularityWindowDays)",
      "popularity-half-life": "\(popularityHalfLifeDays)", "transition-window": "\(transitionWindow)",
      "neighbours": "\(neighbours)", "factors": "\(factors)", "iterations": "\(iterations)",
      "regularisation": "\(regularisation)", "unobserved-weight": "\(unobservedWeight)",
      "blend": blend ? "on" : "off", "blend-rounds": "\(blendRounds)",
      "blend-depth": "\(blendDepth)", "blend-rate": "\(blendRate)",
      "gate": gate.rawValue, "gate-margin": "\(gateMargin)",
      "weights": weightTexts.joined(separator: ","),
    ]
  }

  var factorSettings: FactorSettings {
    var result = FactorSettings()
    result.dimensions = factors
    result.iterations = iterations
    result.regularisation = regularisation
    result.unobservedWeight = unobservedWeight
    result.seed = seed
    return result
  }
}
