import Models
import Vocabulary

/// Every model of a generation, trained on one set of interactions.
package struct TrainedModels: Sendable {
  package let popularity: [Float]
  package let segments: SegmentTable
  package let transitions: NeighbourTable
  package let cooccurrence: NeighbourTable
  /// Decayed item-kNN: the baseline every generation is measured against.
  package let itemNeighbours: NeighbourTable
  /// Nil where the plan makes none.
  package let linear: LinearItems?
  /// Nil where the plan makes none.
  package let userNeighbours: UserNeighbourTable?
  package let factors: TrainedFactors
  /// Mean weight of a positive event; see `Confidence`.
  package let confidenceUnit: Float

  /// - Parameters:
  ///   - plan: what is made and how; nil makes one for these data.
  ///   - report: called with the stage and how much of it is done.
  /// - Throws: `numbers_failed`.
  package static func train(
    _ data: Interactions, settings: TrainingSettings, plan: FamilyPlan? = nil, pool: ThreadPool,
    report: @escaping @Sendable (TrainingStage, Double) -> Void
  ) throws(TrainingFault) -> TrainedModels {
    let plan = plan ?? FamilyPlan(data, settings: settings)
    let popularity = settings.popularityTrainer.scores(data, pool: pool)
    let segments = SegmentTrainer(settings.popularityTrainer).train(data, scores: popularity, pool: pool)
    report(.popularity, 1)
    let transitions = settings.transitionTrainer.train(data, pool: pool) { report(.transitions, $0) }
    report(.transitions, 1)
    let cooccurrence = settings.cooccurrenceTrainer.train(data, pool: pool) { report(.cooccurrence, $0) }
    report(.cooccurrence, 1)
    let unit = data.meanPositiveWeight
    let plain = data.confidencePairs(unit: unit)
    var itemTrainer = ItemNeighbourTrainer(neighbours: settings.neighbours)
    itemTrainer.halfLifeDays = settings.itemHalfLifeDays
    let itemNeighbours = itemTrainer.train(data, pairs: plain, pool: pool) { report(.itemNeighbours, $0) }
    report(.itemNeighbours, 1)
    let linear = plan.linear.map { kind in
      LinearItemTrainer(neighbours: settings.linearNeighbours, seed: settings.seed)
        .train(kind, pairs: plain, itemNeighbours: itemNeighbours, pool: pool) { report(.linear, $0) }
    }
    report(.linear, 1)
    // What a live user is folded in by fades in the same way; see `Look.collectTaste`.
    let pairs = settings.confidenceHalfLifeDays.map { data.agedByUser(plain, halfLifeDays: $0) } ?? plain
    var userTrainer = UserNeighbourTrainer()
    userTrainer.halfLifeDays = plan.userHalfLifeDays
    let userNeighbours = plan.makesUserNeighbours ? userTrainer.train(data, pairs: pairs) : nil
    report(.userNeighbours, 1)
    guard let factors = FactorTrainer(plan.factors).train(pairs, pool: pool, progress: { report(.ials, $0) })
    else {
      throw TrainingFault(
        .numbersFailed,
        "iALS left the range of numbers; raise regularisation or unobserved-weight and train again.")
    }
    return TrainedModels(
      popularity: popularity, segments: segments, transitions: transitions, cooccurrence: cooccurrence,
      itemNeighbours: itemNeighbours, linear: linear, userNeighbours: userNeighbours, factors: factors,
      confidenceUnit: unit)
  }

  /// The same with item-kNN as the linear model where the plan has come to serve that.
  func following(_ plan: FamilyPlan) -> TrainedModels {
    guard plan.linear == .itemNeighbours, linear?.kind != .itemNeighbours else { return self }
    let served = LinearItems(
      kind: .itemNeighbours, table: itemNeighbours,
      parameters: ["kind": Double(LinearItems.Kind.itemNeighbours.rawValue)])
    return TrainedModels(
      popularity: popularity, segments: segments, transitions: transitions, cooccurrence: cooccurrence,
      itemNeighbours: itemNeighbours, linear: served, userNeighbours: userNeighbours, factors: factors,
      confidenceUnit: confidenceUnit)
  }
}
