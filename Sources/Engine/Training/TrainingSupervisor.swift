import FaultPoints
import Glibc
import Ingestion
import Locking
import Logging
import Models
import Serving
import Storage
import Synchronization
import Vocabulary

/// Starts, watches and ends trainers, and puts what they make into service.
///
/// Each run has a thread of its own: it seals the log, starts the process, reads its progress, verifies the
/// generation, promotes it and removes the oldest ones. Whatever the trainer does (fails, hangs, is killed,
/// writes nonsense), it ends as a message in `Status`, and serving goes on with what it had.
final class TrainingSupervisor: Sendable {
  private let settingsInForce: Locked<TrainingSettings>
  /// What new generations are asked with before they serve, as it was at the start: the questions only show that it answers.
  private let reading: ReadingSettings
  private let directory: DataDirectory
  private let ingestor: Ingestor
  private let logger: Logger
  private let isStopping = Atomic<Bool>(false)
  private let runs = Locked(Runs())

  private struct Runs: Sendable {
    /// The last run of each tenant. One that is replaced has nothing left to do but end.
    var threads: [Int: WorkerThread] = [:]
    var children: [Int: ChildProcess] = [:]
    var nextNumber = 0
  }

  /// Lines of a trainer's error output that go into the log in one run.
  private static let loggedLinesMax = 200

  init(
    settings: TrainingSettings, reading: ReadingSettings, directory: DataDirectory, ingestor: Ingestor,
    logger: Logger
  ) {
    settingsInForce = Locked(settings)
    self.reading = reading
    self.directory = directory
    self.ingestor = ingestor
    self.logger = logger
  }

  var settings: TrainingSettings { settingsInForce.withLock { $0 } }

  /// Holds from the next training on.
  func apply(_ settings: TrainingSettings) { settingsInForce.withLock { $0 = settings } }

  // MARK: Begin

  /// Begins a run. `started` is called once, with the number of the generation as soon as the trainer runs, or
  /// with why there is none.
  ///
  /// - Parameter tuneMinutes: how long to search for settings before, whatever the configuration says; 0 leaves it
  ///   to that.
  func train(
    _ tenant: ServedTenant, tuneMinutes: UInt32 = 0,
    started: @escaping @Sendable (Result<GenerationNumber, Fault>) -> Void
  ) {
    if tuneMinutes > Limits.tuneMinutesMax {
      return started(
        .failure(
          Fault(
            .outOfRange,
            "tune_minutes is \(tuneMinutes); at most \(Limits.tuneMinutesMax) are possible.",
            field: "tune_minutes")))
    }
    if isStopping.load(ordering: .acquiring) {
      return started(.failure(Fault(.draining, "The daemon is stopping; train after it has started again.")))
    }
    guard tenant.live.counts.events > 0 else {
      return started(
        .failure(Fault(.noTrainingData, "There are no events to learn from; ingest some first.")))
    }
    let isFree = tenant.training.withLock { status in
      guard status.state != .running else { return false }
      status = TrainingStatus()
      status.state = .running
      status.stage = "start"
      status.started = .now
      return true
    }
    guard isFree else {
      return started(
        .failure(
          Fault(
            .trainingBusy, "A training of \(tenant.name.text) is running; wait until it has finished.",
            retryAfterMilliseconds: 5_000)))
    }
    let fault: Fault? = runs.withLock { runs in
      // Again, under the lock that `stop` takes.
      if isStopping.load(ordering: .acquiring) { return Fault(.draining, "The daemon is stopping.") }
      guard let thread = WorkerThread("magpie-trainer", { [self] in run(tenant, tuneMinutes, started) })
      else {
        return Fault(.trainingFailed, "The system has no thread left to watch a trainer.")
      }
      runs.threads[tenant.number] = thread
      return nil
    }
    if let fault {
      finish(tenant, .failure(fault))
      started(.failure(fault))
    }
  }

  /// On the run's own thread.
  private func run(
    _ tenant: ServedTenant, _ tuneMinutes: UInt32, _ started: (Result<GenerationNumber, Fault>) -> Void
  ) {
    let child: (process: ChildProcess, number: GenerationNumber, key: Int)
    do {
      child = try begin(tenant, tuneMinutes)
    } catch {
      finish(tenant, .failure(error))
      return started(.failure(error))
    }
    started(.success(child.number))
    let result = watch(child.process, of: tenant)
    runs.withLock { _ = $0.children.removeValue(forKey: child.key) }
    do throws(Fault) {
      try result.get()
      tenant.training.withLock { $0.stage = "verify" }
      finish(tenant, .success(try adopt(child.number, for: tenant)))
    } catch {
      finish(tenant, .failure(error))
    }
  }

