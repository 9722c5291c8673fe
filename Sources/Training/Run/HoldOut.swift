import Models
import Vocabulary

/// Metrics of every model on the newest share of the events, and who orders the candidates from now on.
struct HoldOut: Sendable {
  let split: Manifest.Split
  /// Model, then metric, then value.
  let metrics: [String: [String: Double]]
  let ranking: Manifest.Ranking
  /// The trees that were measured, if they won.
  let trees: TreeTable?
  /// The gate's metric of every question, by model.
  let answers: [String: [Double]]
  /// What the models learned from, and the questions.
  let past: TemporalSplit

  /// Nil without a share to hold out, or when no moment parts the data so that someone can be asked.
  static func measure(
    _ data: Interactions, settings: TrainingSettings, learner: TreeLearner?, pool: ThreadPool,
    report: @escaping @Sendable (Double) -> Void
  ) throws(TrainingFault) -> HoldOut? {
    guard settings.holdOutShare > 0,
      let split = TemporalSplit(
        data, share: settings.holdOutShare, seenRule: .excluded, seed: settings.seed),
      split.test.count > 0
    else { return nil }
    let blendShare = settings.blend && learner != nil ? 0.35 : 0
    let trainingShare = blendShare + 0.6 * (1 - blendShare)
    // First, so that its sources are gone before those of the hold-out are made.
    let learned = try BlendTrial.learn(split.train, settings: settings, learner: learner, pool: pool) {
      report(blendShare * $0)
    }
    let models = try TrainedModels.train(split.train, settings: settings, pool: pool) { stage, within in
      report(
        blendShare
          + (trainingShare - blendShare) * TrainingProgress(stage: stage, withinModels: within).fraction)
    }
    let evaluator = Evaluator(split.test, pool: pool)
    let reading = ReadingSettings()
    var metrics: [String: [String: Double]] = [:]
    var answers: [String: [Double]] = [:]
    @discardableResult func measure(_ name: String, _ ranker: some Ranker) -> Evaluator.Result {
      let result = evaluator.measure(ranker)
      metrics[name] = result.means
      answers[name] = result.perQuestion(Gate.metric)
      report(trainingShare + (1 - trainingShare) * Double(metrics.count) / 7)
      return result
    }
    measure(ModelName.popularity, FixedRanker(scores: models.popularity))
    for (name, table) in [
      (ModelName.transitions, models.transitions), (ModelName.cooccurrence, models.cooccurrence),
    ] {
      measure(name, NeighbourRanker(table, recentItems: reading.recentItems, decay: reading.recentDecay))
    }
    measure(
      ModelName.itemNeighbours,
      LinearFilterRanker(LinearFilter(neighbours: models.itemNeighbours, spectral: nil), weight: .equal))
    measure(ModelName.ials, FactorRanker(models.factors))
    let sources = BlendSources(models, statistics: split.train.blendStatistics, reading: reading)
    let fusion = measure(ModelName.fusion, CandidateRanker(sources, trees: nil))
    let described = split.described(share: settings.holdOutShare)
    switch learned {
    case .none(let reason):
      return HoldOut(
        split: described, metrics: metrics,
        ranking: Manifest.Ranking(served: ModelName.fusion, reason: reason), trees: nil, answers: answers,
        past: split)
    case .trees(let trees):
      let blend = measure(ModelName.blend, CandidateRanker(sources, trees: trees))
      let (wins, ranking) = BlendTrial.verdict(blend: blend, fusion: fusion, trees: trees.roots.count)
      return HoldOut(
        split: described, metrics: metrics, ranking: ranking, trees: wins ? trees : nil, answers: answers,
        past: split)
    }
  }
}

extension TemporalSplit {
  /// The split in the manifest's words.
  func described(share: Double) -> Manifest.Split {
    Manifest.Split(
      description: """
        Temporal hold-out: the newest \(share) of the positive events; models learn from what came before. \
        Asked are users with history before it and items new to them after it\
        \(test.count == Self.queriesMax ? " (a draw of \(Self.queriesMax))" : ""); \
        \(usersWithoutHistory) users without history are left out. Full ranking of all items minus those \
        the user had before; repeats count for nobody; items first seen after the boundary stay in the ideal. \
        Ideal over min(k, right items). Ties count against the model. Served models are refitted on everything.
        """,
      boundary: Timestamp(microseconds: boundary), trainEvents: UInt64(train.eventCount),
      testEvents: UInt64(testEvents), testUsers: UInt64(test.count))
  }
}
