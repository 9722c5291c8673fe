import Ingestion
import LiveState
import Locking
import Logging
import Metering
import Models
import Serving
import Storage
import Synchronization
import Vocabulary

/// Answers every request: reads at once on the caller's event loop, writes by way of the ingestor, and whatever
/// touches generations on a thread of its own. The one place where paths meet; `Engine+Start` puts it together.
package final class Engine: RequestHandler {
  let directory: DataDirectory
  let inForce: InForce
  let version: String
  let gauge: ConnectionGauge
  let logger: Logger
  let started = Timestamp.now
  let ingestor: Ingestor
  let tenants: [ServedTenant]
  let supervisor: TrainingSupervisor
  /// Of the snapshots that were made.
  package var snapshotMeters: JobMeters { keeper.meters }
  var scrubMeters: JobMeters { scrubber.meters }
  let scrubber: Scrubber
  package let memory: MemoryKeeper
  let keeper: SnapshotKeeper
  private let tenantsByName: [TenantName: ServedTenant]
  private let schedule: TrainingSchedule?
  /// What lists lead to.
  let feedback: FeedbackDesk
  private let background: BackgroundWorker
  /// Stand for the scenario of lists that have none.
  private static let similarName = Array("similar".utf8)
  private static let completeName = Array("complete".utf8)
  private static let rankName = Array("rank".utf8)
  private let draining = Atomic<Bool>(false)
  private let stopped = Atomic<Bool>(false)
  private let drainAction = Locked<(@Sendable () -> Void)?>(nil)
  private let configAction = Locked<ConfigAction?>(nil)
  private let latencyTables = Locked<[LatencyTable]>([])
  let rankings: RankingStore
  let cursorSecret = PageCursor.Secret()

  init(
    directory: DataDirectory, settings: Settings, configurationHash: UInt64, version: String,
    gauge: ConnectionGauge, logger: Logger, ingestor: Ingestor, tenants: [ServedTenant],
    supervisor: TrainingSupervisor, keeper: SnapshotKeeper, scrubber: Scrubber, background: BackgroundWorker,
    memory: MemoryKeeper
  ) {
    self.directory = directory
    inForce = InForce(.init(settings: settings, configurationHash: configurationHash))
    self.version = version
    self.gauge = gauge
    self.logger = logger
    self.ingestor = ingestor
    self.tenants = tenants
    self.supervisor = supervisor
    self.keeper = keeper
    self.scrubber = scrubber
    self.background = background
    self.memory = memory
    rankings = RankingStore(bytesMax: settings.overload.queueShare(of: Limits.keptRankingBytesMax))
    tenantsByName = Dictionary(tenants.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    schedule = TrainingSchedule(tenants: tenants, supervisor: supervisor)
    feedback = FeedbackDesk(
      settings.feedback, ingestor: ingestor, tenants: tenants, directory: directory, logger: logger)
    feedback.start()
  }

  // MARK: RequestHandler

  package func makeScratch() -> EngineScratch {
    let latencies = LatencyTable()
    latencyTables.withLock { $0.append(latencies) }
    return EngineScratch(
      tenantCount: tenants.count, latencies: latencies, exposures: feedback.makeWay())
  }

  package func refusal(of class: RequestClass) -> Fault? {
    if let fault = memory.refusal(of: `class`) { return fault }
    return switch `class` {
    case .ingest, .bulk: ingestor.refusal
    case .health, .read, .admin: nil
    }
  }

  package func answer(_ request: Request, for call: Call, using scratch: EngineScratch) -> Outcome? {
    let latencies = scratch.latencies
    guard let tenant = tenant(call.tenant, scratch) else {
      latencies.record(request.method, since: call.received, failed: true)
      return .failure(.unknownTenant(call.tenant))
    }
    latencies.inFlight.add(1)
    defer { latencies.inFlight.add(-1) }
    guard let outcome = answer(request, of: tenant, for: call, using: scratch) else { return nil }
    latencies.record(request.method, since: call.received, failed: outcome.isFailure)
    return outcome
  }

  package func handle(
    _ request: Request, for call: Call, using scratch: EngineScratch,
    complete: @escaping @Sendable (Outcome) -> Void
  ) -> Outcome? {
    guard let tenant = tenant(call.tenant, scratch) else { return .failure(.unknownTenant(call.tenant)) }
    let method = request.method
    let latencies = scratch.latencies
    // The table is all a late completion touches: scratch belongs to its event loop.
    let later: @Sendable (Outcome) -> Void = { outcome in
      latencies.inFlight.add(-1)
      latencies.record(method, since: call.received, failed: outcome.isFailure)
      complete(outcome)
    }
    latencies.inFlight.add(1)
    guard let outcome = pass(on: request, of: tenant, for: call, later: later) else { return nil }
    latencies.inFlight.add(-1)
    latencies.record(method, since: call.received, failed: outcome.isFailure)
    return outcome
  }

  /// The tenant of that name, nil if there is none. No hashing where it is that of the loop's last request.
  private func tenant(_ name: TenantName, _ scratch: EngineScratch) -> ServedTenant? {
    if let last = scratch.lastTenant, last.name == name { return last }
    guard let tenant = tenantsByName[name] else { return nil }
    scratch.lastTenant = tenant
    return tenant
  }

  /// Nil for what another thread has to do.
  private func answer(
    _ request: Request, of tenant: ServedTenant, for call: Call, using scratch: EngineScratch
  ) -> Outcome? {
    switch request {
    case .recommend(let request): return recommend(request, of: tenant, for: call, using: scratch)
    case .similar(let request):
      return list(
        tenant, call, scratch, scenario: Self.similarName, in: request.scenario, user: request.user
      ) { (context) throws(Fault) in
        .similar(try similar(request, of: tenant, context, scratch))
      }
    case .complete(let request):
      return list(
        tenant, call, scratch, scenario: Self.completeName, in: request.scenario, user: request.user
      ) { (context) throws(Fault) in
        .complete(try complete(request, of: tenant, context, scratch))
      }
    case .rank(let request):
      return list(tenant, call, scratch, scenario: Self.rankName, in: request.scenario, user: request.user) {
        (context) throws(Fault) in
        .rank(try ReadPath.rank(request, context, scratch.reading))
      }
    case .recommendPage(let request):
      return read(tenant, call, scratch) { (context) throws(Fault) in
        .recommendPage(try recommendPage(request, of: tenant, context, scratch))
      }
    case .bundles(let request):
      return read(tenant, call, scratch) { (context) throws(Fault) in
        .bundles(try ReadPath.bundles(request, context, scratch.reading))
      }
    case .explain(let request):
      return explain(request, of: tenant, for: call, using: scratch) { .explain($0) }
    case .whyNot(let request):
      var question = ExplainRequest()
      (question.request, question.items) = (request.request, [request.item])
      return explain(question, of: tenant, for: call, using: scratch) { .whyNot($0) }
    case .check: return .success(.check(HealthReport(state: state)))
    case .hello: return .success(.hello(hello))
    case .status: return .success(.status(status))
    case .getItems(let request):
      return Outcome { () throws(Fault) in .getItems(try items(request, of: tenant)) }
    case .getUser(let request): return Outcome { () throws(Fault) in .getUser(try user(request, of: tenant)) }
    case .drain: return drain()
    case .scrub(let request):
      return Outcome { () throws(Fault) in
        .scrub(request.action == .start ? try scrubber.begin() : scrubber.report)
      }
    default: return nil
    }
  }

  /// What another thread has to do, and `answer` leaves. Nil if `later` is, or will be, called.
  private func pass(
    on request: Request, of tenant: ServedTenant, for call: Call, later: @escaping @Sendable (Outcome) -> Void
  ) -> Outcome? {
    switch request {
    case .replay(let request):
      return inBackground(later) { [self] () throws(Fault) in
        .replay(try replay(request, of: tenant, for: call))
      }
    case .experiments:
      return inBackground(later) { [self] () throws(Fault) in .experiments(experiments(of: tenant)) }
    case .ingestEvents(let request):
      ingestor.ingest(
        request, tenant: tenant.name, deadline: call.deadline, received: call.received, complete: later)
      return nil
    case .putItems(let request):
      ingestor.put(
        request, tenant: tenant.name, deadline: call.deadline, received: call.received, complete: later)
      return nil
    case .putUsers(let request):
      ingestor.put(
        request, tenant: tenant.name, deadline: call.deadline, received: call.received, complete: later)
      return nil
    case .deleteItems(let request):
      ingestor.delete(
        request, tenant: tenant.name, deadline: call.deadline, received: call.received, complete: later)
      return nil
    case .train(let request):
      supervisor.train(tenant, tuneMinutes: request.tuneMinutes) { started in
        later(started.map { .train(TrainReply(generation: $0)) })
      }
      return nil
    case .deadLetters(let request):
      let isTaken = background.run { [self] in deadLetters(request, of: tenant, later) }
      return isTaken ? nil : .failure(Fault(.draining, "The daemon is stopping; try again later."))
    case .config(let request):
      guard let action = configAction.withLock({ $0 }) else {
        return .failure(Fault(.methodUnknown, "This daemon takes its configuration from its file only."))
      }
      let isTaken = background.run {
        later(Outcome { () throws(Fault) in .config(try action(request)) })
      }
      return isTaken ? nil : .failure(Fault(.draining, "The daemon is stopping; try again later."))
    case .generations(let request):
      let isTaken = background.run { [self] in
        later(Outcome { () throws(Fault) in .generations(try generations(request, of: tenant)) })
      }
      return isTaken ? nil : .failure(Fault(.draining, "The daemon is stopping; try again later."))
    case .snapshot(let request):
      let isTaken = background.run { [self] in
        later(Outcome { () throws(Fault) in .snapshot(try snapshots(request)) })
      }
      return isTaken ? nil : .failure(Fault(.draining, "The daemon is stopping; try again later."))
    // `answer` has answered all others; named one by one, so that a new request is not forgotten.
    case .recommend, .similar, .complete, .rank, .recommendPage, .bundles, .explain, .whyNot, .check, .hello,
      .status,
      .getItems, .getUser, .drain, .scrub:
      return .failure(Fault(.internalError, "The request was passed on although it is answered at once."))
    }
  }

  /// Answers a read in one scenario from one consistent view, and notes what each step took.
  /// - Parameter view: the generation that answers instead of the one that serves.
  func read(
    _ tenant: ServedTenant, _ call: Call, _ scratch: EngineScratch, in scenario: [UInt8] = [],
    view: GenerationView? = nil,
    _ body: (ReadContext) throws(Fault) -> Reply
  ) -> Outcome {
    scratch.refresh(inForce)
    // The position is read before the rest is taken: all of it is visible then, in every part.
    var context = ReadContext(
      tenant: tenant.live, view: view ?? scratch.view(of: tenant),
      scenario: scratch.settings.scenario(scenario),
      configurationHash: scratch.settings.configurationHash, position: ingestor.applied, now: .now,
      deadline: call.deadline, cancellation: call.cancellation, received: call.received)
    context.quality = scratch.quality.value
    let outcome: Outcome
    do {
      let reply = try body(context)
      scratch.recordTimes()
      scratch.latencies.record(reply)
      outcome = .success(reply)
    } catch {
      outcome = .failure(error)
    }
    let now = ContinuousNanoseconds.now
    let took = now > call.received ? now - call.received : 0
    scratch.quality.took(took, context.settings.pace)
    scratch.latencies.quality.set(Int((scratch.quality.value * 1_000).rounded()))
    if let level = scratch.log.level(took, now, isTalkative: scratch.settings.isTalkative) {
      logRead(outcome, took, at: level, scratch)
    }
    return outcome
  }

  // MARK: State

  /// Whether ingest would be refused for lack of space right now.
  package var hasDiskSpace: Bool { directory.freeBytes() >= ingestor.diskFreeBytesMin }

  /// Damaged files that the last scrub found; reads and ingest go on beside them.
  package var damagesFound: UInt64 { scrubber.damagesFound }

  /// What health checks and clients are told.
  package var state: ServingState {
    if draining.load(ordering: .acquiring) { return .draining }
    return ingestor.isFenced ? .fenced : .ready
  }

  /// The settings in force.
  package var settings: Settings { inForce.current.settings }
  package var configurationHash: UInt64 { inForce.current.configurationHash }

  /// Puts in force what may change while running; see `Settings.reloaded`. Requests under way keep what they began
  /// with.
  /// - Parameter configurationHash: of the same settings.
  package func apply(_ settings: Settings, configurationHash: UInt64) {
    inForce.change(to: .init(settings: settings, configurationHash: configurationHash))
    ingestor.apply(settings)
    memory.limitBytes = MemoryGrant.resolved(settings.overload).memoryLimitBytes
    supervisor.apply(settings.training)
    feedback.apply(settings.feedback)
    _ = background.run { [self] in pinGenerations() }
  }

  /// Looks at the configuration or changes it. Called on a thread that may block, one call at a time.
  package typealias ConfigAction = @Sendable (ConfigRequest) throws(Fault) -> ConfigReply

  /// What `Config` does. Without it, the method is refused.
  package func whenAskedToConfigure(_ action: @escaping ConfigAction) {
    configAction.withLock { $0 = action }
  }

  /// What `Drain` does. Without it, the method is refused.
  package func whenAskedToDrain(_ action: @escaping @Sendable () -> Void) {
    drainAction.withLock { $0 = action }
  }

  private func drain() -> Outcome {
    guard let action = drainAction.withLock({ $0 }) else {
      return .failure(Fault(.methodUnknown, "This daemon can be stopped by a signal only."))
    }
    action()
    return .success(.drain(DrainReply(seconds: settings.drainSeconds)))
  }

  /// Tables of all event loops there were.
  var tables: [LatencyTable] { latencyTables.withLock { $0 } }
  /// Jobs that wait for the background thread.
  var backgroundJobs: Int { background.count }

  /// Runs `body` where blocking is allowed and answers later. Refused once the engine stops.
  private func inBackground(
    _ later: @escaping @Sendable (Outcome) -> Void, _ body: @escaping @Sendable () throws(Fault) -> Reply
  ) -> Outcome? {
    let isTaken = background.run { later(Outcome(body)) }
    return isTaken ? nil : .failure(Fault(.draining, "The daemon is stopping; try again later."))
  }

  /// Runs where blocking is allowed. False, and nothing is run, once the engine stops.
  func inBackground(_ job: @escaping @Sendable () -> Void) -> Bool { background.run(job) }

  var latencies: [LatencyReport] { LatencyTable.reports(tables) }

  /// From now on health checks say `draining`. Requests are still answered: refusing them is the transport's
  /// business, which knows which of them are new.
  package func beginDraining() { draining.store(true, ordering: .releasing) }

  /// Ends trainers, commits and stores everything, closes the directory. Blocks. Idempotent.
  /// REQUIRES: no request will come any more.
  package func stop() {
    guard !stopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
    beginDraining()
    memory.stop()
    schedule?.stop()
    supervisor.stop()
    background.stop()
    // Both may hold an iterator of the state.
    keeper.stop()
    scrubber.stop()
    ingestor.stop()
    feedback.stop()
    directory.close()
  }
}

extension Result where Success == Reply, Failure == Fault {
  init(_ body: () throws(Fault) -> Reply) {
    do {
      self = .success(try body())
    } catch {
      self = .failure(error)
    }
  }

  var isFailure: Bool {
    if case .failure = self { return true }
    return false
  }
}
