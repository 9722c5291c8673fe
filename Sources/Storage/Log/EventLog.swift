import FaultPoints
import Glibc
import Vocabulary

/// The durable, totally ordered sequence of everything that happened; docs/storage.md holds the bytes.
///
/// Thread rule: owned by one thread at a time.
/// Invariants:
/// 1. Positions are dense over records and segments; the first is one more than the superblock's base.
/// 2. A record is acknowledged only after `synchronize` returned; one fdatasync covers one commit group.
///    REQUIRES of the caller: at most one `append` between two `synchronize`, so that after a power loss only
///    the very last record can be incomplete.
/// 3. After the first failure nothing more is written: nobody knows what is on disk. Opening again decides.
/// 4. All segments but the last end with a footer and never change.
package final class EventLog {
  /// What opening found behind the last whole record.
  package struct TornTail: Sendable, Hashable {
    /// The copy in the quarantine.
    package var file: String
    package var bytes: UInt64
    /// The last position that was kept.
    package var last: Position
  }

  let path: String
  let identity: [UInt8]
  let disk: any Disk
  private let seed: UInt32
  private var current: DiskFile
  private var currentFirst: Position
  private var currentBytes: UInt64
  private var isFenced = false
  private var isClosed = false
  private var buffer = ByteWriter()
  private var scratch = ByteWriter()

  /// The position the next entry will get.
  package private(set) var next: Position
  /// Ingest time of the newest record; `.zero` in an empty log.
  package private(set) var lastIngestTime: Timestamp
  package private(set) var segmentCount: Int
  /// Bytes of all segments.
  package private(set) var bytes: UInt64
  /// Present if this opening had to cut off a write that a crash left unfinished.
  package let tornTail: TornTail?

  convenience init(_ directory: DataDirectory, _ opened: OpenedLog) {
    self.init(path: directory.logPath, identity: directory.identity, on: directory.disk, opened)
  }

  init(path: String, identity: [UInt8], on disk: any Disk, _ opened: OpenedLog) {
    self.disk = disk
    self.path = path
    self.identity = identity
    seed = RecordHeader.seed(identity: identity)
    current = opened.current
    currentFirst = opened.currentFirst
    currentBytes = opened.currentBytes
    next = opened.next
    lastIngestTime = opened.lastIngestTime
    segmentCount = opened.segmentCount
    bytes = opened.bytes
    tornTail = opened.tornTail
  }

  /// Writes one record that holds `entries`, and starts a new segment before it where the current one is full.
  /// Not durable before `synchronize`. O(bytes of the entries).
  ///
  /// The record's ingest time is never less than the one before: where the clock went back, the last time is
  /// repeated. `lastIngestTime` tells afterwards which it was.
  /// - Returns: the position of the first entry; the others follow without gap.
  /// - Throws: `.invalid`, with nothing written, for no entries or more than a record may hold; `.io` or
  ///   `.permission` at the first failure, `.fenced` ever after.
  package func append(_ entries: [LogEntry], ingestTime: Timestamp) throws(StorageFault) -> Position {
    try requireUsable()
    let first = next
    guard !entries.isEmpty, let count = UInt32(exactly: entries.count),
      case let (following, overflow) = first.value.addingReportingOverflow(UInt64(count)), !overflow
    else {
      throw StorageFault(.invalid, file: current.path, "A record holds at least one entry.")
    }
    let time = max(ingestTime, lastIngestTime)
    buffer.removeAll()
    buffer.append(zeros: RecordHeader.lengthOrigin)
    buffer.append(fixed64: first.value)
    buffer.append(fixed32: count)
    buffer.append(fixed64: UInt64(bitPattern: time.microseconds))
    for entry in entries {
      scratch.removeAll()
      EntryCodec.encode(entry, into: &scratch)
      buffer.append(prefixed: scratch.bytes)
    }
    let size = buffer.bytes.count
    guard size <= Limits.logRecordBytesMax,
      let length = UInt32(exactly: size - RecordHeader.lengthOrigin)
    else {
      throw StorageFault(
        .invalid, file: current.path,
        "A record of \(size) bytes exceeds the limit of \(Limits.logRecordBytesMax); use smaller batches.")
    }
    buffer.patch(fixed32: length, at: 0)
    let checksum = buffer.bytes.withUnsafeBytes { RecordHeader.checksum(ofRecord: $0, seed: seed) }
    buffer.patch(fixed32: checksum, at: 4)
    try fencing { () throws(StorageFault) in
      if currentBytes >= UInt64(Limits.logSegmentBytesMax) { try roll() }
      if FaultPoints.isDue(.logTorn) {
        try current.write(Array(buffer.bytes.prefix(size / 2)), at: currentBytes)
        FaultPoints.die()
      }
      try current.write(buffer.bytes, at: currentBytes)
    }
    FaultPoints.reach(.logWritten)
    currentBytes += UInt64(size)
    bytes += UInt64(size)
    next = Position(following)
    lastIngestTime = time
    return first
  }

  /// Makes everything appended durable: one fdatasync. The names of segments are durable already.
  package func synchronize() throws(StorageFault) {
    try requireUsable()
    try fencing { () throws(StorageFault) in try current.synchronizeData() }
    FaultPoints.reach(.logDurable)
  }

  /// Ends the current segment if it holds anything and begins another, so that all that was appended lies in
  /// sealed segments. Durable when it returns.
  /// - Returns: the last position in a sealed segment; zero if there is none.
  package func seal() throws(StorageFault) -> Position {
    try requireUsable()
    if next > currentFirst { try fencing { () throws(StorageFault) in try roll() } }
    return Position(next.value &- 1)
  }

  /// Fails unless the log reaches `applied`, a position that derived state claims to contain.
  package func requireCovers(_ applied: Position) throws(StorageFault) {
    if applied >= next {
      throw StorageFault.corrupt(
        path,
        "The log ends at position \(next.value &- 1), but the state contains position \(applied.value).")
    }
  }

  /// Takes a removed segment out of the counts.
  func forget(segmentOf size: UInt64) {
    segmentCount -= 1
    bytes -= min(bytes, size)
  }

  /// Closes the file; further calls throw `.fenced`. Does not synchronise.
  package func close() {
    isClosed = true
    current.close()
  }

  private func requireUsable() throws(StorageFault) {
    if isFenced || isClosed {
      throw StorageFault(
        .fenced, file: current.path,
        isClosed
          ? "The log was closed."
          : "An earlier write failed, so nothing more is written; restart the daemon.")
    }
  }

  private func fencing(_ body: () throws(StorageFault) -> Void) throws(StorageFault) {
    do throws(StorageFault) {
      try body()
    } catch {
      isFenced = true
      throw error
    }
  }

  /// Seals the current segment and opens the next. REQUIRES: the current one holds a record.
  private func roll() throws(StorageFault) {
    let footer = SegmentFooter(
      firstPosition: currentFirst, lastPosition: Position(next.value &- 1), lastIngestTime: lastIngestTime,
      offset: currentBytes)
    try current.write(footer.encoded(seed: seed), at: currentBytes)
    FaultPoints.reach(.segmentFooter)
    try current.synchronizeData()
    FaultPoints.reach(.segmentSealed)
    bytes += UInt64(SegmentFooter.byteCount)
    current = try Self.createSegment(
      in: path, SegmentHeader(identity: identity, firstPosition: next, created: disk.now()), on: disk)
    currentFirst = next
    currentBytes = UInt64(SegmentHeader.byteCount)
    bytes += currentBytes
    segmentCount += 1
  }

  /// Makes an empty segment. It gets its name when its header is on stable storage, so a segment never has half
  /// a header; both the file and the name are durable when this returns.
  static func createSegment(
    in path: String, _ header: SegmentHeader, on disk: any Disk
  ) throws(StorageFault) -> DiskFile {
    let unfinished = path + "/" + SegmentHeader.unfinishedFileName(header.firstPosition)
    let finished = path + "/" + SegmentHeader.fileName(header.firstPosition)
    do {
      let file = try disk.open(unfinished, flags: O_WRONLY | O_CREAT | O_EXCL)
      try file.write(header.encoded(), at: 0)
      try file.synchronize()
    }
    FaultPoints.reach(.segmentHeader)
    try disk.move(unfinished, to: finished)
    FaultPoints.reach(.segmentNamed)
    try disk.synchronizeDirectory(path)
    FaultPoints.reach(.segmentBegun)
    return try disk.open(finished, flags: O_WRONLY)
  }
}
