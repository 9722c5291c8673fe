import FaultPoints
import LiveState
import Storage
import Vocabulary

/// Makes live state what it was: the records LevelDB holds, then the rest of the log.
///
/// The log is the truth. LevelDB says up to which position it is complete; single records in it may be newer,
/// and each then passes over what it already contains.
struct Recovery {
  let directory: DataDirectory
  let log: EventLog
  let store: StateStore
  let live: LiveState
  let path: WritePath
  let behind: WriteBehind
  let limits: IngestionLimits
  /// Whether threads may help. Without, everything happens on the caller's, in the same order every time.
  let isThreaded: Bool

  /// Returns how many entries were replayed. O(state + log behind it).
  func run() throws(StorageFault) -> Int {
    let restore = StateRestore(directory: directory, store: store, live: live)
    let end = Position(log.next.value &- 1)
    let applied = try store.applied()
    try log.requireCovers(applied)
    guard applied >= directory.base() else {
      throw restore.damaged(
        "The state ends at position \(applied.value), but the log begins at \(directory.base().value + 1).")
    }
    try restore.run(through: applied, isThreaded: isThreaded)
    FaultPoints.reach(.recoveryRestored)
    path.committed = applied
    path.applied = applied
    path.stored = applied
    let replayed = try replay(from: applied)
    path.committed = end
    path.logBytes = log.bytes
    path.logSegments = log.segmentCount
    return replayed
  }

  private func replay(from applied: Position) throws(StorageFault) -> Int {
    let reading = try ReplayReading(directory, after: applied, isThreaded: isThreaded)
    defer { reading.end() }
    var replayed = 0
    var (sinceStored, chunks) = (0, 0)
    let storing = ReplayStoring(behind, isThreaded: isThreaded)
    defer { storing.end() }
    while let next = try reading.next() {
      // A record is a whole commit group; its head may be stored already, and then is not in it.
      let record = next.record
      var touched: [LiveTenant] = []
      var last = record.firstPosition
      for (offset, entry) in record.entries.enumerated() {
        let position = Position(record.firstPosition.value &+ UInt64(offset))
        last = position
        // Neighbours share it.
        var tenant = touched.last
        if tenant?.name != entry.tenant {
          tenant = live.tenant(entry.tenant)
          if let tenant, !touched.contains(where: { $0 === tenant }) { touched.append(tenant) }
        }
        guard let tenant else { throw unknownTenant(entry.tenant, at: position) }
        tenant.apply(entry.change, at: position, ingestTime: record.ingestTime)
      }
      replayed += record.entries.count
      sinceStored += record.entries.count
      for tenant in touched {
        tenant.replayed(
          through: last, now: record.ingestTime.nanoseconds,
          isLast: record.ingestTime.seconds == log.lastIngestTime.seconds)
      }
      path.unstored.put(next.rows)
      path.committed = max(path.committed, last)
      path.applied = max(path.applied, last)
      FaultPoints.reach(.recoveryReplayed)
      if sinceStored >= limits.replayChunkEntries {
        // Users and items change again and again: to write them after each chunk would cost more than all the rest.
        chunks += 1
        try storing.round(
          isWhole: chunks % Limits.replayChunksPerRound == 0, backlogMax: 2 * limits.replayChunkEntries)
        sinceStored = 0
      }
    }
    storing.end()
    try storing.check()
    for tenant in live.tenants { tenant.finishReplay(through: path.applied) }
    // Everything behind the stored position must be in the committer's memory of events; it begins empty.
    try behind.round()
    return replayed
  }

  /// Dropping a tenant's changes silently would lose what was acknowledged.
  private func unknownTenant(_ name: TenantName, at position: Position) -> StorageFault {
    StorageFault(
      .foreign, file: directory.logPath,
      "Position \(position.value) of the log belongs to the tenant \(name.text), which is not configured, and is not stored yet. Add it to `tenants`, start once and stop cleanly; then it can be left out."
    )
  }
}
