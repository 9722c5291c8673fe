import Foundation
import Storage
import Training
import Vocabulary

/// A data directory with a log, for whole runs.
enum LogOnDisk {
  static func make(
    _ changes: [LogEntry.Change], tenant: TenantName = .default,
    _ body: (_ path: String, _ last: Position) throws -> Void
  ) throws {
    let path = NSTemporaryDirectory() + "magpie-training-" + UUID().uuidString
    try DataDirectory.initialize(at: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try DataDirectory.open(at: path)
    let log = try EventLog.open(directory)
    var rest = changes.map { LogEntry(tenant: tenant, change: $0) }[...]
    while !rest.isEmpty {
      _ = try log.append(
        Array(rest.prefix(1000)), ingestTime: Timestamp(microseconds: 1_700_000_000_000_000))
      rest = rest.dropFirst(1000)
    }
    try log.synchronize()
    let last = Position(UInt64(changes.count))
    log.close()
    directory.close()
    try body(path, last)
  }

  static func changes(_ rows: [Row]) throws -> [LogEntry.Change] {
    try rows.enumerated().map { index, row in
      .event(
        Event(
          id: try EventIdentifier("e\(index)"), type: row.type, user: try UserIdentifier(row.user),
          item: try ItemIdentifier(row.item),
          time: Timestamp(microseconds: (Sample.origin + row.seconds) * 1_000_000)))
    }
  }

  /// The newest rows of the sample of an online shop that comes with the product, as purchases.
  static func shop(_ count: Int) throws -> [LogEntry.Change] {
    var root = #filePath as NSString
    for _ in 0..<4 { root = root.deletingLastPathComponent as NSString }
    let text = try String(
      contentsOfFile: root.appendingPathComponent("docs/sample/online-retail/events.csv"), encoding: .utf8)
    return try text.split(separator: "\n").dropFirst().suffix(count).enumerated().map { index, line in
      let fields = line.split(separator: ",")
      guard fields.count >= 3, let seconds = Int64(fields[2]) else { throw SampleFault(line: String(line)) }
      return .event(
        Event(
          id: try EventIdentifier("e\(index)"), type: .purchase, user: try UserIdentifier(String(fields[0])),
          item: try ItemIdentifier(String(fields[1])), time: Timestamp(microseconds: seconds * 1_000_000)))
    }
  }

  struct SampleFault: Error { let line: String }
}
