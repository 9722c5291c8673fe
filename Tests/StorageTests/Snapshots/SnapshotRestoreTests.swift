import Glibc
import Storage
import Testing
import Vocabulary

@Suite struct SnapshotRestoreTests {
  /// Ten records of ten entries, a snapshot behind the fourth; segments end behind the fourth and the seventh.
  private func filled() throws -> (SmallSnapshot, SnapshotName) {
    let small = try SmallSnapshot(seed: 31)
    for _ in 0..<4 { try small.grow(10) }
    let name = try small.snapshot().name
    for _ in 0..<3 { try small.grow(10) }
    _ = try small.log.seal()
    for _ in 0..<3 { try small.grow(10) }
    return (small, name)
  }

  private func opened(_ path: String, _ body: (DataDirectory, EventLog, StateStore) throws -> Void) throws {
    let directory = try DataDirectory.open(at: path)
    defer { directory.close() }
    let log = try EventLog.open(directory)
    defer { log.close() }
    let store = try StateStore.open(directory)
    defer { store.close() }
    try body(directory, log, store)
  }

  @Test func theLogIsCarriedOverToItsEnd() throws {
    let (small, name) = try filled()
    let target = small.temporary.path + "/restored"
    let plan = try small.restore(name, to: target, log: small.directory.logPath)
    #expect(plan.last == Position(100) && plan.replayed == 60 && plan.logBegins == Position(1))
    let original = try readAll(small.directory.logPath)
    try opened(target) { (directory, log, store) throws in
      #expect(directory.base() == .zero && directory.acknowledged() == Position(100))
      #expect(log.next == Position(101))
      #expect(log.lastIngestTime == small.log.lastIngestTime)
      #expect(try store.applied() == Position(40))
      #expect(try readAll(directory.logPath) == original)
    }
  }

  /// Every position from the snapshot's on, in the middle of records too.
  @Test func anyPositionCanBeTheLast() throws {
    let (small, name) = try filled()
    let original = try readAll(small.directory.logPath).flatMap(\.entries)
    for last in [40, 41, 49, 50, 51, 70, 71, 99, 100] as [UInt64] {
      let target = small.temporary.path + "/restored-\(last)"
      let plan = try small.restore(
        name, to: target, log: small.directory.logPath, end: .position(Position(last)))
      #expect(plan.last == Position(last))
      try opened(target) { (directory, log, _) throws in
        #expect(log.next == Position(last + 1))
        #expect(directory.acknowledged() == Position(last))
        #expect(try readAll(directory.logPath).flatMap(\.entries) == Array(original[..<Int(last)]))
      }
    }
    func refused(_ last: UInt64, log: String?) -> StorageFault? {
      fault {
        _ = try small.restore(
          name, to: small.temporary.path + "/refused", log: log, end: .position(Position(last)))
      }
    }
    #expect(refused(39, log: small.directory.logPath)?.kind == .noSnapshot)
    #expect(refused(101, log: small.directory.logPath)?.kind == .noSnapshot)
    #expect(refused(41, log: nil)?.message.contains("--log") == true)
    #expect(try SystemDisk().entry(at: small.temporary.path + "/refused") == .missing)
  }

