import Ingestion
import LiveState
import Locking
import Logging
import Models
import Serving
import Storage
import Synchronization
import Vocabulary

/// Answers every request: reads at once on the caller's event loop, writes by way of the ingestor, and whatever
/// touches generations on a thread of its own. The one place where paths meet; `Engine+Start` puts it together.
package final class Engine: RequestHandler {
  let directory: DataDirectory
  let settings: Settings
  let configurationHash: UInt64
  let version: String
  let gauge: ConnectionGauge
  let logger: Logger
  let started = Timestamp.now
  let ingestor: Ingestor
  let tenants: [ServedTenant]
  let supervisor: TrainingSupervisor
  private let tenantsByName: [TenantName: ServedTenant]
  private let schedule: TrainingSchedule?
  private let background: BackgroundWorker
  private let draining = Atomic<Bool>(false)
  private let stopped = Atomic<Bool>(false)
  private let latencyTables = Locked<[LatencyTable]>([])

  init(
    directory: DataDirectory, settings: Settings, configurationHash: UInt64, version: String,
    gauge: ConnectionGauge, logger: Logger, ingestor: Ingestor, tenants: [ServedTenant],
    supervisor: TrainingSupervisor, background: BackgroundWorker
  ) {
    self.directory = directory
    self.settings = settings
    self.configurationHash = configurationHash
    self.version = version
    self.gauge = gauge
    self.logger = logger
    self.ingestor = ingestor
    self.tenants = tenants
    self.supervisor = supervisor
    self.background = background
    tenantsByName = Dictionary(tenants.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    schedule = TrainingSchedule(
      everySeconds: settings.training.everySeconds, tenants: tenants, supervisor: supervisor)
  }

  // MARK: RequestHandler

  package func makeScratch() -> EngineScratch {
    let latencies = LatencyTable()
    latencyTables.withLock { $0.append(latencies) }
    return EngineScratch(tenantCount: tenants.count, latencies: latencies)
  }

  package func handle(
    _ request: Request, for call: Call, using scratch: EngineScratch,
    complete: @escaping @Sendable (Outcome) -> Void
  ) -> Outcome? {
    let method = request.method
    guard let tenant = tenantsByName[call.tenant] else {
      scratch.latencies.record(method, since: call.received, failed: true)
      return .failure(.unknownTenant(call.tenant))
    }
    let latencies = scratch.latencies
    // The table is all a late completion touches: scratch belongs to its event loop.
    let later: @Sendable (Outcome) -> Void = { outcome in
      latencies.record(method, since: call.received, failed: outcome.isFailure)
      complete(outcome)
    }
    guard let outcome = answer(request, of: tenant, for: call, using: scratch, later: later) else {
      return nil
    }
    latencies.record(method, since: call.received, failed: outcome.isFailure)
    return outcome
  }

  /// Nil if `later` is, or will be, called.
  private func answer(
    _ request: Request, of tenant: ServedTenant, for call: Call, using scratch: EngineScratch,
    later: @escaping @Sendable (Outcome) -> Void
  ) -> Outcome? {
    switch request {
    case .recommend(let request):
      return read(tenant, call, scratch) { (context) throws(Fault) in
        .recommend(try ReadPath.recommend(request, context, scratch.reading))
      }
    case .similar(let request):
      return read(tenant, call, scratch) { (context) throws(Fault) in
        .similar(try ReadPath.similar(request, context, scratch.reading))
      }
    case .complete(let request):
      return read(tenant, call, scratch) { (context) throws(Fault) in
        .complete(try ReadPath.complete(request, context, scratch.reading))
      }
    case .rank(let request):
      return read(tenant, call, scratch) { (context) throws(Fault) in
        .rank(try ReadPath.rank(request, context, scratch.reading))
      }
    case .ingestEvents(let request):
      ingestor.ingest(request, tenant: tenant.name, deadline: call.deadline, complete: later)
      return nil
    case .putItems(let request):
      ingestor.put(request, tenant: tenant.name, deadline: call.deadline, complete: later)
      return nil
    case .putUsers(let request):
      ingestor.put(request, tenant: tenant.name, deadline: call.deadline, complete: later)
      return nil
    case .deleteItems(let request):
      ingestor.delete(request, tenant: tenant.name, deadline: call.deadline, complete: later)
      return nil
    case .check: return .success(.check(HealthReport(state: state)))
    case .hello: return .success(.hello(hello))
    case .status: return .success(.status(status))
    case .getItems(let request):
      return Outcome { () throws(Fault) in .getItems(try items(request, of: tenant)) }
    case .getUser(let request): return Outcome { () throws(Fault) in .getUser(try user(request, of: tenant)) }
    case .train(let request):
      supervisor.train(tenant, tuneMinutes: request.tuneMinutes) { started in
        later(started.map { .train(TrainReply(generation: $0)) })
      }
      return nil
    case .generations(let request):
      let isTaken = background.run { [self] in
        later(Outcome { () throws(Fault) in .generations(try generations(request, of: tenant)) })
      }
      return isTaken ? nil : .failure(Fault(.draining, "The daemon is stopping; try again later."))
    }
  }

  /// Answers a read from one consistent view, and notes what each step took.
  private func read(
    _ tenant: ServedTenant, _ call: Call, _ scratch: EngineScratch,
    _ body: (ReadContext) throws(Fault) -> Reply
  ) -> Outcome {
    // The position is read before the rest is taken, so that it never promises too much.
    let context = ReadContext(
      tenant: tenant.live, view: scratch.view(of: tenant), settings: settings.reading,
      configurationHash: configurationHash, position: ingestor.applied, now: .now, deadline: call.deadline,
      cancellation: call.cancellation)
    do {
      let reply = try body(context)
      for time in scratch.reading.times { scratch.latencies.record(time) }
      return .success(reply)
    } catch {
      return .failure(error)
    }
  }

  // MARK: State

  /// What health checks and clients are told.
  var state: ServingState {
    if draining.load(ordering: .acquiring) { return .draining }
    return ingestor.isFenced ? .fenced : .ready
  }

  var latencies: [LatencyReport] { LatencyTable.reports(latencyTables.withLock { $0 }) }

  /// From now on health checks say `draining`. Requests are still answered: refusing them is the transport's
  /// business, which knows which of them are new.
  package func beginDraining() { draining.store(true, ordering: .releasing) }

  /// Ends trainers, commits and stores everything, closes the directory. Blocks. Idempotent.
  /// REQUIRES: no request will come any more.
  package func stop() {
    guard !stopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
    beginDraining()
    schedule?.stop()
    supervisor.stop()
    background.stop()
    ingestor.stop()
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
