import Glibc
import Storage
import Testing
import Vocabulary

/// A log that no longer begins at position 1.
@Suite struct LogPruneTests {
  /// Segments 1–1, 2–6 and 7–10.
  private func segmented() throws -> SmallLog { try SmallLog(records: 4, sealAfter: [1, 3]) }

  private func prune(_ small: SmallLog, through: Position, by time: Timestamp? = nil) throws -> Position? {
    let log = try EventLog.open(small.directory)
    defer { log.close() }
    let base = small.directory.base()
    guard
      let last = try log.prunable(
        through: through, takenInBy: time ?? Timestamp(microseconds: .max), base: base)
    else { return nil }
    try small.directory.recordBase(last)
    let (segments, bytes) = (log.segmentCount, log.bytes)
    let removed = try log.removePruned(base: last)
    #expect(log.segmentCount == segments - removed && log.bytes < bytes)
    return last
  }

  @Test func onlyWholeOldSegmentsAreRemoved() throws {
    let small = try segmented()
    #expect(try prune(small, through: .zero) == nil)
    #expect(try prune(small, through: Position(5)) == Position(1))
    #expect(try prune(small, through: Position(5)) == nil)
    // The last segment stays whatever is asked; so does what is too young.
    #expect(try prune(small, through: Position(100), by: small.records[1].ingestTime) == nil)
    #expect(try prune(small, through: Position(100)) == Position(6))
    let log = try EventLog.open(small.directory)
    #expect(log.next == Position(11) && log.segmentCount == 1)
    log.close()
    // The reader finds the beginning beside the log, and what is gone is not asked for.
    #expect(try readAll(small.directory.logPath).map(\.firstPosition) == [Position(7)])
    small.directory.close()
    let again = try DataDirectory.open(at: small.temporary.data)
    #expect(again.base() == Position(6))
    let bytes = try contents(small.temporary.data + "/superblock")
    for slot in [bytes[..<512], bytes[512...]] {
      guard case .valid(let block) = slot.withUnsafeBytes({ Superblock.decodeSlot($0) }) else {
        Issue.record("both slots should be valid")
        return
      }
      #expect(block.base == Position(6) && block.oldestReaderVersion == 2)
    }
    again.close()
  }

  @Test func anInterruptedPruningIsFinishedByTheNextOpening() throws {
    let small = try segmented()
    try small.directory.recordBase(Position(6))
    #expect(try SystemDisk().list(small.directory.logPath).count == 3)
    let log = try EventLog.open(small.directory)
    #expect(log.segmentCount == 1 && log.next == Position(11))
    log.close()
    #expect(try SystemDisk().list(small.directory.logPath).count == 1)
  }

  @Test func aSegmentThatWasNotPrunedIsMissed() throws {
    let small = try segmented()
    _ = try prune(small, through: Position(1))
    try SystemDisk().remove(file: small.directory.logPath + "/" + SegmentHeader.fileName(Position(2)))
    let found = fault { _ = try EventLog.open(small.directory) }
    #expect(found?.kind == .corrupt)
    #expect(found?.file.hasSuffix(SegmentHeader.fileName(Position(2))) == true)
    #expect(fault { _ = try readAll(small.directory.logPath) }?.kind == .corrupt)
  }

  /// With the log pruned, only a snapshot that its rest follows can make a state anew.
  @Test func aPrunedLogNeedsASnapshotToRebuildFrom() throws {
    let small = try SmallSnapshot(seed: 41)
    for _ in 0..<4 { try small.grow(10) }
    let first = try small.snapshot(created: 1)
    try small.grow(10)
    let second = try small.snapshot(created: 2)
    try small.grow(10)
    try small.directory.recordBase(Position(40))
    _ = try small.log.removePruned(base: Position(40))
    small.store.close()

    var rebuilt = try StateStore.rebuild(small.directory, end: Position(60), snapshots: small.shelf)
    #expect(rebuilt.snapshot == second.name)
    #expect(try rebuilt.store.applied() == Position(50))
    rebuilt.store.close()
    // The newest is damaged: the one before, and more of the log.
    try write([1], to: small.shelf.path(of: second.name) + "/configuration.yaml", replacing: true)
    rebuilt = try StateStore.rebuild(small.directory, end: Position(60), snapshots: small.shelf)
    #expect(rebuilt.snapshot == first.name)
    #expect(try rebuilt.store.applied() == Position(40))
    rebuilt.store.close()
    let aside = try #require(rebuilt.setAside)
    #expect(try SystemDisk().entry(at: aside + "/CURRENT") == .file)
    // None is left: nothing is changed, and the message says what is needed.
    try SystemDisk().removeTree(small.shelf.path)
    let before = try SystemDisk().list(small.directory.statePath)
    let found = fault {
      _ = try StateStore.rebuild(small.directory, end: Position(60), snapshots: small.shelf)
    }
    #expect(found?.kind == .corrupt && found?.exitCode == 65)
    #expect(found?.message.contains("snapshots.directory") == true)
    #expect(try SystemDisk().list(small.directory.statePath) == before)
  }
}
