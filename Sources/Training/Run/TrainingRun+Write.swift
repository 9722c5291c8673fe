import Glibc
import Models
import Vocabulary

extension TrainingRun {
  static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  /// Writes the generation: items, popularity, transitions, co-occurrence, the linear model and the user index where
  /// they were made, factors, and trees that won. Items without events have
  /// a zero row of factors and no neighbours.
  func write(
    _ models: TrainedModels, plan: FamilyPlan, blend: (trees: TreeTable, statistics: BlendStatistics)?,
    ratings: RatingTable?, content: TrainedContent?, items: [ItemIdentifier], manifest: Manifest
  ) throws(TrainingFault) -> Manifest {
    do throws(ModelFault) {
      let writer = try GenerationWriter(in: generationsPath, number: number)
      var isFinished = false
      defer { if !isFinished { writer.abandon() } }
      try writer.addItems(items)
      let ranking = PopularityTrainer.ranking(models.popularity)
      try writer.addPopularity(
        rows: ranking.rows, scores: ranking.scores,
        parameters: [
          "windowDays": settings.popularityWindowDays, "halfLifeDays": settings.popularityHalfLifeDays,
        ])
      if models.segments.count > 0 {
        try writer.addSegments(
          models.segments,
          parameters: [
            "windowDays": settings.popularityWindowDays, "halfLifeDays": settings.popularityHalfLifeDays,
            "eventsMin": Double(SegmentTrainer.eventsMin), "usersMin": Double(SegmentTrainer.usersMin),
            "itemsMin": Double(SegmentTrainer.itemsMin),
          ])
      }
      let transitions = settings.transitionTrainer
      try add(
        models.transitions, as: ModelName.transitions, to: writer,
        parameters: [
          "window": Double(transitions.window), "backwardWeight": transitions.backwardWeight,
          "shrinkage": transitions.shrinkage, "halfLifeDays": transitions.halfLifeDays ?? 0,
        ])
      let cooccurrence = settings.cooccurrenceTrainer
      try add(
        models.cooccurrence, as: ModelName.cooccurrence, to: writer,
        parameters: ["shrinkage": cooccurrence.shrinkage, "pairsMin": cooccurrence.pairsMin])
      if let linear = models.linear {
        try add(linear.table, as: ModelName.linear, to: writer, parameters: linear.parameters)
      }
      if let users = models.userNeighbours {
        try users.withIndex { (index) throws(ModelFault) in
          try writer.addUserNeighbours(
            index, parameters: plan.userHalfLifeDays.map { ["halfLifeDays": $0] } ?? [:])
        }
      }
      let factors = models.factors
      try writer.addFactors(
        ModelName.ials, rows: factors.items.values.elements, dimensions: factors.settings.dimensions,
        regularisation: factors.settings.regularisation,
        unobservedWeight: factors.settings.unobservedWeight,
        regularisationExponent: factors.settings.regularisationExponent,
        parameters: Self.factorParameters(models, settings))
      if let ratings { try writer.addRatings(ratings) }
      if let content, let settings = plan.content {
        try writer.addContent(
          content.weights, dimensions: content.dimensions, projection: content.projection.values.elements,
          items: content.items.values.elements, landmarks: content.landmarks, map: content.map,
          base: content.base, bandwidth: content.bandwidth,
          parameters: [
            "factWeight": settings.factWeight, "ridge": settings.ridge, "countMax": settings.countMax,
          ])
      }
      if let blend {
        try writer.addBlend(
          blend.trees, statistics: blend.statistics,
          parameters: ["depth": Double(settings.blendDepth), "rate": settings.blendRate])
      }
      let finished = try writer.finish(manifest)
      isFinished = true
      return finished
    } catch {
      throw TrainingFault(error)
    }
  }

  private static func factorParameters(_ models: TrainedModels, _ settings: TrainingSettings) -> [String:
    Double]
  {
    var parameters = ["confidenceUnit": Double(models.confidenceUnit)]
    if let days = settings.confidenceHalfLifeDays { parameters["confidenceHalfLifeDays"] = days }
    return parameters
  }

  private func add(
    _ table: NeighbourTable, as name: String, to writer: GenerationWriter, parameters: [String: Double]
  ) throws(ModelFault) {
    try writer.addNeighbours(
      name, offsets: table.rowStart.map { UInt64($0) }, rows: table.rows, scores: table.scores,
      parameters: parameters)
  }
}
