/// The stages of a run, in order. Raw values appear in status and progress lines.
package enum TrainingStage: String, Sendable, CaseIterable {
  case read
  /// Only in runs that search for settings.
  case tune
  case evaluate
  case gate
  case popularity
  case transitions
  case cooccurrence
  case itemNeighbours = "item-knn"
  case linear
  case userNeighbours = "user-neighbours"
  case ials
  case ratings
  case content
  case write

  /// Rough share of the whole run, so that a bar moves evenly. Evaluation trains every model once itself.
  var share: Double {
    switch self {
    case .read: 0.15
    case .tune: 0
    case .evaluate: 0.32
    case .gate: 0.04
    case .popularity: 0.01
    case .transitions: 0.08
    case .cooccurrence: 0.07
    case .itemNeighbours: 0.04
    case .linear: 0.06
    case .userNeighbours: 0.02
    case .ials: 0.13
    case .ratings: 0.02
    case .content: 0.02
    case .write: 0.04
    }
  }
}

/// How far a run is.
package struct TrainingProgress: Sendable, Hashable {
  package let stage: TrainingStage
  /// 0 to 1 over the whole run; never goes back.
  package let fraction: Double
  /// What the stage is at, for people; often empty.
  package let details: String

  /// Share of a run that searches: it is told how long, and that is meant to be most of it.
  private static let tuningShare = 0.8

  init(stage: TrainingStage, within: Double, tunes: Bool = false, details: String = "") {
    self.stage = stage
    self.details = details
    let within = min(1, max(0, within))
    let rest = tunes ? 1 - Self.tuningShare : 1
    func share(_ stage: TrainingStage) -> Double {
      stage == .tune ? 1 - rest : rest * stage.share
    }
    let before = TrainingStage.allCases.prefix { $0 != stage }.reduce(0) { $0 + share($1) }
    // Shares do not add up to exactly one in binary; the end must.
    fraction = stage == .write && within >= 1 ? 1 : min(1, before + share(stage) * within)
  }

  /// The same among the stages that train models only.
  init(stage: TrainingStage, withinModels within: Double) {
    let models: [TrainingStage] = [
      .popularity, .transitions, .cooccurrence, .itemNeighbours, .linear, .userNeighbours, .ials,
    ]
    let total = models.reduce(0) { $0 + $1.share }
    let before = models.prefix { $0 != stage }.reduce(0) { $0 + $1.share }
    self.stage = stage
    details = ""
    fraction = min(1, (before + stage.share * min(1, max(0, within))) / total)
  }
}
