import Models
import Vocabulary

/// Metrics of every model on the newest share of the events.
struct HoldOut: Sendable {
  let split: Manifest.Split
  /// Model, then metric, then value.
  let metrics: [String: [String: Double]]

  /// Nil without a share to hold out, or when no moment parts the data so that someone can be asked.
  static func measure(
    _ data: Interactions, settings: TrainingSettings, pool: ThreadPool,
    report: @escaping @Sendable (Double) -> Void
  ) throws(TrainingFault) -> HoldOut? {
    guard settings.holdOutShare > 0,
      let split = TemporalSplit(
        data, share: settings.holdOutShare, seenRule: .excluded, seed: settings.seed),
      split.test.count > 0
    else { return nil }
    let trainingShare = 0.6
    let models = try TrainedModels.train(split.train, settings: settings, pool: pool) { stage, within in
      report(trainingShare * TrainingProgress(stage: stage, withinModels: within).fraction)
    }
    let evaluator = Evaluator(split.test, pool: pool)
    let reading = ReadingSettings()
    var metrics: [String: [String: Double]] = [:]
    func done() { report(trainingShare + (1 - trainingShare) * Double(metrics.count) / 4) }
    metrics[ModelName.popularity] = evaluator.measure(FixedRanker(scores: models.popularity)).means
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
    metrics[ModelName.ials] = evaluator.measure(FactorRanker(models.factors)).means
    done()
    return HoldOut(split: split.described(share: settings.holdOutShare), metrics: metrics)
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
