import Models
import Vocabulary

/// Metrics of every model on the newest share of the events, and who orders the candidates from now on.
struct HoldOut: Sendable {
  let split: Manifest.Split
  /// Model, then metric, then value.
  let metrics: [String: [String: Double]]
  let ranking: Manifest.Ranking
  /// Who predicts ratings from now on; its metrics are among `metrics`.
  let ratings: RatingContest
  /// The trees that were measured, if they won.
  let trees: TreeTable?

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
    let ratingsShare = RatingLesson.events(data) >= RatingLesson.ratingsMin ? 0.4 : 0
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
    let ratings = RatingContest.measure(
      data, train: split.train, boundary: split.boundary, settings: settings, pool: pool
    ) { report(trainingShare + (1 - trainingShare) * ratingsShare * $0) }
    let evaluator = Evaluator(split.test, pool: pool)
    let reading = ReadingSettings()
    var metrics: [String: [String: Double]] = [:]
    func done() {
      let measured = ratingsShare + (1 - ratingsShare) * Double(metrics.count) / 8
      report(trainingShare + (1 - trainingShare) * measured)
    }
    metrics[ModelName.popularity] = evaluator.measure(FixedRanker(scores: models.popularity)).means
    done()
    metrics[ModelName.segmentPopularity] =
      evaluator.measure(
        SegmentRanker(models.segments, membership: split.train.segments, popularity: models.popularity)
      ).means
    done()
    for (name, table) in [
      (ModelName.transitions, models.transitions), (ModelName.cooccurrence, models.cooccurrence),
    ] {
      metrics[name] =
        evaluator.measure(
          NeighbourRanker(table, recentItems: reading.recentItems, decay: reading.recentDecay)
        ).means
      done()
    }
    metrics[ModelName.itemNeighbours] =
      evaluator.measure(
        LinearFilterRanker(
          LinearFilter(neighbours: models.itemNeighbours, spectral: nil), weight: .equal)
      ).means
    done()
    metrics[ModelName.ials] = evaluator.measure(FactorRanker(models.factors)).means
    done()
    let sources = BlendSources(models, statistics: split.train.blendStatistics, reading: reading)
    let fusion = evaluator.measure(CandidateRanker(sources, trees: nil))
    metrics[ModelName.fusion] = fusion.means
    done()
    let described = split.described(share: settings.holdOutShare)
    switch learned {
    case .none(let reason):
      return HoldOut(
        split: described, metrics: metrics.merging(ratings.metrics) { own, _ in own },
        ranking: Manifest.Ranking(served: ModelName.fusion, reason: reason), ratings: ratings,
        trees: nil)
    case .trees(let trees):
      let blend = evaluator.measure(CandidateRanker(sources, trees: trees))
      metrics[ModelName.blend] = blend.means
      done()
      let (wins, ranking) = BlendTrial.verdict(blend: blend, fusion: fusion, trees: trees.roots.count)
      return HoldOut(
        split: described, metrics: metrics.merging(ratings.metrics) { own, _ in own }, ranking: ranking,
        ratings: ratings, trees: wins ? trees : nil)
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
