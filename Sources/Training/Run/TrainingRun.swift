import Models
import Storage
import Vocabulary

/// One run of the learn path: log segments → interactions → hold-out metrics → models → a generation on disk.
///
/// The same log, seed, settings and number of shards give the same bytes in every array file, whatever the
/// number of threads. A run that ends early leaves at most `NNNNNN.partial`, which the next run removes.
package struct TrainingRun: Sendable {
  package let settings: TrainingSettings
  package let tenant: TenantName
  /// The log's directory; read without a lock while a daemon appends behind `through`.
  package let logPath: String
  /// `generations/TENANT`.
  package let generationsPath: String
  package let number: GenerationNumber
  /// The last position read; it must be durable.
  package let through: Position
  /// Nil where the program brings none; then fusion serves.
  private let learner: TreeLearner?
  private let progress: @Sendable (TrainingProgress) -> Void

  /// - Parameter progress: called on the thread that calls `run`, often.
  package init(
    settings: TrainingSettings, tenant: TenantName, logPath: String, generationsPath: String,
    number: GenerationNumber, through: Position, learner: TreeLearner? = nil,
    progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) {
    self.settings = settings
    self.tenant = tenant
    self.logPath = logPath
    self.generationsPath = generationsPath
    self.number = number
    self.through = through
    self.learner = learner
    self.progress = progress
  }

  /// Does everything and returns the finished generation's manifest, with metrics for the gate.
  /// Takes the calling thread for the whole time.
  package func run() throws(TrainingFault) -> Manifest {
    let started = ContinuousNanoseconds.now
    try settings.check()
    try checkLog()
    let lock = try TrainingLock(shelf: GenerationShelf(path: generationsPath))
    defer { lock.release() }
    let data = try readLog()
    guard data.eventWeight.contains(where: { $0 > 0 }) else {
      throw TrainingFault(
        .noTrainingData,
        "Tenant \(tenant.text) has no positive event up to position \(through.value); ingest events first.")
    }
    var plan = FamilyPlan(data, settings: settings)
    try check(plan, data)
    let pool = ThreadPool(threads: settings.threads)
    let holdOut = try HoldOut.measure(data, settings: settings, plan: plan, learner: learner, pool: pool) {
      report(.evaluate, $0)
    }
    report(.evaluate, 1)
    if let chosen = holdOut?.plan { plan = chosen }
    let models = try TrainedModels.train(data, settings: settings, plan: plan, pool: pool) { report($0, $1) }
    let contest = holdOut?.ratings ?? RatingContest.unmeasured(data)
    let ratings = contest.train(data, settings: settings, pool: pool) { report(.ratings, $0) }
    report(.ratings, 1)
    report(.write, 0)
    var manifest = Manifest(
      number: number, tenant: tenant, created: Self.now, trainedTo: through, users: UInt64(data.userCount),
      items: UInt64(data.itemCount), events: UInt64(data.eventCount),
      trainingSeconds: Double(ContinuousNanoseconds.now - started) / 1e9)
    manifest.program = "magpie-train"
    manifest.settings = settings.recorded
    manifest.split = holdOut?.split
    manifest.metrics = holdOut?.metrics ?? [:]
    manifest.chosen = plan.chosen
    manifest.skipped = plan.skipped
    manifest.ranking =
      holdOut?.ranking
      ?? Manifest.Ranking(
        served: ModelName.fusion, reason: "Nothing was held out, so nothing could show that a blend wins.")
    // What was measured fitted once; on more it may still fail, and then nothing is promised.
    manifest.ratings =
      contest.winner != .none && ratings == nil
      ? Manifest.Ranking(
        served: "none", reason: "Factors left the range of numbers when fitted to everything.")
      : contest.verdict
    let blend = holdOut?.trees.map { (trees: $0, statistics: data.blendStatistics) }
    let written = try write(
      models, plan: plan, blend: blend, ratings: ratings, items: data.items, manifest: manifest)
    report(.write, 1)
    return written
  }

  func report(_ stage: TrainingStage, _ within: Double) {
    progress(TrainingProgress(stage: stage, within: within))
  }

  /// Refuses, with the numbers, before the models' memory is taken. What the plan leaves out for want of memory is no
  /// reason to refuse.
  private func check(_ plan: FamilyPlan, _ data: Interactions) throws(TrainingFault) {
    if plan.bytes > settings.memoryLimitBytes {
      throw TrainingFault(
        .memoryLimit,
        """
        Training on \(data.eventCount) events of \(data.userCount) users and \(data.itemCount) items with \
        \(plan.factors.dimensions) factors and \(settings.neighbours) neighbours needs up to \(plan.bytes) bytes; \
        memory-limit is \(settings.memoryLimitBytes). Raise it, or lower factors or neighbours.
        """)
    }
  }
}
