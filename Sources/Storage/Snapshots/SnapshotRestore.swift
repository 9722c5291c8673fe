import Vocabulary

/// Makes a new data directory out of a snapshot, and of a log if one is given. Needs no daemon, and changes nothing but
/// the new directory. First `plan`, which only looks, then `run`.
package struct SnapshotRestore: Sendable {
  /// Up to where.
  package enum End: Sendable, Hashable {
    /// As far as snapshot and log go.
    case all
    case position(Position)
    /// Everything the daemon had taken in by then.
    case time(Timestamp)

    package static func upTo(position: UInt64) -> End { .position(Position(position)) }
    package static func upTo(microseconds: Int64) -> End { .time(Timestamp(microseconds: microseconds)) }
  }

  /// The snapshot's directory.
  package let snapshot: String
  /// Where the new directory shall be: missing, empty, or left by a restore that was interrupted.
  package let target: String
  /// A log directory of the same history; nil to begin with an empty log.
  package let log: String?
  package let end: End
  /// Where all of these lie.
  package let disk: any Disk

  package init(
    snapshot: String, target: String, log: String?, end: End, on disk: any Disk = .system
  ) {
    self.disk = disk
    self.snapshot = snapshot
    self.target = target
    self.log = log
    self.end = end
  }

  /// What a restore would do, or did.
  package struct Plan: Sendable {
    package var manifest: SnapshotManifest
    /// First position of the new log.
    package var logBegins: Position
    /// Last position of the new directory.
    package var last: Position
    /// Bytes of the log that are carried over; 0 without one.
    package var logBytes: UInt64 = 0
    /// Bytes at the end of the log given that do not verify and were passed over as an unfinished write.
    package var tornBytes: UInt64 = 0

    /// Entries that the first start of the daemon replays.
    package var replayed: UInt64 { last.value - min(last.value, manifest.position) }
    /// Bytes that a restore reads.
    package var bytes: UInt64 { manifest.bytes &+ logBytes }
  }

  /// The newest snapshot of a shelf that lies at or before `end`.
  /// - Throws: `.noSnapshot`.
  package static func newest(on shelf: SnapshotShelf, for end: End) throws(StorageFault) -> SnapshotName {
    for entry in try shelf.list() {
      guard let manifest = entry.manifest, entry.problem.isEmpty else { continue }
      switch end {
      case .all: return entry.name
      case .position(let position): if manifest.position <= position.value { return entry.name }
      case .time(let time): if manifest.ingestTime <= time.microseconds { return entry.name }
      }
    }
    throw StorageFault(
      .noSnapshot, file: shelf.path,
      end == .all
        ? "There is no usable snapshot; make one with `magpie snapshot create`."
        : "No usable snapshot is that old; `magpie snapshot list` shows how far back they go.")
  }

  /// Verifies the snapshot and reads the log through. Changes nothing.
  /// - Parameter each: called often with the bytes read so far; throw to stop.
  package func plan(
    each: (UInt64) throws(StorageFault) -> Void = { _ throws(StorageFault) in }
  ) throws(StorageFault) -> Plan {
    try requireFreeTarget()
    let manifest = try SnapshotShelf.verify(at: snapshot, on: disk, each: each)
    var plan = Plan(
      manifest: manifest, logBegins: Position(manifest.position &+ 1), last: Position(manifest.position))
    guard let log else {
      try requireReached(plan)
      return plan
    }
    let span = try LogSpan(path: log, identity: manifest.identity ?? [], on: disk)
    guard span.first.value <= manifest.position &+ 1 else {
      throw StorageFault(
        .corrupt, file: log,
        "The log given begins at position \(span.first.value), but the snapshot ends at \(manifest.position). Give a log that has the positions between, or a later snapshot."
      )
    }
    plan.logBegins = span.first
    plan.last = Position(span.first.value &- 1)
    var reader = try span.reader()
    while let record = try reader.next(), let wanted = cut(record) {
      plan.last = Position(wanted.firstPosition.value &+ UInt64(wanted.entries.count) &- 1)
      try each(manifest.bytes &+ reader.bytesRead)
    }
    plan.logBytes = reader.bytesRead
    plan.tornBytes = reader.tornBytes
    try span.requireAcknowledged(plan.last, end)
    try requireReached(plan)
    guard plan.last.value >= manifest.position else {
      throw StorageFault(
        .corrupt, file: log,
        "The log given ends at position \(plan.last.value), before the snapshot's \(manifest.position). Give a longer log, or none."
      )
    }
    return plan
  }

  private func requireFreeTarget() throws(StorageFault) {
    switch try disk.entry(at: target) {
    case .missing: return
    case .directory:
      let found = try disk.list(target).filter { $0 != "lost+found" }
      if found.isEmpty || found.contains(DataDirectory.restoringName) { return }
      throw StorageFault(
        .notEmpty, file: target,
        "It holds \(DataDirectory.listing(found)). A restore goes only into a directory that does not exist or is empty."
      )
    case .file, .other:
      throw StorageFault(.notEmpty, file: target, "It exists and is no directory. Choose another path.")
    }
  }

  /// Fails where `end` asks for more than there is, or for less than the snapshot.
  private func requireReached(_ plan: Plan) throws(StorageFault) {
    let source = log == nil ? "Give the log as well: --log DIR." : "The log given goes no further."
    switch end {
    case .position(let wanted) where wanted.value < plan.manifest.position:
      throw StorageFault(
        .noSnapshot, file: snapshot,
        "It contains position \(plan.manifest.position) already; name an older one."
      )
    case .position(let wanted) where wanted > plan.last:
      throw StorageFault(
        .noSnapshot, file: log ?? snapshot,
        "Position \(wanted.value) was asked for, but only \(plan.last.value) is reached. \(source)")
    case .time(let time) where time.microseconds < plan.manifest.ingestTime:
      throw StorageFault(
        .noSnapshot, file: snapshot, "It is newer than the time asked for; name an older one.")
    case .time where log == nil:
      throw StorageFault(
        .noSnapshot, file: snapshot, "A point in time needs the log behind the snapshot. \(source)")
    case .all, .position, .time: return
    }
  }

  /// The part of a record that is wanted; nil behind the end.
  private func cut(_ record: LogRecord) -> LogRecord? {
    var record = record
    switch end {
    case .all: return record
    case .time(let time): return record.ingestTime <= time ? record : nil
    case .position(let last):
      guard record.firstPosition <= last else { return nil }
      let surplus = record.entries.count - Int(clamping: last.value &- record.firstPosition.value &+ 1)
      if surplus > 0 { record.entries.removeLast(surplus) }
      return record
    }
  }
}

