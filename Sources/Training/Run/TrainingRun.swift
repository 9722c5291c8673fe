import Models
import Storage
import Vocabulary

/// One run of the learn path: log segments → interactions → hold-out metrics → gate → models → a generation on disk.
///
/// The same log, seed, settings and number of shards give the same bytes in every array file, whatever the
/// number of threads. A run that ends early leaves at most `NNNNNN.partial`, which the next run removes.
package struct TrainingRun: Sendable {
  package private(set) var settings: TrainingSettings
  package let tenant: TenantName
  /// The log's directory; read without a lock while a daemon appends behind `through`.
  package let logPath: String
  /// `generations/TENANT`.
  package let generationsPath: String
  package let number: GenerationNumber
  /// The last position read; it must be durable.
  package let through: Position
  /// The generation that serves, for the gate; nil takes what `current` points to, `none` says that none does.
  package let serving: GenerationNumber?
  /// Nil for no search.
  let tuningOrder: TuningOrder?
  /// Whether what an earlier search found is used.
  let usesTuned: Bool
  /// Nil where the program brings none; then fusion serves.
  private let learner: TreeLearner?
  private let progress: @Sendable (TrainingProgress) -> Void
  private let notes: @Sendable (String) -> Void
  /// Whether this run searches; only the bar needs to know.
  private var tunes = false

  /// - Parameters:
  ///   - progress: called on the thread that calls `run`, often.
  ///   - notes: sentences for people: what was ignored and why.
  package init(
    settings: TrainingSettings, tenant: TenantName, logPath: String, generationsPath: String,
    number: GenerationNumber, through: Position, serving: GenerationNumber? = nil,
    tuning: TuningOrder? = nil, usesTuned: Bool = true, learner: TreeLearner? = nil,
    notes: @escaping @Sendable (String) -> Void = { _ in },
    progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) {
    self.settings = settings
    self.tenant = tenant
    self.logPath = logPath
    self.generationsPath = generationsPath
    self.number = number
    self.through = through
    self.serving = serving
    tuningOrder = tuning
    self.usesTuned = usesTuned
    self.learner = learner
    self.notes = notes
    self.progress = progress
  }

  /// The same run with other settings.
  func with(_ settings: TrainingSettings, tunes: Bool? = nil) -> TrainingRun {
    var run = self
    run.settings = settings
    run.tunes = tunes ?? self.tunes
    return run
  }

  func note(_ sentence: String) { notes(sentence) }

  /// Does everything and returns the finished generation's manifest, with metrics for the gate.
  /// Takes the calling thread for the whole time.
  package func run() throws(TrainingFault) -> Manifest {
    let started = ContinuousNanoseconds.now
    try settings.check()
    try checkLog()
    let lock = try TrainingLock(shelf: GenerationShelf(path: generationsPath))
    defer { lock.release() }
    let opponent =
      settings.gate == .off
      ? nil
      : ServingGeneration.find(
        on: GenerationShelf(path: generationsPath), number: serving, tenant: tenant)
    let settled = try settle(servedTo: opponent?.trainedTo ?? .zero)
    let written = try settled.run.make(settled, opponent: opponent, started: started)
    try keep(settled)
    report(.write, 1)
    return written
  }

  /// Measures, trains and writes.
  private func make(_ settled: Settled, opponent: ServingGeneration?, started: UInt64) throws(TrainingFault)
    -> Manifest
  {
    let (data, servedUntil, tuning) = (settled.data, settled.servedUntil, settled.tuning)
    var plan = FamilyPlan(data, settings: settings)
    try checkMemory(data, plan)
    let pool = ThreadPool(threads: settings.threads)
    let holdOut = try HoldOut.measure(data, settings: settings, plan: plan, learner: learner, pool: pool) {
      report(.evaluate, $0)
    }
    report(.evaluate, 1)
    if let chosen = holdOut?.plan { plan = chosen }
    let gate = try GateTrial(settings: settings, serving: opponent, servedUntil: servedUntil, pool: pool)
      .judge(holdOut, data) { report(.gate, $0) }
    report(.gate, 1)
    let models = try TrainedModels.train(data, settings: settings, plan: plan, pool: pool) { report($0, $1) }
    let contest = holdOut?.ratings ?? RatingContest.unmeasured(data)
    let ratings = contest.train(data, settings: settings, pool: pool) { report(.ratings, $0) }
    report(.ratings, 1)
    let content = plan.content.flatMap { settings in
      ContentTrainer(settings).train(
        data.content, factors: models.factors.items, counts: data.pairsPerItem, pool: pool
      ) { report(.content, $0) }
    }
    report(.content, 1)
    report(.write, 0)
    var manifest = Manifest(
      number: number, tenant: tenant, created: Self.now, trainedTo: through, users: UInt64(data.userCount),
      items: UInt64(data.itemCount), events: UInt64(data.eventCount),
      trainingSeconds: Double(ContinuousNanoseconds.now - started) / 1e9)
    manifest.program = "magpie-train"
    manifest.settings = settings.recorded
    manifest.tuning = tuning
    if let tuning, let split = holdOut?.split, split.boundary < tuning.validationEnd {
      manifest.tuning?.caution =
        "Older events arrived after the search: part of the hold-out was seen by it, and its metrics flatter."
    }
    manifest.split = holdOut?.split
    manifest.metrics = holdOut?.metrics ?? [:]
    manifest.chosen = plan.chosen
    manifest.skipped = plan.skipped
    if plan.content != nil, content == nil {
      manifest.skipped?[ModelName.content] = "What the items say of themselves has nothing in common."
    }
    manifest.ranking =
      holdOut?.ranking
      ?? Manifest.Ranking(
        served: ModelName.fusion, reason: "Nothing was held out, so nothing could show that a blend wins.")
    manifest.calibration = holdOut?.calibration
    // What was measured fitted once; on more it may still fail, and then nothing is promised.
    manifest.ratings =
      contest.winner != .none && ratings == nil
      ? Manifest.Ranking(
        served: "none", reason: "Factors left the range of numbers when fitted to everything.")
      : contest.verdict
    manifest.gate = gate
    let blend = holdOut?.trees.map { (trees: $0, statistics: data.blendStatistics) }
    return try write(
      models, plan: plan, blend: blend, ratings: ratings, content: content, items: data.items,
      manifest: manifest)
  }

  func report(_ stage: TrainingStage, _ within: Double, details: String = "") {
    progress(TrainingProgress(stage: stage, within: within, tunes: tunes, details: details))
  }

  /// Refuses, with the numbers and what would help, before the models' memory is taken. What the plan leaves out for want
  /// of memory is no reason to refuse.
  func checkMemory(_ data: Interactions, _ plan: FamilyPlan) throws(TrainingFault) {
    let needed = plan.bytes
    if needed <= settings.memoryLimitBytes { return }
    let terms = DataSize(data).terms(settings, dimensions: plan.factors.dimensions)
    let largest = terms.sorted { $0.bytes > $1.bytes }.prefix(3)
    throw TrainingFault(
      .memoryLimit,
      """
      Training on \(data.eventCount) events of \(data.userCount) users and \(data.itemCount) items with \
      \(plan.factors.dimensions) factors and \(settings.neighbours) neighbours needs up to \(needed) bytes; \
      memory-limit is \(settings.memoryLimitBytes). Raise it to \(needed) or more\
      \(Self.advice(for: largest.compactMap(\.advice))). Most goes to \
      \(largest.map { "\($0.name) (\($0.bytes))" }.joined(separator: ", ")).
      """)
  }

  /// ", or lower factors or neighbours": settings that would help, each once, those that help most first.
  private static func advice(for settings: [String]) -> String {
    var names: [String] = []
    for name in settings where !names.contains(name) { names.append(name) }
    return names.isEmpty ? "" : ", or lower " + names.joined(separator: " or ")
  }
}

