import FaultPoints
import LiveState
import Locking
import Storage
import Vocabulary

/// Brings LevelDB up to date with memory, every so often, on its own thread.
///
/// A round: read the applied position P; record it as acknowledged in the superblock; take what changed; write
/// it in batches, the last of which says "applied: P". A crash between leaves the position before, and replay
/// passes over records that are already newer.
///
/// Order within a round: users are drained before items, so that every index a user refers to is drained; and
/// items are written before users, by rising index, so that every prefix of the batches restores.
///
/// REQUIRES: one thread at a time: the starting one, then the store thread.
struct WriteBehind: Sendable {
  let directory: DataDirectory
  let store: StateStore
  let live: LiveState
  let path: WritePath
  let limits: IngestionLimits

  /// Users copied at once: about a megabyte, during which the part they lie in is locked briefly.
  private static let usersPerDrain = 4_096

  /// Works until the committer has ended and everything is stored, then closes the store.
  func run() {
    while !path.isAbandoned {
      let isLast = path.isFinished
      turn()
      path.storedBell.ring()
      if isLast { break }
      path.storeBell.wait(milliseconds: path.storeIntervalMilliseconds)
    }
    store.close()
  }

  /// One round, and whatever else waits for the store thread.
  func turn() {
    if !path.isFenced {
      do {
        try path.meters.timed(path.meters.storeRound) { () throws(StorageFault) in try round() }
      } catch {
        path.fence(error.message)
      }
      path.deadLetters.store()
    }
    path.exporting.serve(store: store, path: path)
  }

  /// One round. O(what changed).
  func round() throws(StorageFault) {
    let applied = path.applied
    let before = path.stored
    // Recorded first: LevelDB must never claim a position of which the superblock knows nothing.
    if applied > before {
      try path.meters.timed(path.meters.superblockSync) { () throws(StorageFault) in
        try directory.recordAcknowledged(applied)
      }
    }
    FaultPoints.reach(.storeBegun)
    let events = path.unstored.take()
    var writer = Writer(
      store: store, meters: path.meters, before: before, bytesMax: limits.storeBatchBytesMax)
    for tenant in live.tenants {
      var isComplete = false
      while !isComplete {
        let dirty = tenant.drainDirty(usersMax: Self.usersPerDrain)
        // By rising index, as they are drained.
        for item in dirty.items {
          writer.batch.put(item, of: tenant.name)
          try writer.didPut()
        }
        for user in dirty.users {
          writer.batch.put(user, of: tenant.name)
          try writer.didPut()
        }
        isComplete = dirty.isComplete
      }
    }
    for row in events {
      writer.batch.put(row.record, id: row.id, of: row.tenant)
      try writer.didPut()
    }
    // Even if nothing new counts as applied, the committer may be in the middle of a group, and what was
    // drained of it is no longer marked.
    try writer.flush()
    path.unstored.wrote(events.count)
    if applied > before {
      try path.meters.timed(path.meters.stateWrite) { () throws(StorageFault) in
        try store.write(StateBatch(applied: applied, for: store))
      }
      FaultPoints.reach(.storeApplied)
      path.stored = applied
    }
  }

  /// Writes the identifiers of events that are not stored yet, and nothing else; the state goes on saying that it contains what
  /// it did. For replay, whose log is on stable storage: identifiers of events behind the stored position mean nothing to a
  /// start, which replays these events again and writes the same. O(events).
  func storeEvents() throws(StorageFault) {
    let events = path.unstored.take()
    var writer = Writer(
      store: store, meters: path.meters, before: path.stored, bytesMax: limits.storeBatchBytesMax)
    for row in events {
      writer.batch.put(row.record, id: row.id, of: row.tenant)
      try writer.didPut()
    }
    try writer.flush()
    path.unstored.wrote(events.count)
  }

  /// Cuts what is put into batches of bounded size, all of which say "applied: before".
  private struct Writer: ~Copyable {
    let store: StateStore
    let meters: IngestionMeters
    let before: Position
    let bytesMax: Int
    var batch: StateBatch
    private var isEmpty = true

    init(store: StateStore, meters: IngestionMeters, before: Position, bytesMax: Int) {
      self.store = store
      self.meters = meters
      self.before = before
      self.bytesMax = bytesMax
      batch = StateBatch(applied: before, for: store)
    }

    mutating func didPut() throws(StorageFault) {
      isEmpty = false
      if batch.bytes >= bytesMax { try flush() }
    }

    mutating func flush() throws(StorageFault) {
      guard !isEmpty else { return }
      var full = StateBatch(applied: before, for: store)
      swap(&full, &batch)
      isEmpty = true
      let began = ContinuousNanoseconds.now
      try store.write(full)
      FaultPoints.reach(.storeBatch)
      meters.stateWrite.record(ContinuousNanoseconds.now &- began)
    }
  }
}
