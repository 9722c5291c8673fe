import Glibc
import LiveState
import Locking
import Logging
import Storage
import Vocabulary

extension Ingestor {
  /// Opens log and state, restores live state, replays what LevelDB does not contain, and starts the threads.
  /// Blocks until live state is as it was.
  ///
  /// - Throws: what `EventLog.open` and `StateStore.open` throw; `corrupt` if the state claims more than the
  ///   log holds, or contradicts itself; `foreign` if the log holds changes of a tenant that `live` lacks.
  package static func start(
    _ directory: DataDirectory, live: LiveState, settings: Settings, logger: Logger,
    limits: IngestionLimits = .standard
  ) throws(StorageFault) -> Ingestor {
    let began = ContinuousNanoseconds.now
    let log = try EventLog.open(directory)
    let store: StateStore
    do {
      store = try StateStore.open(directory)
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
      diskFreeBytesMin: settings.diskFreeBytesMin, deadLetters: DeadLetterDesk(directory, logger: logger))
    let behind = WriteBehind(directory: directory, store: store, live: live, path: path, limits: limits)
    do {
      let recovery = Recovery(
        directory: directory, log: log, store: store, live: live, path: path, behind: behind, limits: limits)
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
    return try run(
      log: log, store: store, behind: behind, directory: directory, live: live, path: path, limits: limits)
  }

  private static func run(
    log: sending EventLog, store: StateStore, behind: WriteBehind, directory: DataDirectory,
    live: LiveState, path: WritePath, limits: IngestionLimits
  ) throws(StorageFault) -> Ingestor {
    let queue = SubmissionQueue(bytesMax: limits.queueBytesMax)
    let committer = Committer(
      log: log, store: store, directory: directory, live: live, path: path, queue: queue, limits: limits)
    guard let storeThread = WorkerThread("magpie-store", { behind.run() }) else {
      throw noThread(directory)
    }
    guard let commitThread = WorkerThread("magpie-commit", { committer.run() }) else {
      path.isAbandoned = true
      path.storeBell.ring()
      storeThread.join()
      throw noThread(directory)
    }
    return Ingestor(live: live, path: path, queue: queue, committer: commitThread, storeThread: storeThread)
  }

  private static func noThread(_ directory: DataDirectory) -> StorageFault {
    StorageFault(
      .io(errno: EAGAIN), file: directory.path,
      "The system has no thread left for the write path; raise the limit on threads (ulimit -u).")
  }
}
