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
      "segment-attributes": segmentAttributes.joined(separator: ","),
      "neighbours": "\(neighbours)", "factors": Self.text(factors), "iterations": "\(iterations)",
      "regularisation": "\(regularisation)", "unobserved-weight": Self.text(unobservedWeight),
      "confidence-half-life": Self.text(confidenceHalfLifeDays, instead: "off"),
      "item-half-life": Self.text(itemHalfLifeDays), "linear": linear ? "auto" : "off",
      "linear-neighbours": "\(linearNeighbours)", "user-neighbours": userNeighbours ? "auto" : "off",
      "blend": blend ? "on" : "off", "blend-rounds": "\(blendRounds)",
      "blend-depth": "\(blendDepth)", "blend-rate": "\(blendRate)",
      "weights": weightTexts.joined(separator: ","),
    ]
  }

  private static func text(_ value: (some CustomStringConvertible)?, instead word: String = "auto") -> String
  {
    value.map { "\($0)" } ?? word
  }
}
