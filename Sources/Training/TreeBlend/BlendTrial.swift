import Glibc
import Models
import Vocabulary

/// Whether a learned blend earns its place: learns trees from labels the sources did not see, and lets them
/// compete with fusion on events that neither has seen.
///
///     ├──── sources of the trial ────┤├── labels ──┤├── questions ──┤
///     ├──── sources of the hold-out ───────────────┤
struct BlendTrial: Sendable {
  /// Trees, or why there are none.
  enum Learned: Sendable {
    case trees(TreeTable)
    case none(reason: String)
  }

  /// Learns from the newest share of what the hold-out leaves to learn from. Trains all sources once more.
  /// - Throws: `numbers_failed`.
  static func learn(
    _ train: Interactions, settings: TrainingSettings, learner: TreeLearner?, pool: ThreadPool,
    report: @escaping @Sendable (Double) -> Void
  ) throws(TrainingFault) -> Learned {
    guard settings.blend else { return .none(reason: "blend is off.") }
    guard let learner else { return .none(reason: "This program was built without a learner of trees.") }
    guard
      let split = TemporalSplit(
        train, share: settings.holdOutShare, seenRule: .excluded, seed: settings.seed)
    else { return .none(reason: "Too little data: no moment parts what was learned from.") }
    // A user gives a few positives at best; the exact count follows after the sources were trained.
    guard split.testEvents >= BlendTeacher.learningPositivesMin else {
      return .none(
        reason: """
          Too little data: \(split.testEvents) events to learn an order from, \
          \(BlendTeacher.learningPositivesMin) are needed.
          """)
    }
    let models = try TrainedModels.train(split.train, settings: settings, pool: pool) { stage, within in
      report(0.9 * TrainingProgress(stage: stage, withinModels: within).fraction)
    }
    let sources = BlendSources(models, statistics: split.train.blendStatistics)
    var lesson = BlendTeacher(sources, asked: split.test, seed: settings.seed).lesson(pool: pool)
    guard lesson.learning.positives >= BlendTeacher.learningPositivesMin,
      lesson.validation.positives >= BlendTeacher.validationPositivesMin
    else {
      return .none(
        reason: """
          Too little data: \(lesson.learning.positives) candidates that were right to learn from and \
          \(lesson.validation.positives) to stop by; \(BlendTeacher.learningPositivesMin) and \
          \(BlendTeacher.validationPositivesMin) are needed.
          """)
    }
    lesson.rounds = settings.blendRounds
    lesson.depth = settings.blendDepth
    lesson.rate = settings.blendRate
    lesson.seed = settings.seed
    return .trees(try learner(lesson))
  }

  /// The measure that decides.
  static let deciding = "NDCG@10"

  /// Who serves: the blend if it is ahead by more than one standard error of the paired difference, so that noise
  /// alone wins one time in six and not in two.
  static func verdict(blend: Evaluator.Result, fusion: Evaluator.Result, trees: Int) -> (
    wins: Bool, ranking: Manifest.Ranking
  ) {
    let (mine, theirs) = (blend.perQuestion(deciding), fusion.perQuestion(deciding))
    guard !mine.isEmpty, mine.count == theirs.count else {
      return (false, Manifest.Ranking(served: ModelName.fusion, reason: "Nobody could be asked."))
    }
    let difference = PairedDifference(mine, theirs)
    let (mean, error) = (difference.mean, difference.standardError)
    let wins = mean > error && mean > 0
    let (blended, fused) = (blend.means[deciding] ?? 0, fusion.means[deciding] ?? 0)
    let reason = """
      \(trees) trees reach \(deciding) \(rounded(blended)), fusion \(rounded(fused)); the difference is \
      \(rounded(mean)) with a standard error of \(rounded(error)) over \(mine.count) users. \
      \(wins ? "The blend wins." : "The blend does not win by more than one standard error.")
      """
    return (wins, Manifest.Ranking(served: wins ? ModelName.blend : ModelName.fusion, reason: reason))
  }

  /// Five decimals, without the formatting of a locale.
  private static func rounded(_ value: Double) -> Double { (value * 1e5).rounded() / 1e5 }
}
