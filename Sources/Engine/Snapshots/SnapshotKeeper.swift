import Glibc
import Ingestion
import Locking
import Logging
import Metering
import Models
import Storage
import Synchronization
import Vocabulary

/// Makes snapshots, on demand and on schedule, one at a time and on a thread of its own; verifies them; removes old
/// ones, and the log that only they would have needed.
///
/// Whatever fails ends as a message in `Status` and in the log: ingest and reads go on, older snapshots stay.
final class SnapshotKeeper: Sendable {
  enum Job: Sendable {
    case create
    case verify(SnapshotName)
  }

  /// What the daemon is, for the manifest.
  struct Identity: Sendable {
    var version: String
    var configurationHash: UInt64
    /// The configuration in force as a valid file.
    var configurationText: String
  }

  let settings: SnapshotSettings
  let directory: DataDirectory
  let ingestor: Ingestor
  let tenants: [ServedTenant]
  let identity: Identity
  let logger: Logger
  let shelf: SnapshotShelf
  /// Of those that were made; verifying on demand does not count.
  let meters = JobMeters()
  private let state = Locked(Work())
  private let bell = Bell()
  private let isStopping = Atomic<Bool>(false)
  /// Replaced once, when the keeper starts.
  private let thread = Locked<WorkerThread?>(nil)

  private struct Work: Sendable {
    var waiting: Job?
    var status = SnapshotStatus()
    /// When a scheduled one was last tried, seconds, and the position it would have had.
    var tried: (seconds: Int64, position: Position)?
  }

  init(
    settings: SnapshotSettings, directory: DataDirectory, ingestor: Ingestor, tenants: [ServedTenant],
    identity: Identity, logger: Logger
  ) {
    self.settings = settings
    self.directory = directory
    self.ingestor = ingestor
    self.tenants = tenants
    self.identity = identity
    self.logger = logger
    shelf = SnapshotShelf(path: settings.path(in: directory.snapshotsPath), on: directory.disk)
  }

  /// Looks at what is there, and begins to work. Without a thread no snapshots are made, which each request is told.
  func start() {
    if let newest = try? newestUsable() {
      meters.lastSuccess.set(Int(clamping: newest.created.seconds))
      state.withLock { work in
        work.status.newest = newest.created
        work.tried = (newest.created.seconds, newest.position)
      }
    } else if directory.base() > .zero {
      logger.warning(
        "The log does not reach back to its beginning, and there is no snapshot in \(shelf.path): make one, so that a damaged state can be made anew.",
        metadata: ["event": "snapshot_missing"])
    }
    thread.withLock { $0 = WorkerThread("magpie-snapshot", isBackground: true) { [self] in run() } }
  }

  private func newestUsable() throws(StorageFault) -> SnapshotName? {
    for entry in try shelf.list() {
      if entry.problem.isEmpty, let manifest = entry.manifest, directory.shares(manifest) {
        return entry.name
      }
    }
    return nil
  }

  // MARK: Callers

  var status: SnapshotStatus { state.withLock { $0.status } }

  /// Begins a job.
  /// - Returns: its status, with the number that tells it from others.
  func begin(_ job: Job) throws(Fault) -> SnapshotStatus {
    guard thread.withLock({ $0 != nil }) else {
      throw Fault(
        .snapshotFailed, "The system had no thread left for snapshots; raise the limit (ulimit -u), restart.")
    }
    if isStopping.load(ordering: .acquiring) {
      throw Fault(.draining, "The daemon is stopping; try again later.")
    }
    let status = try state.withLock { (work) throws(Fault) in
      guard work.waiting == nil, work.status.state != .creating, work.status.state != .verifying else {
        throw Fault(
          .snapshotBusy,
          "A snapshot is being \(work.status.state == .verifying ? "verified" : "made"); wait until that has ended.",
          retryAfterMilliseconds: 5_000)
      }
      work.waiting = job
      work.status = Self.begun(job, after: work.status)
      return work.status
    }
    bell.ring()
    return status
  }

