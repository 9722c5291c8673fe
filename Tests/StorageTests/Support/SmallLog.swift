import Storage
import Testing
import Vocabulary

/// A log with few small records, and what is needed to damage it in every way and look again.
struct SmallLog {
  let temporary: TemporaryDirectory
  let directory: DataDirectory
  let records: [LogRecord]
  /// Path of the last segment, and its bytes.
  let segment: String
  let bytes: [UInt8]
  /// Where each record of the last segment begins.
  let offsets: [Int]

  /// - Parameter sealAfter: numbers of records after which a segment ends.
  init(records count: Int, sealAfter: Set<Int> = []) throws {
    temporary = try TemporaryDirectory()
    directory = try temporary.initialized()
    let log = try EventLog.open(directory)
    var records: [LogRecord] = []
    var offsets: [Int] = []
    var before = log.bytes - 64
    var firstOfSegment = Position(1)
    for number in 1...count {
      let entries = (1...number).map { entry in Self.entry(100 * number + entry) }
      let time = Timestamp(microseconds: 1_700_000_000_000_000 + Int64(number))
      offsets.append(Int(log.bytes - before))
      let first = try log.append(entries, ingestTime: time)
      try log.synchronize()
      records.append(LogRecord(firstPosition: first, ingestTime: time, entries: entries))
      if sealAfter.contains(number) {
        _ = try log.seal()
        before = log.bytes - 64
        firstOfSegment = log.next
        offsets = []
      }
    }
    log.close()
    self.records = records
    self.offsets = offsets
    segment = directory.logPath + "/" + SegmentHeader.fileName(firstOfSegment)
    bytes = try contents(segment)
  }

  /// A delete, because it is short.
  static func entry(_ number: Int) -> LogEntry {
    guard let id = ItemIdentifier(checked: Array("item\(number)".utf8)) else {
      fatalError("not an identifier")
    }
    return LogEntry(tenant: .default, change: .deleteItem(id))
  }

  /// Opens the log and reads all of it.
  func reopened() throws -> (tail: EventLog.TornTail?, next: Position, records: [LogRecord]) {
    let log = try EventLog.open(directory)
    defer { log.close() }
    return (log.tornTail, log.next, try readAll(directory.logPath))
  }

  /// Last position of the record with this index.
  func last(_ index: Int) -> Position {
    Position(records[index].firstPosition.value + UInt64(records[index].entries.count) - 1)
  }
}
