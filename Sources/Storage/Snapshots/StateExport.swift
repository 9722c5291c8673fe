import Checksums
import Synchronization
import Vocabulary

/// The state as it was at one position, held by a LevelDB iterator: what is written afterwards does not show.
///
/// Unchecked because the iterator is LevelDB's: one thread at a time uses it, the one that made it and then the one
/// that writes it out. LevelDB's own snapshots are not used: they bring out a bug in compaction that the iterator
/// alone does not.
package final class StateExport: @unchecked Sendable {
  package let position: Position
  private let store: StateStore
  private let iterator: any StateDatabaseIterator
  private let isLetGo = Atomic<Bool>(false)

  fileprivate init(_ store: StateStore, _ iterator: any StateDatabaseIterator, _ position: Position) {
    self.store = store
    self.iterator = iterator
    self.position = position
    store.hold()
  }

  deinit { letGo() }

  /// Ends the hold, after which nothing can be written out: LevelDB may then remove tables that only this kept.
  /// Idempotent. What forgets to say so ends it when the last reference goes.
  package func letGo() {
    if !isLetGo.exchange(true, ordering: .acquiringAndReleasing) { store.release(iterator) }
  }

  /// About how many bytes the state takes on disk, compressed: what is written is up to twice as much.
  package var approximateBytes: UInt64 { store.database.approximateBytes }

  /// Writes everything but what describes the state itself. Each block goes to `file` as it fills, about a quarter
  /// of a megabyte. O(state).
  /// - Parameter each: called for each block with the bytes written so far; throw to stop.
  /// - Returns: how many records there were.
  func write(
    to file: HashedFile, header: ExportFormat.Header, each: (UInt64) throws(StorageFault) -> Void
  ) throws(StorageFault) -> UInt64 {
    guard !isLetGo.load(ordering: .acquiring) else {
      throw StorageFault(.stopped, file: store.path, "The export was let go already.")
    }
    try file.append(header.encoded())
    var block = ExportBlock(seed: RecordHeader.seed(identity: header.identity))
    iterator.seek(UnsafeRawBufferPointer(start: nil, count: 0))
    while iterator.isValid {
      let key = iterator.key
      guard let kind = key.first.flatMap({ StateKey.Kind(rawValue: $0) }) else {
        throw store.fence(StateStore.damaged(store.path, "A key has no kind that is known."))
      }
      if kind != .meta {
        guard let value = StateCheck.verified(key, iterator.value, seed: store.seed) else {
          throw store.fence(StateStore.damaged(store.path, "A record is not one of this directory."))
        }
        block.append(key, value)
        if block.isFull {
          try file.append(block.sealed())
          block.removeAll()
          try each(file.bytes)
        }
      }
      iterator.next()
    }
    // LevelDB skips a block that does not verify and goes on; only this tells.
    try store.check("scan") { () throws(StateDatabaseError) in try iterator.check() }
    if !block.isEmpty { try file.append(block.sealed()) }
    let trailer = ExportFormat.Trailer(entries: block.total, blocks: block.sealedCount, offset: file.bytes)
    try file.append(trailer.encoded(seed: block.seed))
    try each(file.bytes)
    return block.total
  }
}

extension StateStore {
  /// Holds the state as it is now, for a snapshot.
  /// REQUIRES: the writing thread, between two batches. A store that is closed meanwhile keeps its files until the
  /// export is let go, which can then no longer be written out.
  package func beginExport() throws(StorageFault) -> StateExport {
    try requireUsable()
    guard let iterator = database.makeIterator() else {
      throw Self.damaged(path, "LevelDB gives no iterator.")
    }
    return StateExport(self, iterator, Position(appliedValue.load(ordering: .relaxed)))
  }
}

/// Records gathered into one block.
struct ExportBlock {
  let seed: UInt32
  /// Records in all blocks so far.
  private(set) var total: UInt64 = 0
  private(set) var sealedCount: UInt64 = 0
  private var writer = ByteWriter(capacity: Limits.snapshotBlockBytes + 64 * 1024)
  private var count: UInt32 = 0

  init(seed: UInt32) {
    self.seed = seed
    writer.append(zeros: ExportFormat.blockHeaderBytes)
  }

  var isEmpty: Bool { count == 0 }
  var isFull: Bool { writer.bytes.count >= Limits.snapshotBlockBytes }

  mutating func append(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    writer.append(count: key.count)
    writer.bytes.append(contentsOf: key)
    writer.append(count: value.count)
    writer.bytes.append(contentsOf: value)
    count += 1
    total += 1
  }

  /// The bytes of the block, with its header filled in.
  mutating func sealed() -> [UInt8] {
    let first = total - UInt64(count)
    writer.patch(fixed32: UInt32(clamping: writer.bytes.count - ExportFormat.blockHeaderBytes), at: 0)
    writer.patch(fixed32: UInt32(truncatingIfNeeded: first), at: 8)
    writer.patch(fixed32: UInt32(truncatingIfNeeded: first >> 32), at: 12)
    writer.patch(fixed32: count, at: 16)
    let check = writer.bytes.withUnsafeBytes {
      CRC32C.of(UnsafeRawBufferPointer(rebasing: $0[ExportFormat.checkedFrom...]), continuing: seed)
    }
    writer.patch(fixed32: check, at: 4)
    sealedCount += 1
    return writer.bytes
  }

  mutating func removeAll() {
    writer.removeAll()
    writer.append(zeros: ExportFormat.blockHeaderBytes)
    count = 0
  }
}
