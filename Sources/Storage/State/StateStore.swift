import Locking
import Synchronization
import Vocabulary

/// The state derived from the log, in LevelDB: profiles, items and the index of event identifiers.
///
/// Thread rule: one thread writes; any thread reads, at the same time.
/// Invariants:
/// 1. The state contains exactly the positions up to `applied`; every batch carries it.
/// 2. The first error of any call fences the handle. LevelDB goes on acknowledging writes after a failed append
///    that no reader will ever see again (google/leveldb issues 870, 924, 1180).
/// 3. Losing the state loses nothing: `rebuild` sets it aside, and the log replays it.
///
package final class StateStore: Sendable {
  /// Layout of keys and values. PERSISTED under the key `format`.
  static let formatVersion: UInt32 = 2
  static let currentName = "CURRENT"

  package let path: String
  let database: any StateDatabase
  /// Where the checks behind the values begin: the checksum of the directory's identity.
  let seed: UInt32
  private let isFencedFlag = Atomic<Bool>(false)
  private let isClosedFlag = Atomic<Bool>(false)
  let appliedValue: Atomic<UInt64>
  /// LevelDB must outlive its iterators: it aborts the process otherwise.
  private let handle = Locked(Handle())

  private struct Handle: Sendable {
    var exports = 0
    var isClosing = false

    /// Whether nothing needs LevelDB any more.
    var isOver: Bool { isClosing && exports == 0 }
  }

  /// Told, durably, when a call finds damage: the next start then makes the state anew.
  private let damaged: @Sendable (String) -> Void

  init(
    path: String, database: any StateDatabase, identity: [UInt8],
    damaged: @escaping @Sendable (String) -> Void
  ) {
    self.path = path
    self.database = database
    seed = RecordHeader.seed(identity: identity)
    self.damaged = damaged
    appliedValue = Atomic(0)
  }

  deinit { close() }

  /// About how many bytes its files take.
  package var approximateBytes: UInt64 { database.approximateBytes }

  /// Whether an error has ended the use of this handle.
  package var isFenced: Bool { isFencedFlag.load(ordering: .acquiring) }

  /// Releases the files, or has the last export do so when it is let go. Further calls throw `.fenced`. Idempotent.
  /// REQUIRES: no call is under way in another thread.
  package func close() {
    guard !isClosedFlag.exchange(true, ordering: .acquiringAndReleasing) else { return }
    let isOver = handle.withLock { handle in
      handle.isClosing = true
      return handle.isOver
    }
    if isOver { database.close() }
  }

  /// Notes that something of LevelDB is held after the call that began it.
  func hold() { handle.withLock { $0.exports += 1 } }

  /// Lets it go with `close`, and closes LevelDB if only that was missing.
  func release(_ close: () -> Void) {
    close()
    let isOver = handle.withLock { handle in
      handle.exports -= 1
      return handle.isOver
    }
    if isOver { database.close() }
  }

  // MARK: Reading and writing

  static func encode(_ position: Position) -> [UInt8] {
    var writer = ByteWriter(capacity: 8)
    writer.append(fixed64: position.value)
    return writer.bytes
  }

  /// The position up to which the state contains the log.
  package func applied() throws(StorageFault) -> Position {
    guard let bytes = try value(of: StateKey.applied), bytes.count == 8 else {
      throw fence(Self.damaged(path, "The state does not say up to which position it goes."))
    }
    return Position(
      bytes.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) })
  }

  /// Applies a batch. It survives the death of the process; a power loss may take it, and then the log replays
  /// it.
  /// - Throws: the first time `.io` or `.corrupt`, ever after `.fenced`; `.invalid` if the batch goes back.
  package func write(_ batch: consuming StateBatch) throws(StorageFault) {
    let last = appliedValue.load(ordering: .relaxed)
    guard batch.applied.value >= last else {
      throw StorageFault(
        .invalid, file: path,
        "A batch up to position \(batch.applied.value) cannot follow position \(last).")
    }
    let changes = batch.batch
    try check("write") { () throws(StateDatabaseError) in try changes.write() }
    appliedValue.store(batch.applied.value, ordering: .relaxed)
  }

  /// What is known of an event, or nil if none was ingested under this identifier. One lookup; a filter in
  /// memory answers most that find nothing.
  package func event(_ id: EventIdentifier, of tenant: TenantName) throws(StorageFault) -> EventRecord? {
    guard let bytes = try value(of: StateKey.event(id, tenant)) else { return nil }
    do throws(MalformedBytes) {
      return try bytes.span.bytes.withUnsafeBytes { (buffer) throws(MalformedBytes) in
        try EventRecord(decoding: buffer)
      }
    } catch {
      throw fence(Self.malformed(error, path, "An event's record"))
    }
  }

  /// The value of a key, verified and without its check.
  func value(of key: [UInt8]) throws(StorageFault) -> [UInt8]? {
    guard let stored = try storedValue(of: key) else { return nil }
    let value = key.span.bytes.withUnsafeBytes { key in
      stored.span.bytes.withUnsafeBytes { StateCheck.verified(key, $0, seed: seed).map { Array($0) } }
    }
    guard let value else { throw fence(Self.damaged(path, "A record is not one of this directory.")) }
    return value
  }

  func storedValue(of key: [UInt8]) throws(StorageFault) -> [UInt8]? {
    try check("read") { () throws(StateDatabaseError) in
      try key.span.bytes.withUnsafeBytes { (key) throws(StateDatabaseError) in try database.value(of: key) }
    }
  }

  /// Runs one call of the database; its error fences this handle.
  func check<Value>(
    _ verb: String, _ body: () throws(StateDatabaseError) -> Value
  ) throws(StorageFault) -> Value {
    try requireUsable()
    do throws(StateDatabaseError) { return try body() } catch {
      throw fence(Self.fault(error.text, path, doing: verb))
    }
  }

  func requireUsable() throws(StorageFault) {
    if isFenced || isClosedFlag.load(ordering: .acquiring) {
      throw StorageFault(
        .fenced, file: path,
        isFenced ? "An earlier call failed; restart the daemon." : "The state was closed.")
    }
  }

  /// Has the next start make the state anew, if this is damage. Goes on meanwhile.
  func noted(_ fault: StorageFault) -> StorageFault {
    if fault.kind == .corrupt { damaged(fault.description) }
    return fault
  }

  func fence(_ fault: StorageFault) -> StorageFault {
    let wasFenced = isFencedFlag.exchange(true, ordering: .acquiringAndReleasing)
    if !wasFenced, fault.kind == .corrupt { damaged(fault.description) }
    return fault
  }
}
