import FaultPoints
import LiveState
import Locking
import Metering
import Storage
import Vocabulary

/// The one thread that writes the log and changes live state.
///
/// Each turn takes everything that waits and makes groups of it. One group is one log record and one
/// fdatasync, and only then are its submissions answered: an answer of success means durable and visible.
///
///     wait ─▶ dedup ─▶ append ─▶ fdatasync ─▶ apply ─▶ publish ─▶ answer
///
/// While one group syncs, the next one gathers. Callers that wait for each answer before they ask again would then fall
/// apart into two halves, each of which waits while the other is synced, and each sync would carry half of what it could. So
/// after an answer the committer waits for as many submissions as were under way, an eighth of a sync at most. A single
/// caller never waits.
///
/// Not sendable: lives on its own thread from `run` to the end.
final class Committer {
  private let log: EventLog
  private let store: StateStore
  private let directory: DataDirectory
  private let live: LiveState
  private let path: WritePath
  private let queue: SubmissionQueue
  private let limits: IngestionLimits
  private var recent = RecentEvents()
  private var group = CommitGroup()
  private var delay = QueueDelayControl(target: 0, interval: 0)
  /// Bytes of the event whose hash is taken.
  private var hashed = ByteWriter(capacity: 256)
  /// What the last fdatasync took.
  private var syncNanoseconds: UInt64 = 0

  init(_ recovered: Ingestor.Recovered, queue: SubmissionQueue, limits: IngestionLimits) {
    log = recovered.log
    store = recovered.behind.store
    directory = recovered.behind.directory
    live = recovered.live
    path = recovered.path
    self.queue = queue
    self.limits = limits
  }

  /// Works until the queue is closed and empty, then closes the log.
  func run() {
    var batch: [Submission] = []
    var underWay = 1
    while queue.take(
      into: &batch, hopingFor: underWay,
      nanoseconds: min(syncNanoseconds / Limits.commitGatherShare, Limits.commitGatherNanosecondsMax))
    {
      work(through: batch)
      underWay = batch.count + queue.count
      batch.removeAll(keepingCapacity: true)
    }
    log.close()
  }

  /// Commits and does what was taken, in order.
  func work(through batch: [Submission]) {
    for submission in batch {
      if case .changes = submission.work {
        if !group.isEmpty, !group.hasRoom(for: submission) { commit() }
        group.add(submission)
      } else {
        // They cover everything submitted before.
        commit()
        maintain(submission)
      }
    }
    commit()
  }

  /// Ends without a further commit.
  func close() { log.close() }

  // MARK: One group

  /// Makes the gathered group durable, applies and answers it.
  private func commit() {
    guard !group.isEmpty else { return }
    defer {
      queue.release(bytes: group.bytes)
      group.removeAll()
    }
    if let fault = refusal() {
      for submission in group.submissions { submission.fail(fault) }
      return
    }
    FaultPoints.reach(.commitGathered)
    waitForStore()
    let began = ContinuousNanoseconds.now
    do {
      try decide()
      guard !group.entries.isEmpty else { return answer() }
      FaultPoints.reach(.commitDecided)
      _ = try log.append(group.entries, ingestTime: group.ingestTime)
      let written = ContinuousNanoseconds.now
      try log.synchronize()
      syncNanoseconds = ContinuousNanoseconds.now &- written
      path.meters.logSync.record(syncNanoseconds)
    } catch {
      path.fence(error.message)
      for submission in group.submissions { submission.fail(path.fenceFault) }
      return
    }
    path.committed = group.last
    let durable = ContinuousNanoseconds.now
    apply()
    path.unstored.put(group.unstored)
    // Before the position: whoever has taken all that was handed on when it read a position has all up to there.
    handOn()
    path.applied = group.last
    FaultPoints.reach(.commitApplied)
    noteVisible(durable: durable)
    if path.unstored.count > limits.unstoredEventsMax / 2 { path.storeBell.ring() }
    noteLog()
    answer()
    FaultPoints.reach(.commitAnswered)
    path.meters.count(group.entries)
    path.meters.commit.record(ContinuousNanoseconds.now &- began)
  }

  private func refusal() -> Fault? {
    if path.isAbandoned {
      return Fault(.draining, "The daemon is stopping; try another one, or again later.")
    }
    if path.isFenced { return path.fenceFault }
    let (free, needed) = (directory.freeBytes(), path.diskFreeBytesMin)
    noteDisk(isLow: free < needed, free)
    guard free < needed else { return nil }
    return Fault(
      .diskLow,
      "The data directory's disk has \(free >> 20) MiB left; ingest needs \(needed >> 20). Free some space.",
      retryAfterMilliseconds: 5_000)
  }

