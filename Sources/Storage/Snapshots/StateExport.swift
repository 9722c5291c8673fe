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
  /// of a megabyte, is read back, and checked as a reader would. O(state).
  /// - Parameters:
  ///   - isShared: whether a thread of its own may walk through LevelDB meanwhile.
  ///   - each: called for each block with the bytes written so far; throw to stop.
  /// - Returns: how many records there were.
  func write(
    to file: HashedFile, header: ExportFormat.Header, isShared: Bool,
    each: (UInt64) throws(StorageFault) -> Void
  ) throws(StorageFault) -> UInt64 {
    guard !isLetGo.load(ordering: .acquiring) else {
      throw StorageFault(.stopped, file: store.path, "The export was let go already.")
    }
    let seed = RecordHeader.seed(identity: header.identity)
    try file.append(header.encoded())
    var check = ExportCheck(file: file.path, seed: seed)
    let trailer = try blocks(seed: seed, isShared: isShared) { (block) throws(StorageFault) in
      try file.append(block)
      try block.span.bytes.withUnsafeBytes { (bytes) throws(StorageFault) in
        try check.block(bytes) { (_, _) throws(StorageFault) in }
      }
      try each(file.bytes)
    }
    try file.append(trailer)
    try trailer.span.bytes.withUnsafeBytes { (bytes) throws(StorageFault) in try check.trailer(bytes) }
    try each(file.bytes)
    return check.entries
  }

  /// Visits the sealed blocks in order; the trailer is returned. To walk through LevelDB takes as long as all the rest, so
  /// a thread of its own does it where one may help.
  private func blocks(
    seed: UInt32, isShared: Bool, _ body: ([UInt8]) throws(StorageFault) -> Void
  ) throws(StorageFault) -> [UInt8] {
    guard isShared,
      let relay = ExportRelay({ [self] (give) throws(StorageFault) in try encode(seed: seed, give: give) })
    else {
      return try encode(seed: seed) { (block) throws(StorageFault) in try body(block) }
    }
    return try relay.run(body)
  }

  /// Encodes record by record.
  /// - Parameter give: gets each block; it may leave another buffer in its place, whose storage is used again.
  /// - Returns: the trailer.
  private func encode(
    seed: UInt32, give: (inout [UInt8]) throws(StorageFault) -> Void
  ) throws(StorageFault) -> [UInt8] {
    var block = ExportBlock(seed: seed)
    var offset = UInt64(ExportFormat.headerBytes)
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
        if block.isFull { try block.give(&offset, to: give) }
      }
      iterator.next()
    }
    // LevelDB skips a block that does not verify and goes on; only this tells.
    try store.check("scan") { () throws(StateDatabaseError) in try iterator.check() }
    if !block.isEmpty { try block.give(&offset, to: give) }
    return ExportFormat.Trailer(entries: block.total, blocks: block.sealedCount, offset: offset)
      .encoded(seed: seed)
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