  /// Seals the log, takes a number and starts the trainer.
  private func begin(_ tenant: ServedTenant, _ tuneMinutes: UInt32) throws(Fault) -> (
    ChildProcess, GenerationNumber, Int
  ) {
    let sealed = Locked<Result<Position, Fault>?>(nil)
    let bell = Bell()
    ingestor.seal { result in
      sealed.withLock { $0 = result }
      bell.ring()
    }
    // The committer always answers; a day is longer than any disk takes.
    bell.wait(milliseconds: 86_400_000)
    guard let through = try sealed.withLock({ $0 })?.get() else {
      throw Fault(.trainingFailed, "The log could not be sealed in time.")
    }
    FaultPoints.reach(.trainingSealed)
    let number: GenerationNumber
    do {
      number = try tenant.withShelf { (shelf) throws(ModelFault) in
        try shelf.sweepPartials()
        return try shelf.nextNumber()
      }
    } catch {
      throw Fault(.trainingFailed, "No generation can be made: \(error).")
    }
    FaultPoints.reach(.trainingNumbered)
    tenant.training.withLock { $0.generation = number }
    let settings = settings
    let program = try programPath(settings)
    let flags = TrainerFlags.render(
      settings, data: directory.path, tenant: tenant.name, generation: number, through: through,
      serving: tenant.current?.generation.number ?? .none, tuneMinutes: tuneMinutes)
    do {
      // Registered under the lock that `stop` takes, so that none is started behind its back.
      return try runs.withLock { (runs) throws(Fault) in
        if isStopping.load(ordering: .acquiring) {
          throw Fault(.trainingFailed, "The daemon stopped before the trainer was started.")
        }
        let process: ChildProcess
        do throws(ChildProcess.SpawnFault) {
          process = try ChildProcess(program, flags)
        } catch {
          throw Fault(
            .trainingFailed,
            "\(program) cannot be started: \(String(cString: strerror(error.errorNumber))). Set training.program."
          )
        }
        runs.nextNumber += 1
        runs.children[runs.nextNumber] = process
        logger.info(
          "A trainer is started.",
          metadata: [
            "event": "training_started", "tenant": "\(tenant.name.text)", "generation": "\(number.value)",
            "through": "\(through.value)",
          ])
        return (process, number, runs.nextNumber)
      }
    }
  }

  private func programPath(_ settings: TrainingSettings) throws(Fault) -> String {
    if !settings.program.isEmpty { return settings.program }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBufferPointer { bytes in
      bytes.baseAddress.map { readlink("/proc/self/exe", $0, bytes.count) } ?? -1
    }
    let path = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else {
      throw Fault(.trainingFailed, "The daemon cannot find its own binary; set training.program.")
    }
    return String(decoding: path[...slash], as: UTF8.self) + "magpie-train"
  }

  // MARK: Watch

  private func watch(_ process: ChildProcess, of tenant: ServedTenant) -> Result<Void, Fault> {
    var last: TrainerProgress?
    var lastComplaint = ""
    var logged = 0
    let silenceSeconds = settings.silenceSeconds
    let ending = process.run(silence: silenceSeconds * 1_000) { stream, line in
      if stream == .output, let progress = TrainerProgress(line: line) {
        last = progress
        guard let stage = progress.stage else { return }
        tenant.training.withLock { status in
          status.stage = String(stage.prefix(64))
          if let fraction = progress.fraction, fraction.isFinite {
            status.fraction = min(1, max(0, fraction))
          }
        }
      } else if !line.isEmpty {
        lastComplaint = line
        logged += 1
        guard logged <= Self.loggedLinesMax else { return }
        logger.info("\(line)", metadata: ["event": "trainer_output", "tenant": "\(tenant.name.text)"])
      }
    }
    switch ending {
    case .exit(0) where last?.done == true: return .success(())
    case .exit(let code):
      let said = last?.error ?? lastComplaint
      let why = said.isEmpty ? "The trainer ended with exit code \(code)." : said
      let reason =
        last?.reason.flatMap(FaultReason.init(rawValue:)) ?? (code == 66 ? .noTrainingData : .trainingFailed)
      return .failure(Fault(reason, why))
    case .silence:
      return .failure(
        Fault(
          .trainingFailed,
          "The trainer said nothing for \(silenceSeconds) seconds and was killed; the log has what it said before. A machine that is slower than that needs a larger training.silence_seconds."
        ))
    case .signal(let signal):
      if isStopping.load(ordering: .acquiring) {
        return .failure(Fault(.trainingFailed, "The trainer was ended because the daemon stopped."))
      }
      let advice =
        switch signal {
        case SIGKILL: " Perhaps the system ran out of memory: see training.memory_limit_bytes."
        case SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT:
          " Memory that the system refuses ends a process so, if it is not a bug: see training.memory_limit_bytes."
        default: ""
        }
      return .failure(Fault(.trainingFailed, "The trainer was killed by signal \(signal).\(advice)"))
    }
  }

