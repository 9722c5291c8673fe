import Vocabulary

/// The validation part: what models learn from, and the users who are asked.
struct TuningExam: Sendable {
  /// More users tell settings apart that nobody could tell apart afterwards.
  static let usersMax = 5_000
  /// Fewer say nothing: a rung asks at least so many, if there are as many.
  static let rungUsersMin = 500
  /// Without users to ask there is no search.
  static let usersMin = 50
  /// The share that is parted off where nothing is held out.
  static let shareWithoutHoldOut = 0.1
  /// The metric that decides.
  static let measure = "NDCG@10"
  /// Fewer iterations are another model.
  static let iterationsMin = 2

  let data: Interactions
  /// In the order of a hash, so that the first so many are a fair draw.
  let set: EvaluationSet
  /// First moment behind the validation part.
  let end: Timestamp
  let description: String
  private let pairs: PairMatrix
  /// What iALS is told besides the settings.
  private let factors: FactorSettings

  /// Nil if no moment parts the data, or too few can be asked. O(events · log).
  init?(_ data: Interactions, settings: TrainingSettings, factors: FactorSettings) {
    var past = data
    var end = data.newestTime
    if settings.holdOutShare > 0 {
      guard
        let split = TemporalSplit(
          data, share: settings.holdOutShare, seenRule: .excluded, seed: settings.seed)
      else { return nil }
      past = split.train
      end = split.boundary
    }
    let share = settings.holdOutShare > 0 ? settings.holdOutShare : Self.shareWithoutHoldOut
    guard let split = TemporalSplit(past, share: share, seenRule: .excluded, seed: settings.seed),
      split.test.count >= Self.usersMin
    else { return nil }
    self.data = split.train
    self.end = Timestamp(microseconds: end)
    // By user, not by place: the place depends on the shards.
    let order = split.test.users.indices.map { query in
      (StableHash.of(split.test.users[query].map { data.users[$0].bytes } ?? [], seed: ~settings.seed), query)
    }
    set = split.test.chosen(order.sorted { $0 < $1 }.prefix(Self.usersMax).map(\.1))
    let plain = split.train.confidencePairs(unit: split.train.meanPositiveWeight)
    pairs = settings.confidenceHalfLifeDays.map { split.train.agedByUser(plain, halfLifeDays: $0) } ?? plain
    self.factors = factors
    description = """
      The newest \(share) of the positive events \(settings.holdOutShare > 0 ? "before the hold-out" : ""), asked of \
      \(set.count) users with history before them; models learn from what came before. Full ranking minus what the \
      user had; ties count against the model.
      """
  }

  /// Users asked at a share of everything.
  func users(_ share: Double) -> Int {
    min(set.count, max(Self.rungUsersMin, Int((Double(set.count) * share).rounded(.up))))
  }

  /// Trains the family's model and asks the first users.
  /// - Returns: each user's measure in order; nil if the numbers left their range.
  func scores(
    _ family: TuningFamily, _ settings: TrainingSettings, users: Int, pool: ThreadPool,
    report: (Double) -> Void
  ) -> [Double]? {
    let asked = users < set.count ? set.chosen(Array(0..<users)) : set
    let evaluator = Evaluator(asked, lengths: [10], pool: pool)
    let reading = ReadingSettings()
    let result: Evaluator.Result
    if family.iterates {
      var told = factors
      told.dimensions = settings.factors ?? factors.dimensions
      told.unobservedWeight = settings.unobservedWeight ?? factors.unobservedWeight
      told.regularisation = settings.regularisation
      told.regularisationExponent = settings.regularisationExponent
      told.iterations = settings.iterations
      let trained = FactorTrainer(told).train(pairs, pool: pool, progress: report)
      guard let trained else { return nil }
      result = evaluator.measure(FactorRanker(trained))
    } else if family.axes.contains(where: { $0.setting == .popularityWindow }) {
      result = evaluator.measure(FixedRanker(scores: settings.popularityTrainer.scores(data, pool: pool)))
    } else {
      let isTransitions = family.axes.contains { $0.setting == .transitionWindow }
      let table =
        isTransitions
        ? settings.transitionTrainer.train(data, pool: pool)
        : settings.cooccurrenceTrainer.train(data, pool: pool)
      result = evaluator.measure(
        NeighbourRanker(table, recentItems: reading.recentItems, decay: reading.recentDecay))
    }
    guard let column = result.names.firstIndex(of: Self.measure) else { return nil }
    let scores = stride(from: column, to: result.perQuery.count, by: result.names.count).map {
      result.perQuery[$0]
    }
    return scores.allSatisfy(\.isFinite) ? scores : nil
  }
}

/// Mean and its standard error.
struct SampleMean: Sendable, Hashable {
  let mean: Double
  let error: Double

  /// Zero without values.
  init(_ values: [Double]) {
    let count = Double(max(1, values.count))
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
    self.mean = mean
    error = (variance / count).squareRoot()
  }
}

extension EvaluationSet {
  /// Some of the queries, in the order given.
  func chosen(_ queries: [Int]) -> EvaluationSet {
    EvaluationSet(
      users: queries.map { users[$0] },
      histories: queries.map { Array(history[historyStart[$0]..<historyStart[$0 + 1]]) },
      pairs: queries.map { query in
        pairs.pairs(of: query).map { (item: pairs.columns[$0], confidence: pairs.confidences[$0]) }
      },
      relevant: queries.map { Array(relevant[relevantStart[$0]..<relevantStart[$0 + 1]]) },
      itemCount: itemCount, seenRule: seenRule)
  }
}