/// A log to restore from: where it begins, and that it is of the snapshot's directory.
struct LogSpan {
  let path: String
  let first: Position
  private let disk: any Disk

  init(path: String, identity: [UInt8], on disk: any Disk) throws(StorageFault) {
    self.path = path
    self.disk = disk
    guard try disk.entry(at: path) == .directory else {
      throw StorageFault(
        .notInitialized, file: path,
        "There is no log; name the `log` directory of the original, or a copy of it.")
    }
    let base = try Superblock.besideLog(path, on: disk)?.base ?? .zero
    // An archive has no superblock: it begins with what it holds.
    let firsts = try disk.list(path).compactMap { SegmentHeader.position(fromFileName: $0) }
      .filter { $0 > base }.sorted()
    guard let first = firsts.first else { throw StorageFault.corrupt(path, "The log has no segments.") }
    self.first = first
    let file = path + "/" + SegmentHeader.fileName(first)
    _ = try SegmentScanner(path: file, named: first, identity: identity, lastIngestTime: .zero, on: disk)
  }

  /// - Parameter through: nil for all there is, which may be behind what a running daemon has just written.
  func reader(through: Position? = nil) throws(StorageFault) -> LogReader {
    try LogReader(
      path: path, from: first, through: through, base: Position(first.value &- 1), ending: .maybeTorn,
      on: disk)
  }

  /// Fails if the log is that of a data directory and lacks what was acknowledged there.
  func requireAcknowledged(_ last: Position, _ end: SnapshotRestore.End) throws(StorageFault) {
    guard end == .all, let acknowledged = try Superblock.besideLog(path, on: disk)?.acknowledged,
      acknowledged > last
    else { return }
    throw StorageFault(
      .corrupt, file: path,
      "The log given ends at position \(last.value), but \(acknowledged.value) was acknowledged. What is behind is lost; restore up to there if you accept that: --at \(last.value)."
    )
  }
}