  /// Tells when ingest stops for lack of space and when it goes on: once each, not for every group.
  private func noteDisk(isLow: Bool, _ free: UInt64) {
    guard isLow != (path.meters.diskLow.value == 1) else { return }
    path.meters.diskLow.set(isLow ? 1 : 0)
    if isLow {
      path.logger.error(
        "The disk is nearly full: ingest is refused, reads go on. Free some space; ingest then goes on by itself.",
        metadata: ["event": "disk_low", "free_bytes": "\(free)"])
    } else {
      path.logger.notice(
        "There is space again: ingest goes on.",
        metadata: ["event": "disk_recovered", "free_bytes": "\(free)"])
    }
  }

  /// Holds back while LevelDB lags too far behind, which bounds the memory for identifiers; the queue then
  /// fills and callers are told to wait.
  private func waitForStore() {
    while path.unstored.count > limits.unstoredEventsMax, !path.isFenced, !path.isAbandoned {
      path.waitForStore(milliseconds: 100)
    }
  }

  /// Gives every candidate its verdict and collects the entries that go into the log.
  private func decide() throws(StorageFault) {
    recent.forget(through: path.stored)
    let base = log.next.value
    let meters = path.meters
    let now = ContinuousNanoseconds.now
    group.begin(at: base, ingestTime: max(path.now, log.lastIngestTime))
    lookAtDelay(now)
    for index in group.submissions.indices {
      guard case .changes(let candidates, let tenant, _) = group.submissions[index].work else { continue }
      let queued = group.submissions[index].queued
      meters.queueWait.record(now > queued ? now - queued : 0)
      if group.submissions[index].deadline < now {
        group.refuse(
          index,
          Fault(.deadlineExceeded, "The deadline passed while the request waited; nothing of it was done."))
        continue
      }
      if delay.refuses(now > queued ? now - queued : 0) {
        meters.overloaded.add()
        group.refuse(index, Self.overloaded)
        continue
      }
      for candidate in candidates {
        switch candidate {
        case .rejected(let fault): reject(fault)
        case .change(.event(let event)):
          try decide(event, of: tenant, keepsRefused: group.submissions[index].keepsRefused)
        case .change(let change):
          if case .putItem(let item) = change, let fault = capacityFault(item.id, of: tenant) {
            reject(fault)
          } else {
            group.accept(change, of: tenant)
          }
        }
      }
      group.close(index)
    }
  }

  /// Whether batches wait for ever longer. The oldest one tells: the newest of a group never waited. With bulk's patience,
  /// because a sync of a slow disk takes as long as some targets of reads.
  private func lookAtDelay(_ now: UInt64) {
    let settings = path.overload
    let millisecond = RequestClass.bulk.patience * 1_000_000
    delay.target = UInt64(clamping: settings.targetMilliseconds) &* millisecond
    delay.interval = UInt64(clamping: settings.intervalMilliseconds) &* millisecond
    let oldest = group.submissions.first?.queued ?? now
    _ = delay.isTooLate(now > oldest ? now - oldest : 0, at: now)
  }

  private static var overloaded: Fault {
    Fault(
      .overloaded, "More waits to be committed than the disk keeps up with; nothing of the batch was done.",
      retryAfterMilliseconds: RequestClass.bulk.retryAfterMilliseconds)
  }

  /// An event is new, a duplicate of the one accepted before, or another one under a used identifier.
  private func decide(
    _ draft: Event, of tenant: LiveTenant, keepsRefused: Bool
  ) throws(StorageFault) {
    var event = draft
    let hash = EntryCodec.contentHash(of: event, using: &hashed)
    var known = recent.find(event.id, of: tenant.name)
    if known == nil { known = try store.event(event.id, of: tenant.name) }
    if let known {
      guard known.matches(event, hash: hash) else {
        return reject(draft, Self.reused(known), of: tenant, keepsRefused)
      }
      path.meters.duplicates.add()
      return group.note(.duplicate(known.position))
    }
    if let item = event.item, let fault = capacityFault(item, of: tenant) {
      return reject(draft, fault, of: tenant, keepsRefused)
    }
    if event.time == .zero { event.time = group.ingestTime }
    let record = EventRecord(position: group.next, hash: hash)
    recent.insert(record, event.id, of: tenant.name)
    group.unstored.append(.init(tenant: tenant.name, id: event.id, record: record))
    group.accept(.event(event), of: tenant)
  }

  private func reject(_ fault: Fault) {
    path.meters.rejected.add(fault.reason)
    group.note(.rejected(fault))
  }

  /// An event that passed every check but cannot be taken.
  private func reject(_ event: Event, _ fault: Fault, of tenant: LiveTenant, _ keeps: Bool) {
    if keeps { path.deadLetters.put(EventDraft(of: event), fault, of: tenant.name) }
    reject(fault)
  }

  private static func reused(_ known: EventRecord) -> Fault {
    Fault(
      .eventIdReused,
      "Another event was accepted under this identifier at position \(known.position.value); give each event its own.",
      field: "id")
  }

