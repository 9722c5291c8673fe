import Glibc
import Storage
import Testing
import Vocabulary

/// Reads everything in a log.
func readAll(_ path: String, from: Position = Position(1), through: Position? = nil) throws -> [LogRecord] {
  var reader = try LogReader(path: path, from: from, through: through)
  var records: [LogRecord] = []
  while let record = try reader.next() { records.append(record) }
  return records
}

@Suite struct EventLogTests {
  @Test func freshLogIsEmpty() throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    let log = try EventLog.open(directory)
    #expect(log.next == Position(1))
    #expect(log.lastIngestTime == .zero)
    #expect(log.segmentCount == 1)
    #expect(log.bytes == 64)
    #expect(log.tornTail == nil)
    #expect(try log.seal() == .zero)
    #expect(log.segmentCount == 1)
    #expect(try readAll(directory.logPath).isEmpty)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func whatWasAppendedIsReadBackAfterReopening(seed: UInt64) throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    var samples = Samples(seed: seed)
    var expected: [LogRecord] = []
    var time: Int64 = 1_700_000_000_000_000
    for round in 0..<4 {
      let log = try EventLog.open(directory)
      #expect(log.tornTail == nil, "seed \(seed)")
      for _ in 0..<samples.integer(1...10) {
        let entries = try samples.entries(1...8)
        time += Int64(samples.integer(0...5))
        let first = try log.append(entries, ingestTime: Timestamp(microseconds: time))
        try log.synchronize()
        expected.append(
          LogRecord(firstPosition: first, ingestTime: Timestamp(microseconds: time), entries: entries))
        if samples.integer(0...3) == 0 {
          #expect(try log.seal() == Position(log.next.value - 1), "seed \(seed) round \(round)")
        }
      }
      log.close()
    }
    let records = try readAll(directory.logPath)
    #expect(records == expected, "seed \(seed)")
    var next: UInt64 = 1
    for record in records {
      #expect(record.firstPosition.value == next, "seed \(seed)")
      next += UInt64(record.entries.count)
    }
  }

  @Test func ingestTimeNeverRunsBackwards() throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    let log = try EventLog.open(directory)
    for time in [50, 40, 60] as [Int64] {
      _ = try log.append([SmallLog.entry(1)], ingestTime: Timestamp(microseconds: time))
    }
    #expect(log.lastIngestTime == Timestamp(microseconds: 60))
    _ = try log.seal()
    log.close()
    let again = try EventLog.open(directory)
    #expect(again.lastIngestTime == Timestamp(microseconds: 60))
    _ = try again.append([SmallLog.entry(1)], ingestTime: Timestamp(microseconds: 10))
    #expect(try readAll(directory.logPath).map(\.ingestTime.microseconds) == [50, 50, 60, 60])
  }

  @Test func fullSegmentsAreSealedByTheLogItself() throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    let log = try EventLog.open(directory)
    var item = Item(id: try ItemIdentifier("i"))
    item.text = String(repeating: "x", count: Limits.logRecordBytesMax - 100)
    let entry = LogEntry(tenant: .default, change: .putItem(item))
    for _ in 0..<6 { _ = try log.append([entry], ingestTime: .zero) }
    try log.synchronize()
    // Four records of almost 16 MiB stay just below the limit, the fifth goes beyond it.
    #expect(log.segmentCount == 2)
    let names = try SystemDisk().list(directory.logPath)
    #expect(names == ["00000000000000000001.log", "00000000000000000006.log"])
    let bytes = log.bytes
    log.close()
    let again = try EventLog.open(directory)
    #expect(again.bytes == bytes && again.next == Position(7))
    #expect(try readAll(directory.logPath).count == 6)
  }

  @Test func closedLogRefuses() throws {
    let temporary = try TemporaryDirectory()
    let log = try EventLog.open(try temporary.initialized())
    log.close()
    #expect(fault { _ = try log.append([SmallLog.entry(1)], ingestTime: .zero) }?.kind == .fenced)
    #expect(fault { try log.synchronize() }?.kind == .fenced)
  }
}
