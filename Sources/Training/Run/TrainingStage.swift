/// The stages of a run, in order. Raw values appear in status and progress lines.
package enum TrainingStage: String, Sendable, CaseIterable {
  case read
  case evaluate
  case popularity
  case transitions
  case cooccurrence
  case itemNeighbours = "item-knn"
  case linear
  case userNeighbours = "user-neighbours"
  case ials
  case ratings
  case write

  /// Rough share of the whole run, so that a bar moves evenly. Evaluation trains every model once itself.
  var share: Double {
    switch self {
    case .read: 0.15
    case .evaluate: 0.41
    case .popularity: 0.01
    case .transitions: 0.08
    case .cooccurrence: 0.07
    case .itemNeighbours: 0.04
    case .linear: 0.06
    case .userNeighbours: 0.02
    case .ials: 0.12
    case .ratings: 0.02
    case .write: 0.04
    }
  }
}

/// How far a run is.
package struct TrainingProgress: Sendable, Hashable {
  package let stage: TrainingStage
  /// 0 to 1 over the whole run; never goes back.
  package let fraction: Double

  init(stage: TrainingStage, within: Double) {
    self.stage = stage
    let before = TrainingStage.allCases.prefix { $0 != stage }.reduce(0) { $0 + $1.share }
    // Shares do not add up to exactly one in binary; the end must.
    fraction =
      stage == .write && within >= 1 ? 1 : min(1, before + stage.share * min(1, max(0, within)))
  }

  /// The same among the stages that train models only.
  init(stage: TrainingStage, withinModels within: Double) {
    let models: [TrainingStage] = [
      .popularity, .transitions, .cooccurrence, .itemNeighbours, .linear, .userNeighbours, .ials,
    ]
    let total = models.reduce(0) { $0 + $1.share }
    let before = models.prefix { $0 != stage }.reduce(0) { $0 + $1.share }
    self.stage = stage
    fraction = min(1, (before + stage.share * min(1, max(0, within))) / total)
  }
}