  /// Verifies a new generation, switches to it if it earned its place, removes the oldest. Returns why it does not serve,
  /// or nothing if it does.
  private func adopt(_ number: GenerationNumber, for tenant: ServedTenant) throws(Fault) -> String {
    let gate: Manifest.Gate?
    do {
      gate = try tenant.withShelf { (shelf) throws(ModelFault) in
        // Also one that was refused: what lies on the shelf can be promoted by whoever insists.
        let view = try tenant.view(of: number, reading: reading)
        let gate = view.generation.manifest.gate
        if gate?.isRefused != true {
          try shelf.promote(number)
          tenant.serve(view)
        }
        return gate
      }
    } catch {
      throw Fault(.generationInvalid, "The trainer's generation is not served: \(error).")
    }
    prune(tenant)
    guard let gate, !gate.passed else { return "" }
    var metadata: Logger.Metadata = [
      "event": "generation_refused", "tenant": "\(tenant.name.text)", "generation": "\(number.value)",
    ]
    guard gate.isRefused else {
      metadata["event"] = "generation_lost"
      logger.warning(
        "A generation that lost at the gate serves, because training.gate is \(gate.mode). \(gate.reason)",
        metadata: metadata)
      return ""
    }
    logger.warning(
      "The gate refuses a generation; the one before serves on. \(gate.reason)", metadata: metadata)
    return """
      The gate refused generation \(number.value), which lies on the shelf unserved. \(gate.reason) Serve it all the same: \
      magpie generations promote \(number.value) --force
      """
  }

  private func prune(_ tenant: ServedTenant) {
    do {
      let removed = try tenant.withShelf { (shelf) throws(ModelFault) in
        try shelf.prune(keep: settings.keepGenerations, sparing: tenant.pinnedNumbers)
      }
      if !removed.isEmpty {
        logger.info(
          "Old generations are removed.",
          metadata: ["event": "pruned", "generations": "\(removed.map(\.value))"])
      }
    } catch {
      // The new one serves; too many old ones only take space.
      logger.warning("Old generations cannot be removed: \(error).", metadata: ["event": "prune_failed"])
    }
  }

  private func finish(_ tenant: ServedTenant, _ result: Result<String, Fault>) {
    let status = tenant.training.withLock { status in
      status.finished = .now
      switch result {
      case .success(let message):
        status.state = .succeeded
        status.stage = ""
        status.fraction = 1
        status.message = message
      case .failure(let fault):
        status.state = .failed
        status.message = fault.message
      }
      return status
    }
    let metadata: Logger.Metadata = [
      "event": "training_\(status.state.name)", "tenant": "\(tenant.name.text)",
      "generation": "\(status.generation.value)",
    ]
    count(result, status, for: tenant)
    switch result {
    case .success(let message):
      logger.info(
        message.isEmpty
          ? "A generation is trained and served." : "A generation is trained and does not serve.",
        metadata: metadata)
    case .failure(let fault): logger.error("Training failed: \(fault.message)", metadata: metadata)
    }
  }

  private func count(_ result: Result<String, Fault>, _ status: TrainingStatus, for tenant: ServedTenant) {
    guard case .success = result else { return tenant.trainingMeters.failed.add() }
    let microseconds = UInt64(max(0, status.finished.microseconds &- status.started.microseconds))
    tenant.trainingMeters.succeeded(
      nanoseconds: microseconds &* 1_000, atSeconds: status.finished.seconds)
  }

  // MARK: End

  /// Ends running trainers and waits for their threads. Blocks a few seconds at most.
  func stop() {
    let threads = runs.withLock { runs in
      isStopping.store(true, ordering: .releasing)
      for child in runs.children.values { child.send(SIGTERM) }
      defer { runs.threads = [:] }
      return Array(runs.threads.values)
    }
    let isDone = Locked(false)
    let bell = Bell()
    let killer = WorkerThread("magpie-killer") { [self] in
      // A trainer that heeds no SIGTERM gets two seconds.
      if bell.wait(milliseconds: 2_000) || isDone.withLock({ $0 }) { return }
      runs.withLock { runs in
        for child in runs.children.values { child.send(SIGKILL) }
      }
    }
    for thread in threads { thread.join() }
    isDone.withLock { $0 = true }
    bell.ring()
    killer?.join()
  }
}