  /// Refuses a new item when the tenant's table is full: live state could not hold it.
  private func capacityFault(_ item: ItemIdentifier, of tenant: LiveTenant) -> Fault? {
    // The group's entries may all be new items; near the edge each is then looked up.
    guard tenant.counts.items + group.entries.count >= limits.itemsMax, tenant.itemIndex(item) == nil else {
      return nil
    }
    return Fault(
      .tooMany, "The tenant \(tenant.name.text) has \(limits.itemsMax) items, the most there may be.",
      field: "item")
  }

  private func apply() {
    for (offset, entry) in group.entries.enumerated() {
      let position = Position(group.first &+ UInt64(offset))
      live.tenant(entry.tenant)?.apply(entry.change, at: position, ingestTime: group.ingestTime)
    }
    for tenant in group.tenants { tenant.publish(through: group.last, now: group.ingestTime.nanoseconds) }
  }

  /// From here on every read sees the group; what was waited for it is counted.
  private func noteVisible(durable: UInt64) {
    let now = ContinuousNanoseconds.now
    path.meters.durableToVisible.record(now &- durable)
    for submission in group.submissions {
      path.meters.receivedToVisible.record(now > submission.received ? now - submission.received : 0)
    }
  }

  /// Hands on what the group's events say about lists.
  private func handOn() {
    for (offset, entry) in group.entries.enumerated() {
      guard case .event(let event) = entry.change,
        let attributed = AttributedEvent(
          event, of: entry.tenant, at: Position(group.first &+ UInt64(offset)))
      else { continue }
      if !path.attributed.put(attributed) { path.meters.unattributed.add() }
    }
  }

  private func answer() {
    for (submission, outcome) in zip(group.submissions, group.outcomes) {
      submission.complete(.reply(outcome))
    }
  }

  // MARK: Seal, export, prune

  private func maintain(_ submission: Submission) {
    if path.isFenced { return submission.fail(path.fenceFault) }
    do throws(StorageFault) {
      switch submission.work {
      case .changes: break
      case .seal:
        let sealed = try path.meters.timed(path.meters.seal) { () throws(StorageFault) in try log.seal() }
        noteLog()
        submission.complete(.sealed(.success(sealed)))
      case .export: try export(submission)
      case .prune(let through, let time):
        let removed = try prune(through, time)
        noteLog()
        submission.complete(.pruned(.success(removed)))
      }
    } catch {
      path.fence(error.message)
      submission.fail(path.fenceFault)
    }
  }

  private func noteLog() {
    path.logBytes = log.bytes
    path.logSegments = log.segmentCount
  }

  /// Ends the segment and has the state held at its last position; ingest waits for one round of storing.
  private func export(_ submission: Submission) throws(StorageFault) {
    let sealed = try log.seal()
    noteLog()
    guard let held = path.exporting.take(path) else {
      let stopping = Fault(.draining, "The daemon is stopping; try again after it has started.")
      return submission.fail(path.isFenced ? path.fenceFault : stopping)
    }
    let state = try held.get()
    guard state.position == sealed else {
      return submission.fail(
        Fault(
          .internalError,
          "The state stands at position \(state.position.value) where the log ends at \(sealed.value)."))
    }
    submission.complete(
      .exported(
        .success(
          ExportPoint(
            state: state, ingestTime: log.lastIngestTime, logBegins: Position(directory.base().value &+ 1)))))
  }

  /// Raises the base first, so that what is missing afterwards is known to be meant.
  private func prune(_ through: Position, _ time: Timestamp) throws(StorageFault) -> Int {
    guard let last = try log.prunable(through: through, takenInBy: time, base: directory.base()) else {
      return 0
    }
    try directory.recordBase(last)
    // What cannot be removed now is removed by the next start; it is no reason to stop ingest.
    return (try? log.removePruned(base: last)) ?? 0
  }
}

extension EventRecord {
  /// Whether a newly sent event is the one recorded here.
  ///
  /// An event sent without a time is recorded by its content without one, so that sending it again matches.
  /// An event recorded without a time also matches when it is sent again with one: the same event, about
  /// which the caller now says more.
  func matches(_ event: Event, hash sentHash: UInt64) -> Bool {
    if hash == sentHash { return true }
    guard event.time != .zero else { return false }
    var timeless = event
    timeless.time = .zero
    return hash == EntryCodec.contentHash(of: timeless)
  }

  /// The record of an event read back from the log, made in memory that is reused.
  init(replaying event: Event, at position: Position, ingestTime: Timestamp, using writer: inout ByteWriter) {
    guard event.time == ingestTime else {
      self.init(position: position, hash: EntryCodec.contentHash(of: event, using: &writer))
      return
    }
    // Where no time was sent, the committer put in the group's own.
    var sent = event
    sent.time = .zero
    self.init(position: position, hash: EntryCodec.contentHash(of: sent, using: &writer))
  }
}