  @Test func aTimeMeansWhatWasTakenInByThen() throws {
    let (small, name) = try filled()
    // The record from 61 to 70 was taken in at that time exactly; one moment earlier it was not there.
    for (offset, last) in [(0, 70), (-1, 60), (9, 70), (10, 80)] as [(Int64, UInt64)] {
      let target = small.temporary.path + "/restored\(offset)"
      let time = Timestamp(microseconds: SmallSnapshot.time(of: 61).microseconds + offset)
      let plan = try small.restore(name, to: target, log: small.directory.logPath, end: .time(time))
      #expect(plan.last == Position(last), "\(offset)")
    }
    #expect(try SnapshotRestore.newest(on: small.shelf, for: .time(SmallSnapshot.time(of: 61))) == name)
    #expect(
      fault { _ = try SnapshotRestore.newest(on: small.shelf, for: .time(SmallSnapshot.time(of: 30))) }?.kind
        == .noSnapshot)
  }

  @Test func anArchiveOfSegmentsWillDo() throws {
    let (small, name) = try filled()
    let archive = small.temporary.path + "/archive"
    try SystemDisk().createDirectory(archive)
    let segments = try SystemDisk().list(small.directory.logPath)
    #expect(segments.count == 3)
    for segment in segments.dropFirst() {
      try write(try contents(small.directory.logPath + "/" + segment), to: archive + "/" + segment)
    }
    let target = small.temporary.path + "/restored"
    let plan = try small.restore(name, to: target, log: archive)
    #expect(plan.logBegins == Position(41) && plan.last == Position(100))
    try opened(target) { (directory, log, _) throws in
      #expect(directory.base() == Position(40))
      #expect(try readAll(directory.logPath).first?.firstPosition == Position(41))
    }
    // Without the segment that follows the snapshot there is a gap.
    try SystemDisk().remove(file: archive + "/" + segments[1])
    let gap = fault { _ = try small.restore(name, to: small.temporary.path + "/gap", log: archive) }
    #expect(gap?.kind == .corrupt && gap?.message.contains("71") == true)
  }

  @Test func damagedForeignAndShortLogsAreRefused() throws {
    let (small, name) = try filled()
    let (other, _) = try filled()
    let target = small.temporary.path + "/restored"
    #expect(
      fault { _ = try small.restore(name, to: target, log: other.directory.logPath) }?.kind == .corrupt)
    #expect(fault { _ = try small.restore(name, to: target, log: "/nowhere") }?.kind == .notInitialized)
    let last = try #require(try SystemDisk().list(small.directory.logPath).last)
    let path = small.directory.logPath + "/" + last
    let bytes = try contents(path)
    // In the middle of what is acknowledged; at the end, where acknowledged records would be missing.
    for damage in [bytes.count / 3, bytes.count - 5] {
      var flipped = bytes
      flipped[damage] ^= 1
      try write(flipped, to: path)
      let found = fault { _ = try small.restore(name, to: target, log: small.directory.logPath) }
      #expect(found?.kind == .corrupt, "\(damage): \(String(describing: found))")
    }
    // A write under way behind what is acknowledged is passed over.
    try write(bytes + Array(bytes[64..<100]), to: path)
    let restore = SnapshotRestore(
      snapshot: small.shelf.path(of: name), target: target, log: small.directory.logPath, end: .all)
    #expect(try restore.plan().tornBytes == 36)
    #expect(try restore.plan().last == Position(100))
  }

  @Test func onlyANewDirectoryIsFilled() throws {
    let (small, name) = try filled()
    let target = small.temporary.path + "/taken"
    try SystemDisk().createDirectory(target)
    try write([1], to: target + "/precious")
    #expect(fault { _ = try small.restore(name, to: target) }?.kind == .notEmpty)
    #expect(fault { _ = try small.restore(name, to: small.temporary.data) }?.kind == .notEmpty)
    #expect(try contents(target + "/precious") == [1])
  }

  /// Stopped at any moment, a restore leaves a directory that nothing takes for a whole one, and can be repeated.
  @Test func anInterruptedRestoreIsSaidAndRepeated() throws {
    let (small, name) = try filled()
    let target = small.temporary.path + "/restored"
    let restore = SnapshotRestore(
      snapshot: small.shelf.path(of: name), target: target, log: small.directory.logPath, end: .all)
    let plan = try restore.plan()
    struct Enough: Error {}
    for stop in 0..<5 {
      var left = stop
      let found = fault {
        try restore.run(plan) { _ throws(StorageFault) in
          left -= 1
          if left < 0 { throw StorageFault(.stopped, file: target, "enough") }
        }
      }
      #expect(found?.kind == .stopped)
      let opening = fault { _ = try DataDirectory.open(at: target) }
      #expect(opening?.kind == .notInitialized && opening?.message.contains("restore") == true)
      // The daemon must not make an empty directory of it.
      #expect(fault { try DataDirectory.initialize(at: target) }?.kind == .notEmpty)
    }
    try restore.run(try restore.plan()) { _ in }
    try opened(target) { _, log, _ in #expect(log.next == Position(101)) }
  }
}
