import Ingestion
import Locking
import Logging
import Metering
import Models
import Storage
import Synchronization
import Vocabulary

/// Reads everything stored again, on schedule and on demand, and checks it: a disk forgets silently, and what nobody reads
/// nobody misses until it is needed.
///
/// On a thread of its own, at a bounded rate, through calls that disturb neither reads nor ingest. What is damaged is named
/// in the reply, in the log and in the metrics; nothing is changed, except that a damaged state is noted, so that the next
/// start makes it anew.
final class Scrubber: Sendable {
  let settings: ScrubSettings
  let directory: DataDirectory
  let ingestor: Ingestor
  let tenants: [ServedTenant]
  let snapshots: SnapshotShelf
  let logger: Logger
  let meters = JobMeters()
  /// Damaged files found.
  let errors = Counter()
  private let state = Locked(ScrubReply())
  private let isWanted = Atomic<Bool>(false)
  private let isStopping = Atomic<Bool>(false)
  private let bell = Bell()
  /// Set once, when it starts.
  private let thread = Locked<WorkerThread?>(nil)

  init(
    settings: ScrubSettings, directory: DataDirectory, ingestor: Ingestor, tenants: [ServedTenant],
    snapshots: SnapshotShelf, logger: Logger
  ) {
    self.settings = settings
    self.directory = directory
    self.ingestor = ingestor
    self.tenants = tenants
    self.snapshots = snapshots
    self.logger = logger
  }

  func start() { thread.withLock { $0 = WorkerThread("magpie-scrub") { [self] in run() } } }

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

  // MARK: Callers

  var report: ScrubReply { state.withLock { $0 } }

  /// Begins one, unless one is under way.
  func begin() throws(Fault) -> ScrubReply {
    guard thread.withLock({ $0 != nil }), !isStopping.load(ordering: .acquiring) else {
      throw Fault(.draining, "The daemon is stopping, or has no thread left for it; try again later.")
    }
    let report = state.withLock { report in
      if report.state != .running { report = Self.begun(after: report) }
      return report
    }
    isWanted.store(true, ordering: .releasing)
    bell.ring()
    return report
  }

  private static func begun(after last: ScrubReply) -> ScrubReply {
    var report = ScrubReply()
    report.state = .running
    report.job = last.job + 1
    report.lastWhole = last.lastWhole
    report.started = .now
    return report
  }

  // MARK: The thread

  private var mayGoOn: Bool { !isStopping.load(ordering: .acquiring) }

  private func run() {
    var ended = ContinuousNanoseconds.now
    while mayGoOn {
      let waited = (ContinuousNanoseconds.now &- ended) / 1_000_000_000
      let isDue = settings.everySeconds > 0 && waited >= UInt64(clamping: settings.everySeconds)
      if isWanted.exchange(false, ordering: .acquiringAndReleasing) || isDue {
        state.withLock { if $0.state != .running { $0 = Self.begun(after: $0) } }
        scrub()
        // Asked for while it went on: that one counted.
        isWanted.store(false, ordering: .releasing)
        ended = ContinuousNanoseconds.now
      } else {
        bell.wait(milliseconds: 1_000)
      }
    }
  }

  private func scrub() {
    let began = ContinuousNanoseconds.now
    var work = Work(self)
    do throws(StorageFault) {
      try work.run()
    } catch {
      meters.failed.add()
      finish(.failed, error.description)
      if error.kind != .stopped {
        logger.error(
          "The scrub could not be finished: \(error.description)",
          metadata: ["event": "scrub_failed", "file": "\(error.file)"])
      }
      return
    }
    let report = report
    guard report.damagesTotal == 0 else {
      meters.failed.add()
      return finish(.damaged, "")
    }
    meters.succeeded(
      nanoseconds: ContinuousNanoseconds.now &- began, atSeconds: Timestamp.now.seconds, bytes: report.bytes)
    finish(.whole, "")
    logger.info(
      "Everything stored was read again and is whole.",
      metadata: ["event": "scrubbed", "bytes": "\(report.bytes)", "files": "\(report.files)"])
  }

  private func finish(_ outcome: ScrubReply.State, _ message: String) {
    state.withLock { report in
      report.state = outcome
      report.message = message
      report.finished = .now
      if outcome == .whole { report.lastWhole = report.finished }
      report.bytesTotal = max(report.bytes, outcome == .failed ? report.bytesTotal : 0)
    }
  }

  // MARK: What the work tells

  func expect(bytes: UInt64) { state.withLock { $0.bytesTotal = bytes } }

  func looked(_ damage: ScrubDamage?) {
    state.withLock { report in
      report.files += 1
      guard let damage else { return }
      report.damagesTotal += 1
      if report.damages.count < Limits.scrubDamagesMax { report.damages.append(damage) }
    }
    guard let damage else { return }
    errors.add()
    logger.error(
      "A file is damaged: \(damage.message)", metadata: ["event": "scrub_damage", "file": "\(damage.file)"])
  }

  /// Notes progress, and waits so long that the rate is kept.
  /// - Parameter began: when the work began, monotonic nanoseconds.
  func read(_ bytes: UInt64, since began: UInt64) throws(StorageFault) {
    state.withLock { report in
      report.bytes = bytes
      report.bytesTotal = max(report.bytesTotal, bytes)
    }
    while mayGoOn {
      let due = began &+ UInt64(Double(bytes) / Double(max(1, settings.bytesPerSecond)) * 1e9)
      let now = ContinuousNanoseconds.now
      guard due > now else { return }
      bell.wait(milliseconds: min(1_000, Int64((due - now) / 1_000_000) + 1))
    }
    throw StorageFault(.stopped, file: directory.path, "The daemon stops.")
  }
}
