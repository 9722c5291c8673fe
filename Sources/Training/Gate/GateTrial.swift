import Models
import Vocabulary

/// Holds the new generation against popularity, item-kNN and the generation that serves, and decides.
///
///     events:   ├──── hold-out's past ────┤├────── hold-out ──────┤
///     serving, older than the boundary:    its models ┤
///     serving, younger:                           its models ┤├ asked ┤
struct GateTrial {
  let settings: TrainingSettings
  let serving: ServingGeneration?
  /// Newest time of the events the serving generation learned from; `Int64.min` if it has seen none.
  let servedUntil: Int64
  let pool: ThreadPool

  /// Asks the serving generation, training the models once more if it has seen the hold-out.
  /// - Throws: `numbers_failed`.
  func judge(
    _ holdOut: HoldOut?, _ data: Interactions, report: @escaping @Sendable (Double) -> Void
  ) throws(TrainingFault) -> Manifest.Gate {
    let gate = Gate(mode: settings.gate, margin: settings.gateMargin)
    guard settings.gate != .off else {
      return gate.passing(served: holdOut?.ranking.served ?? ModelName.fusion, because: "The gate is off.")
    }
    guard let holdOut else {
      return gate.passing(
        served: ModelName.fusion, because: "Nothing could be held out, so there is nothing to compare.")
    }
    let served = holdOut.ranking.served
    guard let ours = holdOut.answers[served] else {
      return gate.passing(served: served, because: "Nobody could be asked, so there is nothing to compare.")
    }
    func baseline(_ name: String) -> Manifest.Gate.Comparison {
      guard let theirs = holdOut.answers[name] else {
        return .init(notMadeAgainst: name, note: "This trainer does not measure it.")
      }
      return gate.compare(ours, with: theirs, against: name, note: "Asked on the hold-out.")
    }
    var opponent: Manifest.Gate.Comparison?
    if let serving {
      opponent = try compare(serving, gate, holdOut, ours: ours, data: data, report: report)
    }
    return gate.verdict(
      served: served, popularity: baseline(ModelName.popularity),
      baselines: [baseline(ModelName.itemNeighbours)],
      serving: opponent)
  }

  private func compare(
    _ serving: ServingGeneration, _ gate: Gate, _ holdOut: HoldOut, ours: [Double], data: Interactions,
    report: @escaping @Sendable (Double) -> Void
  ) throws(TrainingFault) -> Manifest.Gate.Comparison {
    let name = serving.name
    func notMade(_ note: String) -> Manifest.Gate.Comparison { .init(notMadeAgainst: name, note: note) }
    if !serving.problem.isEmpty { return notMade(serving.problem) }
    if servedUntil < holdOut.past.boundary {
      // It knows nothing of the hold-out: the very same questions, and nothing to train.
      guard let theirs = answers(of: serving, to: holdOut.past) else {
        return notMade("Its numbers are not finite.")
      }
      return gate.compare(
        ours, with: theirs, against: name,
        note: "Asked on the hold-out, of which it has seen nothing; its models as they are stored.")
    }
    // It learned from a part of the hold-out: asked about that, it would be asked what it was told.
    guard servedUntil < Int64.max,
      let split = TemporalSplit(
        data, boundary: servedUntil + 1, seenRule: .excluded, seed: settings.seed)
    else { return notMade("No event is newer than those it learned from.") }
    guard split.test.count >= Limits.gateQuestionsMin else {
      return notMade(
        "It learned from the hold-out, and of what is newer than its events " + Gate.tooFew(split.test.count))
    }
    let models = try TrainedModels.train(split.train, settings: settings, plan: holdOut.plan, pool: pool) {
      stage, within in
      report(0.8 * TrainingProgress(stage: stage, withinModels: within).fraction)
    }
    let sources = BlendSources(
      models.following(holdOut.plan), statistics: split.train.blendStatistics)
    let mine = Evaluator(split.test, pool: pool).measure(CandidateRanker(sources, trees: holdOut.trees))
    report(0.9)
    guard let theirs = answers(of: serving, to: split) else { return notMade("Its numbers are not finite.") }
    return gate.compare(
      mine.perQuestion(Gate.metric), with: theirs, against: name,
      note: """
        Asked on what is newer than all it learned from; its models as they are stored, those of the new one \
        trained on what is not newer.
        """)
  }

  private func answers(of serving: ServingGeneration, to split: TemporalSplit) -> [Double]? {
    serving.ranker(
      over: split.train.items, users: split.train.users, unit: split.train.meanPositiveWeight, pool: pool
    ).map { Evaluator(split.test, pool: pool).measure($0).perQuestion(Gate.metric) }
  }
}

extension Evaluator.Result {
  /// One metric of every question, in the questions' order; empty if it was not measured.
  package func perQuestion(_ metric: String) -> [Double] {
    guard let column = names.firstIndex(of: metric) else { return [] }
    return stride(from: column, to: perQuery.count, by: names.count).map { perQuery[$0] }
  }
}
