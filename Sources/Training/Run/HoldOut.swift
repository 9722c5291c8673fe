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
  /// What they mean as probabilities; nil where they lost or too little was held out.
  let calibration: Manifest.Calibration?
  /// The plan as it came to be: with item-kNN in place of the linear model if that did better.
  let plan: FamilyPlan
  /// The gate's metric of every question, by model.
  let answers: [String: [Double]]
  /// What the models learned from, and the questions.
  let past: TemporalSplit

  /// Nil without a share to hold out, or when no moment parts the data so that someone can be asked.
  static func measure(
    _ data: Interactions, settings: TrainingSettings, plan planned: FamilyPlan, learner: TreeLearner?,
    pool: ThreadPool, report: @escaping @Sendable (Double) -> Void
  ) throws(TrainingFault) -> HoldOut? {
    guard settings.holdOutShare > 0,
      let split = TemporalSplit(
        data, share: settings.holdOutShare, seenRule: .excluded, seed: settings.seed),
      split.test.count > 0
    else { return nil }
    var plan = planned
    let blendShare = settings.blend && learner != nil ? 0.35 : 0
    let ratingsShare = RatingLesson.events(data) >= RatingLesson.ratingsMin ? 0.4 : 0
    let trainingShare = blendShare + 0.6 * (1 - blendShare)
    // First, so that its sources are gone before those of the hold-out are made.
    let learned = try BlendTrial.learn(
      split.train, settings: settings, plan: &plan, learner: learner, pool: pool
    ) { report(blendShare * $0) }
    let models = try TrainedModels.train(split.train, settings: settings, plan: plan, pool: pool) {
      stage, within in
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
    var answers: [String: [Double]] = [:]
    @discardableResult func measure(_ name: String, _ model: some Ranker) -> Evaluator.Result {
      let result = evaluator.measure(model)
      metrics[name] = result.means
      answers[name] = result.perQuestion(Gate.metric)
      report(
        trainingShare + (1 - trainingShare)
          * min(1, ratingsShare + (1 - ratingsShare) * Double(metrics.count) / 10))
      return result
    }
    measure(ModelName.popularity, FixedRanker(scores: models.popularity))
    measure(
      ModelName.segmentPopularity,
      SegmentRanker(models.segments, membership: split.train.segments, popularity: models.popularity))
    for (name, table) in [
      (ModelName.transitions, models.transitions), (ModelName.cooccurrence, models.cooccurrence),
    ] {
      measure(
        name, NeighbourRanker(table, recentItems: reading.recentItems, decay: reading.recentDecay))
    }
    let itemNeighbours = measure(ModelName.itemNeighbours, LinearItemRanker(models.itemNeighbours))
    if let linear = models.linear {
      plan.choose(
        linear: measure(ModelName.linear, LinearItemRanker(linear.table)), itemNeighbours: itemNeighbours)
    }
    if let users = models.userNeighbours { measure(ModelName.userNeighbours, UserIndexRanker(users)) }
    measure(ModelName.ials, FactorRanker(models.factors))
    let sources = BlendSources(
      models.following(plan), statistics: split.train.blendStatistics, reading: reading)
    let fusion = measure(ModelName.fusion, CandidateRanker(sources, trees: nil))
    var described = split.described(share: settings.holdOutShare)
    if plan.hasRepeats {
      let repeats = RepeatRanker(split.train)
      let set = split.nextBaskets(data, seed: settings.seed)
      let baskets = Evaluator(set, pool: pool)
      metrics[ModelName.nextBasket(SourceKind.repeats.name)] = baskets.measure(repeats).means
      if let users = models.userNeighbours {
        metrics[ModelName.nextBasket(ModelName.userNeighbours)] =
          baskets.measure(UserIndexRanker(users)).means
      }
      metrics[ModelName.nextBasket(ModelName.fusion)] =
        baskets.measure(CandidateRanker(sources, trees: nil, repeats: repeats)).means
      described.description += """
         Names that begin with next-basket: the first basket after the boundary of \(set.count) users, what they had \
        before is a candidate and right if they take it again.
        """
    }
    switch learned {
    case .none(let reason):
      return HoldOut(
        split: described, metrics: metrics.merging(ratings.metrics) { own, _ in own },
        ranking: Manifest.Ranking(served: ModelName.fusion, reason: reason), ratings: ratings,
        trees: nil, calibration: nil, plan: plan, answers: answers, past: split)
    case .trees(let trees):
      let blend = measure(ModelName.blend, CandidateRanker(sources, trees: trees))
      let (wins, ranking) = BlendTrial.verdict(blend: blend, fusion: fusion, trees: trees.roots.count)
      return HoldOut(
        split: described, metrics: metrics.merging(ratings.metrics) { own, _ in own }, ranking: ranking,
        ratings: ratings, trees: wins ? trees : nil,
        calibration: wins
          ? BlendCalibration.measure(sources, trees, asked: split.test, seed: settings.seed, pool: pool)
          : nil,
        plan: plan, answers: answers, past: split)
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
