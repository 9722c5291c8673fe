import Glibc
import LiveState
import Locking
import Logging
import Storage
import Vocabulary

extension Ingestor {
  /// Opens log and state, restores live state, replays what LevelDB does not contain, and starts the threads.
  /// Blocks until live state is as it was. A state that is damaged is set aside and made anew from snapshot and log.
  ///
  /// - Throws: what `EventLog.open` throws; `corrupt` if the state claims more than the log holds, or if it is damaged
  ///   and log and snapshots do not reach back far enough; `foreign` if the log holds changes of a tenant that is not
  ///   configured.
  package static func start(
    _ directory: DataDirectory, settings: Settings, logger: Logger, limits: IngestionLimits = .standard
  ) throws(StorageFault) -> Ingestor {
    let recovered = try recover(directory, settings, logger, limits, isThreaded: true)
    return try run(recovered, limits: limits)
  }

  /// What a start leaves to run on.
  struct Recovered {
    let log: EventLog
    let live: LiveState
    let path: WritePath
    let behind: WriteBehind
  }

  /// - Parameter isThreaded: false does everything on the caller's thread, in the same order every time.
  static func recover(
    _ directory: DataDirectory, _ settings: Settings, _ logger: Logger, _ limits: IngestionLimits,
    isThreaded: Bool
  ) throws(StorageFault) -> sending Recovered {
    do throws(StorageFault) {
      return try attempt(directory, settings, logger, limits, isThreaded)
    } catch {
      // Damage that only reading the records shows is noted, and what was restored of them is thrown away. The
      // second attempt begins with a state made anew.
      guard error.kind == .corrupt, try directory.stateDamage() != nil else { throw error }
      return try attempt(directory, settings, logger, limits, isThreaded)
    }
  }

  private static func attempt(
    _ directory: DataDirectory, _ settings: Settings, _ logger: Logger, _ limits: IngestionLimits,
    _ isThreaded: Bool
  ) throws(StorageFault) -> sending Recovered {
    let began = ContinuousNanoseconds.now
    let live = LiveState(tenants: settings.tenants, weights: settings.reading.weights)
    let log = try EventLog.open(directory)
    let store: StateStore
    do {
      store = try openState(directory, log, settings, logger)
    } catch {
      log.close()
      throw error
    }
    if let torn = log.tornTail {
      logger.warning(
        "The end of the log was a write that a crash left unfinished; it was set aside and cut off. Nothing acknowledged was in it.",
        metadata: [
          "event": "torn_tail", "file": "\(torn.file)", "bytes": "\(torn.bytes)",
          "last": "\(torn.last.value)",
        ])
    }
    let path = WritePath(
      logger: logger, storeIntervalMilliseconds: settings.storeIntervalMilliseconds,
      diskFreeBytesMin: settings.diskFreeBytesMin, overload: settings.overload,
      deadLetters: DeadLetterDesk(directory, logger: logger),
      clock: directory.disk)
    let behind = WriteBehind(directory: directory, store: store, live: live, path: path, limits: limits)
    do {
      let recovery = Recovery(
        directory: directory, log: log, store: store, live: live, path: path, behind: behind, limits: limits,
        isThreaded: isThreaded)
      let replayed = try recovery.run()
      logger.info(
        "Live state is restored.",
        metadata: [
          "event": "restored", "position": "\(path.applied.value)", "replayed": "\(replayed)",
          "milliseconds": "\((ContinuousNanoseconds.now - began) / 1_000_000)",
        ])
    } catch {
      log.close()
      store.close()
      throw error
    }
    return Recovered(log: log, live: live, path: path, behind: behind)
  }

  /// Opens the state, or makes it anew where it cannot be trusted.
  private static func openState(
    _ directory: DataDirectory, _ log: EventLog, _ settings: Settings, _ logger: Logger
  ) throws(StorageFault) -> StateStore {
    var finding = try directory.stateDamage()
    if finding == nil {
      do throws(StorageFault) {
        return try StateStore.open(directory)
      } catch {
        guard error.kind == .corrupt else { throw error }
        finding = error.description
      }
    }
    let shelf = SnapshotShelf(
      path: settings.snapshots.path(in: directory.snapshotsPath), on: directory.disk)
    let rebuilt = try StateStore.rebuild(directory, end: Position(log.next.value &- 1), snapshots: shelf)
    logger.warning(
      "The state was damaged; it was set aside and is made anew from \(rebuilt.snapshot == nil ? "the log" : "snapshot and log"). Nothing is lost.",
      metadata: [
        "event": "state_rebuilt", "finding": "\(finding ?? "")", "set_aside": "\(rebuilt.setAside ?? "")",
        "snapshot": "\(rebuilt.snapshot?.text ?? "")",
      ])
    return rebuilt.store
  }

  private static func run(
    _ recovered: sending Recovered, limits: IngestionLimits
  ) throws(StorageFault) -> Ingestor {
    let (live, path, behind) = (recovered.live, recovered.path, recovered.behind)
    let directory = behind.directory
    let queue = SubmissionQueue(bytesMax: limits.queueBytesMax)
    let committer = Committer(recovered, queue: queue, limits: limits)
    guard let storeThread = WorkerThread("magpie-store", { behind.run() }) else {
      throw noThread(directory)
    }
    guard let commitThread = WorkerThread("magpie-commit", { committer.run() }) else {
      path.isAbandoned = true
      path.storeBell.ring()
      storeThread.join()
      throw noThread(directory)
    }
    return Ingestor(
      live: live, path: path, store: behind.store, queue: queue, committer: commitThread,
      storeThread: storeThread)
  }

  private static func noThread(_ directory: DataDirectory) -> StorageFault {
    StorageFault(
      .io(errno: EAGAIN), file: directory.path,
      "The system has no thread left for the write path; raise the limit on threads (ulimit -u).")
  }
}
