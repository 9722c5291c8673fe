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
  /// - Parameter plan: comes back with item-kNN in place of the linear model if that did better on the labels.
  /// - Throws: `numbers_failed`.
  static func learn(
    _ train: Interactions, settings: TrainingSettings, plan: inout FamilyPlan, learner: TreeLearner?,
    pool: ThreadPool, report: @escaping @Sendable (Double) -> Void
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
    let models = try TrainedModels.train(split.train, settings: settings, plan: plan, pool: pool) {
      stage, within in
      report(0.9 * TrainingProgress(stage: stage, withinModels: within).fraction)
    }
    if let linear = models.linear {
      let evaluator = Evaluator(split.test, lengths: [10], pool: pool)
      plan.choose(
        linear: evaluator.measure(LinearItemRanker(linear.table)),
        itemNeighbours: evaluator.measure(LinearItemRanker(models.itemNeighbours)))
    }
    let sources = BlendSources(models.following(plan), statistics: split.train.blendStatistics)
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
  static let deciding = PairedDifference.deciding

  /// Who serves: the blend if it is ahead of fusion.
  static func verdict(blend: Evaluator.Result, fusion: Evaluator.Result, trees: Int) -> (
    wins: Bool, ranking: Manifest.Ranking
  ) {
    guard let difference = PairedDifference(blend, fusion) else {
      return (false, Manifest.Ranking(served: ModelName.fusion, reason: "Nobody could be asked."))
    }
    let wins = difference.isAhead
    let (ours, theirs) = (blend.means[deciding] ?? 0, fusion.means[deciding] ?? 0)
    let reason = """
      \(trees) trees reach \(deciding) \(rounded(ours)), fusion \(rounded(theirs)); the difference is \
      \(rounded(difference.mean)) with a standard error of \(rounded(difference.standardError)) over \
      \(difference.queries) users. \
      \(wins ? "The blend wins." : "The blend does not win by more than one standard error.")
      """
    return (wins, Manifest.Ranking(served: wins ? ModelName.blend : ModelName.fusion, reason: reason))
  }

  /// Five decimals, without the formatting of a locale.
  private static func rounded(_ value: Double) -> Double { (value * 1e5).rounded() / 1e5 }
}
