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
  package let factors: TrainedFactors
  /// Mean weight of a positive event; see `Confidence`.
  package let confidenceUnit: Float

  /// - Parameter report: called with the stage and how much of it is done.
  /// - Throws: `numbers_failed`.
  package static func train(
    _ data: Interactions, settings: TrainingSettings, pool: ThreadPool,
    report: @escaping @Sendable (TrainingStage, Double) -> Void
  ) throws(TrainingFault) -> TrainedModels {
    let popularity = settings.popularityTrainer.scores(data, pool: pool)
    let segments = SegmentTrainer(settings.popularityTrainer).train(data, scores: popularity, pool: pool)
    report(.popularity, 1)
    let transitions = settings.transitionTrainer.train(data, pool: pool) { report(.transitions, $0) }
    report(.transitions, 1)
    let cooccurrence = settings.cooccurrenceTrainer.train(data, pool: pool) { report(.cooccurrence, $0) }
    report(.cooccurrence, 1)
    let unit = data.meanPositiveWeight
    let pairs = data.confidencePairs(unit: unit)
    let itemNeighbours = ItemNeighbourTrainer(neighbours: settings.neighbours)
      .train(data, pairs: pairs, pool: pool) { report(.itemNeighbours, $0) }
    report(.itemNeighbours, 1)
    let trained = FactorTrainer(settings.factorSettings).train(pairs, pool: pool) { report(.ials, $0) }
    guard let factors = trained else {
      throw TrainingFault(
        .numbersFailed,
        "iALS left the range of numbers; raise regularisation or unobserved-weight and train again.")
    }
    return TrainedModels(
      popularity: popularity, segments: segments, transitions: transitions, cooccurrence: cooccurrence,
      itemNeighbours: itemNeighbours, factors: factors,
      confidenceUnit: unit)
  }
}
