import Glibc
import Storage
import Testing
import Vocabulary

/// What happens when the kernel refuses a write. The refusals are real: a limit on file sizes, set in a process
/// of its own because the limit holds for all of a process.
@Suite struct FencingTests {
  /// A condition that failed in the process of an exit test; thrown, so that the process ends in failure.
  struct Unmet: Error, CustomStringConvertible {
    var description: String
  }

  /// RLIMIT_FSIZE, as setrlimit(2) wants it.
  static let fileSize = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)

  static func require(_ condition: Bool, _ text: String) throws {
    if !condition { throw Unmet(description: text) }
  }

  /// From here on no file may grow past `bytes`.
  static func limitFiles(to bytes: UInt64) throws {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t.max)
    try require(setrlimit(fileSize, &limit) == 0, "setrlimit")
  }

  static func liftLimit() throws {
    var limit = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
    try require(setrlimit(fileSize, &limit) == 0, "setrlimit")
  }

  static func kind(_ body: () throws -> Void) -> StorageFault.Kind? { fault(body)?.kind }

  @Test func failedAppendFencesTheLogAndReopeningKeepsWhatWasDurable() async {
    await #expect(processExitsWith: .success) {
      let temporary = try TemporaryDirectory()
      let directory = try temporary.initialized()
      let log = try EventLog.open(directory)
      _ = try log.append([SmallLog.entry(1)], ingestTime: .zero)
      try log.synchronize()
      try directory.recordAcknowledged(Position(1))
      // Room for the first half of the next record.
      try FencingTests.limitFiles(to: log.bytes + 20)
      let first = FencingTests.kind { _ = try log.append([SmallLog.entry(2)], ingestTime: .zero) }
      try FencingTests.require(first == .io(errno: EFBIG), "append gave \(String(describing: first))")
      // Space again; but nobody knows what is on disk.
      try FencingTests.liftLimit()
      let again = FencingTests.kind { _ = try log.append([SmallLog.entry(3)], ingestTime: .zero) }
      try FencingTests.require(again == .fenced, "append after it gave \(String(describing: again))")
      try FencingTests.require(FencingTests.kind { try log.synchronize() } == .fenced, "synchronize")
      try FencingTests.require(FencingTests.kind { _ = try log.seal() } == .fenced, "seal")
      log.close()

      let reopened = try EventLog.open(directory)
      try FencingTests.require(reopened.tornTail?.bytes == 20, "the torn tail")
      try FencingTests.require(reopened.next == Position(2), "next")
      _ = try reopened.append([SmallLog.entry(4)], ingestTime: .zero)
      try reopened.synchronize()
      let entries = try readAll(directory.logPath).flatMap(\.entries)
      try FencingTests.require(entries == [SmallLog.entry(1), SmallLog.entry(4)], "the entries")
    }
  }

  @Test func failedSegmentCreationFencesTheLog() async {
    await #expect(processExitsWith: .success) {
      let temporary = try TemporaryDirectory()
      let directory = try temporary.initialized()
      let log = try EventLog.open(directory)
      _ = try log.append([SmallLog.entry(1)], ingestTime: .zero)
      // A name that is taken: creating the next segment fails after the footer was written.
      try write([1], to: directory.logPath + "/00000000000000000002.log.partial")
      let sealed = FencingTests.kind { _ = try log.seal() }
      try FencingTests.require(sealed == .io(errno: EEXIST), "seal gave \(String(describing: sealed))")
      let again = FencingTests.kind { _ = try log.append([SmallLog.entry(2)], ingestTime: .zero) }
      try FencingTests.require(again == .fenced, "append gave \(String(describing: again))")
      log.close()
      let reopened = try EventLog.open(directory)
      try FencingTests.require(reopened.next == Position(2) && reopened.segmentCount == 2, "the next segment")
    }
  }

  /// After one failed write LevelDB itself would go on and lose what it acknowledges; see
  /// `StateStore`, invariant 2.
  @Test func failedWriteFencesTheStateAndReopeningFindsWhatWasWritten() async {
    await #expect(processExitsWith: .success) {
      let temporary = try TemporaryDirectory()
      let directory = try temporary.initialized()
      let store = try StateStore.open(directory)
      let id = try EventIdentifier("e")
      var written: UInt64 = 0
      try FencingTests.limitFiles(to: 64 * 1024)
      var failure: StorageFault?
      for number in 1...10_000 as ClosedRange<UInt64> {
        var batch = StateBatch(applied: Position(number), for: store)
        batch.put(EventRecord(position: Position(number), hash: number), id: id, of: .default)
        do {
          try store.write(batch)
          written = number
        } catch let found as StorageFault {
          failure = found
          break
        }
      }
      try FencingTests.require(written > 100, "\(written) batches fitted")
      try FencingTests.require(failure?.kind == .io(errno: EIO), "write gave \(String(describing: failure))")
      try FencingTests.require(store.isFenced, "the fence")
      try FencingTests.liftLimit()
      let again = FencingTests.kind {
        try store.write(StateBatch(applied: Position(written + 1), for: store))
      }
      try FencingTests.require(again == .fenced, "write after it gave \(String(describing: again))")
      try FencingTests.require(FencingTests.kind { _ = try store.applied() } == .fenced, "read after it")
      store.close()
      // Either all that was written is there, or the state says that it is damaged and is rebuilt.
      let reopened: StateStore
      do {
        reopened = try StateStore.open(directory)
        let applied = try reopened.applied()
        try FencingTests.require(applied.value >= written, "applied is \(applied.value) of \(written)")
        let event = try reopened.event(id, of: .default)
        try FencingTests.require(event?.hash == applied.value, "the event of position \(applied.value)")
      } catch let found as StorageFault where found.kind == .corrupt {
        let rebuilt = try StateStore.rebuild(
          directory, end: .zero, snapshots: SnapshotShelf(path: directory.snapshotsPath))
        try FencingTests.require(try rebuilt.store.applied() == .zero, "the rebuilt state")
        rebuilt.store.close()
      }
    }
  }

  @Test func failedMarkFencesTheSuperblock() async {
    await #expect(processExitsWith: .success) {
      let temporary = try TemporaryDirectory()
      let directory = try temporary.initialized()
      try directory.recordAcknowledged(Position(1))
      // The second write goes to the first slot; neither fits.
      try FencingTests.limitFiles(to: 0)
      let failed = FencingTests.kind { try directory.recordAcknowledged(Position(2)) }
      try FencingTests.require(failed == .io(errno: EFBIG), "gave \(String(describing: failed))")
      try FencingTests.liftLimit()
      let again = FencingTests.kind { try directory.recordAcknowledged(Position(3)) }
      try FencingTests.require(again == .fenced, "gave \(String(describing: again))")
      try FencingTests.require(directory.acknowledged() == Position(1), "acknowledged")
      directory.close()
      let reopened = try DataDirectory.open(at: temporary.data)
      try FencingTests.require(reopened.acknowledged() == Position(1), "acknowledged after reopening")
    }
  }

  @Test func appendThatIsTooLargeIsRefusedWithoutFencing() throws {
    let temporary = try TemporaryDirectory()
    let log = try EventLog.open(try temporary.initialized())
    #expect(fault { _ = try log.append([], ingestTime: .zero) }?.kind == .invalid)
    var item = Item(id: try ItemIdentifier("i"))
    item.text = String(repeating: "x", count: Limits.logRecordBytesMax)
    let large = LogEntry(tenant: .default, change: .putItem(item))
    #expect(fault { _ = try log.append([large], ingestTime: .zero) }?.kind == .invalid)
    #expect(log.next == Position(1))
    #expect(try log.append([SmallLog.entry(1)], ingestTime: .zero) == Position(1))
  }
}
