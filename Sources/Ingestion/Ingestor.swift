import FaultPoints
import LiveState
import Locking
import Logging
import Storage
import Vocabulary

/// The write path: takes batches from any thread, answers when they are durable and visible.
///
/// Three kinds of threads: callers validate and queue; one committer writes the log and changes live state;
/// one store thread brings LevelDB up to date behind it. `Ingestor+Start` says how it begins.
package final class Ingestor: Sendable {
  /// What is known right now, of every tenant.
  package let live: LiveState
  let path: WritePath
  let queue: SubmissionQueue
  private let store: StateStore
  /// Nil where someone else takes their steps.
  private let committer: WorkerThread?
  private let storeThread: WorkerThread?

  init(
    live: LiveState, path: WritePath, store: StateStore, queue: SubmissionQueue, committer: WorkerThread?,
    storeThread: WorkerThread?
  ) {
    self.live = live
    self.path = path
    self.store = store
    self.queue = queue
    self.committer = committer
    self.storeThread = storeThread
  }

  // MARK: How far it has come

  /// Last position that is durable.
  package var committed: Position { path.committed }
  /// Last position visible to reads.
  package var applied: Position { path.applied }
  /// Last position contained in LevelDB; replay after a crash starts behind it.
  package var stored: Position { path.stored }
  /// Whether a write failed, so that ingest is refused until a restart.
  package var isFenced: Bool { path.isFenced }
  package var logBytes: UInt64 { path.logBytes }
  package var logSegments: Int { path.logSegments }
  /// Events that are durable but not in LevelDB yet.
  package var unstoredEvents: Int { path.unstored.count }
  package var meters: IngestionMeters { path.meters }
  /// What waits to be committed.
  package var queued: (submissions: Int, bytes: Int) { (queue.count, queue.bytes) }
  package var deadLetters: DeadLetterDesk { path.deadLetters }
  /// The next accepted event that names a list, nil if there is none. REQUIRES: one taker at a time.
  package func takeAttributed() -> AttributedEvent? { path.attributed.take() }
  /// Below this much free space ingest is refused.
  package var diskFreeBytesMin: UInt64 { path.diskFreeBytesMin }

  /// Puts in force what may change while running.
  package func apply(_ settings: Settings) {
    path.storeIntervalMilliseconds = settings.storeIntervalMilliseconds
    path.diskFreeBytesMin = settings.diskFreeBytesMin
    path.overload = settings.overload
  }

  /// Why no batch is taken right now whatever it holds, or nil: so that it need not even be decoded. Two atomic loads.
  package var refusal: Fault? {
    if path.isFenced { return path.fenceFault }
    return queue.fullness
  }

  // MARK: Batches

  /// Validates and queues events. `complete` is called exactly once, here or on the committer's thread.
  /// - Parameters:
  ///   - deadline: monotonic nanoseconds; what was not begun by then is refused whole.
  ///   - keepsRefused: whether events that are refused become dead letters.
  package func ingest(
    _ request: IngestEventsRequest, tenant: TenantName, deadline: UInt64 = .max,
    received: UInt64 = ContinuousNanoseconds.now, keepsRefused: Bool = true,
    complete: @escaping @Sendable (Outcome) -> Void
  ) {
    let now = path.now
    submit(
      request.events, field: "events", tenant, deadline, received, complete, wrap: { .ingestEvents($0) },
      check: { (draft) throws(Fault) in .event(try Event(checking: draft, now: now)) },
      keepsRefused: keepsRefused,
      refused: { if keepsRefused { path.deadLetters.put($0, $1, of: tenant) } })
  }

  /// Validates and queues catalogue entries. Each replaces what was there.
  package func put(
    _ request: PutItemsRequest, tenant: TenantName, deadline: UInt64 = .max,
    received: UInt64 = ContinuousNanoseconds.now, complete: @escaping @Sendable (Outcome) -> Void
  ) {
    submit(
      request.items, field: "items", tenant, deadline, received, complete, wrap: { .putItems($0) },
      check: { (draft) throws(Fault) in .putItem(try Item(checking: draft)) })
  }

  /// Validates and queues profiles. Each replaces what was there.
  package func put(
    _ request: PutUsersRequest, tenant: TenantName, deadline: UInt64 = .max,
    received: UInt64 = ContinuousNanoseconds.now, complete: @escaping @Sendable (Outcome) -> Void
  ) {
    submit(
      request.users, field: "users", tenant, deadline, received, complete, wrap: { .putUsers($0) },
      check: { (draft) throws(Fault) in .putUser(try UserProfile(checking: draft)) })
  }

  /// Queues deletions. Deleting what is not there is no error: it is gone either way.
  package func delete(
    _ request: DeleteItemsRequest, tenant: TenantName, deadline: UInt64 = .max,
    received: UInt64 = ContinuousNanoseconds.now, complete: @escaping @Sendable (Outcome) -> Void
  ) {
    submit(
      request.items, field: "items", tenant, deadline, received, complete, wrap: { .deleteItems($0) },
      check: { (id) throws(Fault) in .deleteItem(try ItemIdentifier(id, field: "items")) })
  }

  private func submit<Draft>(
    _ drafts: [Draft], field: String, _ name: TenantName, _ deadline: UInt64, _ received: UInt64,
    _ complete: @escaping @Sendable (Outcome) -> Void, wrap: @escaping @Sendable (VerdictsReply) -> Reply,
    check: (Draft) throws(Fault) -> LogEntry.Change, keepsRefused: Bool = false,
    refused: (Draft, Fault) -> Void = { _, _ in }
  ) {
    FaultPoints.reach(.ingestReceived)
    guard let tenant = live.tenant(name) else {
      return complete(.failure(.unknownTenant(name)))
    }
    guard drafts.count <= Limits.batchItemsMax else {
      return complete(
        .failure(
          Fault(
            .tooMany, "The batch holds \(drafts.count); at most \(Limits.batchItemsMax) are allowed.",
            field: field)))
    }
    // Refused before the work of validation; the committer looks again.
    if path.isFenced { return complete(.failure(path.fenceFault)) }

    var candidates: [Submission.Candidate] = []
    candidates.reserveCapacity(drafts.count)
    var bytes = 64
    var hasChanges = false
    for draft in drafts {
      do {
        let change = try check(draft)
        bytes += change.approximateBytes
        hasChanges = true
        candidates.append(.change(change))
      } catch {
        refused(draft, error)
        candidates.append(.rejected(error))
      }
    }
    guard hasChanges else {
      var reply = VerdictsReply()
      reply.verdicts = candidates.compactMap {
        guard case .rejected(let fault) = $0 else { return nil }
        path.meters.rejected.add(fault.reason)
        return .rejected(fault)
      }
      return complete(.success(wrap(reply)))
    }
    guard bytes <= Limits.commitGroupBytesMax else {
      return complete(
        .failure(
          Fault(
            .messageTooLarge,
            "The batch takes about \(bytes) bytes in the log; at most \(Limits.commitGroupBytesMax) are allowed. Send smaller batches."
          )))
    }
    let submission = Submission(
      work: .changes(candidates, of: tenant, wrap: wrap), bytes: bytes, deadline: deadline,
      keepsRefused: keepsRefused, received: received,
      complete: { if case .reply(let outcome) = $0 { complete(outcome) } })
    if let fault = queue.put(submission) { complete(.failure(fault)) }
    FaultPoints.reach(.ingestQueued)
  }

  /// Closes the current log segment, so that the trainer can read everything submitted before. Answers with
  /// the last position in sealed segments.
  package func seal(complete: @escaping @Sendable (Result<Position, Fault>) -> Void) {
    let submission = Submission(
      work: .seal, bytes: 0, deadline: .max,
      complete: { if case .sealed(let result) = $0 { complete(result) } })
    if let fault = queue.put(submission) { complete(.failure(fault)) }
  }

  // MARK: Snapshots

  /// Ends the segment and holds the state at exactly its last position, where everything submitted before is
  /// contained. Blocks; ingest waits for the last part of it, one round of storing.
  /// The point must be let go before `stop` is called.
  package func export() -> Result<ExportPoint, Fault> {
    // Most of the backlog is stored before ingest is held up for the rest.
    path.storeBell.ring()
    let aim = path.applied
    let deadline = ContinuousNanoseconds.now &+ 10_000_000_000
    while path.stored < aim, !path.isFenced, ContinuousNanoseconds.now < deadline {
      path.storedBell.wait(milliseconds: 5)
    }
    return blocking(.export) { if case .exported(let result) = $0 { result } else { nil } }
  }

  /// Removes log segments that lie wholly up to `position` and whose newest record was taken in by `time`. Blocks.
  /// REQUIRES: a verified snapshot contains everything up to `position`.
  /// - Returns: segments removed.
  package func pruneLog(through position: Position, takenInBy time: Timestamp) -> Result<Int, Fault> {
    blocking(.prune(through: position, by: time)) { if case .pruned(let result) = $0 { result } else { nil } }
  }

  private func blocking<Value: Sendable>(
    _ work: Submission.Work, _ value: @escaping @Sendable (Submission.Answer) -> Result<Value, Fault>?
  ) -> Result<Value, Fault> {
    let answer = Locked<Result<Value, Fault>?>(nil)
    let bell = Bell()
    let submission = Submission(
      work: work, bytes: 0, deadline: .max,
      complete: { given in
        answer.withLock { $0 = value(given) }
        bell.ring()
      })
    if let fault = queue.put(submission) { return .failure(fault) }
    while true {
      if let given = answer.withLock({ $0 }) { return given }
      bell.wait(milliseconds: 1_000)
    }
  }

  // MARK: Scrub

  /// Reads the whole state with all checksums; see `StateStore.scrub`. Blocks.
  /// REQUIRES: it has returned before `stop` is called.
  package func scrubState(each: (UInt64) throws(StorageFault) -> Void) throws(StorageFault) {
    try store.scrub(each: each)
  }

  /// About how many bytes that reads.
  package var stateBytes: UInt64 { store.approximateBytes }

  // MARK: End

  /// Commits what is queued, stores everything, closes log and store. Blocks; further calls do nothing.
  package func stop() {
    queue.close()
    committer?.join()
    FaultPoints.reach(.stopCommitted)
    path.isFinished = true
    path.storeBell.ring()
    storeThread?.join()
    FaultPoints.reach(.stopStored)
  }

  /// Ends as a crash would: what is queued is refused, and nothing more is stored, so that the next start
  /// replays the log. Nothing acknowledged is lost by it.
  package func abandon() {
    path.isAbandoned = true
    queue.close()
    path.storedBell.ring()
    committer?.join()
    path.storeBell.ring()
    storeThread?.join()
  }
}

extension Fault {
  /// A request for a tenant that is not configured.
  package static func unknownTenant(_ name: TenantName) -> Fault {
    Fault(
      .tenantUnknown, "There is no tenant \(name.text); tenants are listed in the configuration.",
      field: "tenant")
  }
}

/// The state held at one position, for a snapshot.
package struct ExportPoint: Sendable {
  /// Contains exactly the positions up to `state.position`; the log goes on behind it with a segment of its own.
  package let state: StateExport
  /// Ingest time of the newest record contained.
  package let ingestTime: Timestamp
  /// First position the log still has.
  package let logBegins: Position
}