  private static func begun(_ job: Job, after last: SnapshotStatus) -> SnapshotStatus {
    var status = SnapshotStatus()
    status.job = last.job + 1
    status.newest = last.newest
    status.started = .now
    switch job {
    case .create: status.state = .creating
    case .verify(let name):
      status.state = .verifying
      status.snapshot = name.text
    }
    return status
  }

  /// Stops what goes on, and waits. Blocks shortly.
  func stop() {
    isStopping.store(true, ordering: .releasing)
    bell.ring()
    let thread = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    thread?.join()
  }

  // MARK: The thread

  private func run() {
    while !isStopping.load(ordering: .acquiring) {
      if let job = next() { perform(job) } else { bell.wait(milliseconds: 1_000) }
    }
  }

  /// What was asked for, or what is due.
  private func next() -> Job? {
    let now = Timestamp.now.seconds
    let position = ingestor.applied
    return state.withLock { work in
      if let job = work.waiting {
        work.waiting = nil
        return job
      }
      guard settings.everySeconds > 0, position > (work.tried?.position ?? .zero) else { return nil }
      // A clock that went back must not postpone it for as long.
      if let tried = work.tried?.seconds, now >= tried, now - tried < settings.everySeconds { return nil }
      work.status = Self.begun(.create, after: work.status)
      return .create
    }
  }

  private func perform(_ job: Job) {
    do throws(StorageFault) {
      switch job {
      case .create:
        state.withLock { $0.tried = (Timestamp.now.seconds, ingestor.applied) }
        let began = ContinuousNanoseconds.now
        let manifest: SnapshotManifest
        do throws(StorageFault) {
          manifest = try create()
        } catch {
          meters.failed.add()
          throw error
        }
        meters.succeeded(
          nanoseconds: ContinuousNanoseconds.now &- began, atSeconds: Timestamp.now.seconds,
          bytes: manifest.bytes)
        finish(nil, newest: Timestamp(microseconds: manifest.created))
        logger.info(
          "A snapshot is made and verified.",
          metadata: [
            "event": "snapshot_created", "snapshot": "\(manifest.name.text)", "bytes": "\(manifest.bytes)",
            "position": "\(manifest.position)",
          ])
        tidy()
      case .verify(let name):
        let manifest = try SnapshotShelf.verify(at: shelf.path(of: name)) { (bytes) throws(StorageFault) in
          guard note(bytes) else { throw stopped(name) }
        }
        finish(nil, newest: status.newest)
        logger.info(
          "A snapshot is verified.",
          metadata: ["event": "snapshot_verified", "snapshot": "\(name.text)", "bytes": "\(manifest.bytes)"])
      }
    } catch {
      finish(error.description, newest: status.newest)
      logger.error(
        "The snapshot failed: \(error.description)",
        metadata: ["event": "snapshot_failed", "file": "\(error.file)"])
    }
  }

  private func stopped(_ name: SnapshotName) -> StorageFault {
    StorageFault(.stopped, file: shelf.path(of: name), "The daemon stops.")
  }

  /// Notes progress; false when it is time to stop.
  func note(_ bytes: UInt64) -> Bool {
    state.withLock { work in
      work.status.bytes = bytes
      work.status.bytesTotal = max(work.status.bytesTotal, bytes)
    }
    return !isStopping.load(ordering: .acquiring)
  }

  var mayGoOn: Bool { !isStopping.load(ordering: .acquiring) }

  func expect(_ name: SnapshotName, bytes: UInt64) {
    state.withLock { work in
      work.status.snapshot = name.text
      work.status.bytesTotal = bytes
    }
  }

  private func finish(_ problem: String?, newest: Timestamp) {
    state.withLock { work in
      work.status.state = problem == nil ? .succeeded : .failed
      work.status.message = problem ?? ""
      work.status.finished = .now
      work.status.newest = newest
      if problem == nil { work.status.bytesTotal = work.status.bytes }
    }
  }
}