/// What the plan and the memory formula ask of the data; counted once, for any settings.
struct DataSize: Sendable {
  private let events: Int
  private let users: Int
  private let items: Int
  private let pairs: Int
  private let identifierBytes: Int
  private let repeatShare: Double
  private let ratings: Int
  private let memberships: Int
  private let contentFeatures: Int
  private let contentProblem: String?

  /// O(events · log).
  init(_ data: Interactions) {
    (events, users, items) = (data.eventCount, data.userCount, data.itemCount)
    pairs = data.weightPairs().pairCount
    identifierBytes =
      data.users.reduce(0) { $0 + $1.bytes.count } + data.items.reduce(0) { $0 + $1.bytes.count }
    repeatShare = data.repeatShare
    ratings = RatingLesson.events(data)
    memberships = data.segments.memberships
    (contentFeatures, contentProblem) = (data.content.count, data.content.problem)
  }

  func terms(_ settings: TrainingSettings, dimensions: Int) -> [MemoryFormula.Term] {
    MemoryFormula.terms(
      events: events, users: users, items: items, identifierBytes: identifierBytes, dimensions: dimensions,
      ratings: ratings, memberships: memberships, settings: settings)
  }

  func plan(_ settings: TrainingSettings) -> FamilyPlan {
    FamilyPlan(
      events: events, users: users, items: items, pairs: pairs, identifierBytes: identifierBytes,
      ratings: ratings, memberships: memberships, contentFeatures: contentFeatures,
      contentProblem: contentProblem, repeatShare: repeatShare, settings: settings)
  }
}
