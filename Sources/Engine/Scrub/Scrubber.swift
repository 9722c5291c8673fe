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
/// in the reply, in `Status`, in the log and in the metrics; nothing is changed, except that a damaged state is noted, so that
/// the next start makes it anew. How the last one ended is kept in the data directory, so that the time to the next counts
/// from it over restarts.
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
  /// As in the data directory. Only `start` and then the thread use it.
  private let record = Locked(ScrubRecord(since: .zero))
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

  /// Takes up where the last run of the daemon ended, and begins to wait.
  func start() {
    var found: ScrubRecord?
    do throws(StorageFault) {
      found = try ScrubFile.read(directory)
    } catch {
      warn("The last scrub is not known: \(error.description)", error)
    }
    let record = found ?? ScrubRecord(since: directory.disk.now())
    self.record.withLock { $0 = record }
    state.withLock { $0 = record.last }
    meters.lastSuccess.set(Int(clamping: record.last.lastWhole.seconds))
    // Without it a daemon that is restarted often would never be due.
    if found == nil { keep(record) }
    thread.withLock { $0 = WorkerThread("magpie-scrub", isBackground: true) { [self] in run() } }
  }

  private func keep(_ record: ScrubRecord) {
    self.record.withLock { $0 = record }
    do throws(StorageFault) {
      try ScrubFile.write(record, in: directory)
    } catch {
      warn("How the scrub went cannot be kept over a restart: \(error.description)", error)
    }
  }

  private func warn(_ text: String, _ fault: StorageFault) {
    logger.warning("\(text)", metadata: ["event": "scrub_record", "file": "\(fault.file)"])
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

  // MARK: Callers

  var report: ScrubReply { state.withLock { $0 } }

  /// Damaged files that the last scrub that was finished found, also one before the last restart.
  var damagesFound: UInt64 { record.withLock { $0.last.damagesTotal } }

  /// Begins one, unless one is under way.
  func begin() throws(Fault) -> ScrubReply {
    guard thread.withLock({ $0 != nil }), !isStopping.load(ordering: .acquiring) else {
      throw Fault(.draining, "The daemon is stopping, or has no thread left for it; try again later.")
    }
    let report = state.withLock { report in
      if report.state != .running { report = Self.begun(after: report) }
      isWanted.store(true, ordering: .releasing)
      return report
    }
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
    while mayGoOn {
      if isWanted.exchange(false, ordering: .acquiringAndReleasing) || isDue() {
        state.withLock { if $0.state != .running { $0 = Self.begun(after: $0) } }
        scrub()
      } else {
        bell.wait(milliseconds: 1_000)
      }
    }
  }

  /// Whether the time has passed since the last one ended, or since the directory was first served. A clock that went back
  /// behind that makes one due: it must not postpone it for as long.
  private func isDue() -> Bool {
    guard settings.everySeconds > 0 else { return false }
    let record = record.withLock { $0 }
    let last = max(record.since, record.last.finished).seconds
    let now = directory.disk.now().seconds
    return now < last || now - last >= settings.everySeconds
  }

  private func scrub() {
    let began = ContinuousNanoseconds.now
    var work = Work(self)
    do throws(StorageFault) {
      try work.run()
    } catch {
      meters.failed.add()
      finish(.failed, error.description, isEnded: error.kind != .stopped)
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

  /// - Parameter isEnded: whether the next one comes after its time; one that the daemon's end stopped counts for nothing.
  private func finish(_ outcome: ScrubReply.State, _ message: String, isEnded: Bool = true) {
    let report = state.withLock { report in
      // Asked for while it went on: that one counted. Within the lock, so that what is asked for from now on stays asked for.
      isWanted.store(false, ordering: .releasing)
      report.state = outcome
      report.message = message
      report.finished = .now
      if outcome == .whole { report.lastWhole = report.finished }
      report.bytesTotal = max(report.bytes, outcome == .failed ? report.bytesTotal : 0)
      return report
    }
    guard isEnded else { return }
    var record = record.withLock { $0 }
    record.since = min(record.since, report.finished)
    let known = record.last
    record.last = report
    record.last.job = 0
    // One that could not be finished makes nothing whole that was damaged before.
    if outcome == .failed, report.damagesTotal < known.damagesTotal {
      (record.last.damages, record.last.damagesTotal) = (known.damages, known.damagesTotal)
    }
    keep(record)
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
