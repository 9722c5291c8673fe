import Glibc
import Vocabulary

/// Reads a log from some position on, record by record, without the directory's lock: for replay at start, and
/// for the trainer's own process while the daemon goes on appending.
///
/// Every record is verified: checksum, dense positions, ingest time. With `through`, the reader stops at that
/// position and never looks behind it, where a write may be under way; the position must be durable already.
/// Without it the reader reads to the end, so nobody may be appending.
///
/// Not sendable; memory is one buffer that holds the largest record.
package struct LogReader {
  private let path: String
  private let disk: any Disk
  private let ending: Ending
  private let from: Position
  private let through: Position?
  private var segments: ArraySlice<Position>
  private var scanner: SegmentScanner?
  private var decoder = EntryDecoder()
  private var identity: [UInt8]?
  private var lastIngestTime = Timestamp.zero
  private var finishedBytes: UInt64 = 0
  private var isFinished = false

  /// What to make of bytes behind the last whole record of the last segment.
  package enum Ending: Sendable {
    /// They are damage.
    case whole
    /// They may be a write under way, or one that a crash cut short: the log ends before them, unless something
    /// whole lies behind.
    case maybeTorn
  }

  /// Bytes behind the last whole record that were passed over; zero with `Ending.whole`.
  package private(set) var tornBytes: UInt64 = 0

  /// Bytes of segments walked so far, for progress.
  package var bytesRead: UInt64 { finishedBytes + (scanner?.offset ?? 0) }
  /// Bytes of all segments to walk, as far as they had been written when the reader was made.
  package let bytesTotal: UInt64

  /// - Parameters:
  ///   - path: the log directory.
  ///   - from: the first position wanted; zero is the same as 1.
  ///   - through: the last position wanted; nil for all there are.
  ///   - base: the position before the log's first, where that is known; else the superblock beside the log says it,
  ///     and where there is none the log begins at 1. What was pruned is passed over: nothing before it is read.
  /// - Throws: `.corrupt` if the directory's files cannot be a log; `.notInitialized`, `.permission`, `.io`.
  package init(
    path: String, from: Position, through: Position? = nil, base: Position? = nil, ending: Ending = .whole,
    on disk: any Disk = .system
  ) throws(StorageFault) {
    guard try disk.entry(at: path) == .directory else {
      throw StorageFault(
        .notInitialized, file: path, "There is no log; name the data directory that a daemon was started on.")
    }
    self.path = path
    self.disk = disk
    self.ending = ending
    let base = if let base { base } else { try Superblock.besideLog(path, on: disk)?.base ?? .zero }
    let from = max(from, Position(base.value &+ 1))
    self.from = from
    self.through = through
    let all = try SegmentHeader.positions(ofFiles: try disk.list(path), in: path, after: base)
    guard !all.isEmpty else { throw StorageFault.corrupt(path, "The log has no segments.") }
    // The segment that holds `from` is the last that begins at or before it.
    let start = (all.firstIndex { $0 > from } ?? all.count) - 1
    let end = through.flatMap { through in all.firstIndex { $0 > through } } ?? all.count
    let isEmpty = through.map { $0 < from } ?? false
    segments = isEmpty ? [] : all[min(start, end)..<end]
    var total: UInt64 = 0
    for first in segments {
      let file = try disk.open(path + "/" + SegmentHeader.fileName(first), flags: O_RDONLY)
      total += try file.size()
    }
    bytesTotal = total
  }

  /// The next record that holds wanted positions, cut to them; nil after the last.
  /// - Throws: `.corrupt` naming segment and byte, also if the log ends before `through`; `.newerFormat`, `.io`.
  package mutating func next() throws(StorageFault) -> LogRecord? {
    while !isFinished {
      guard let scanner = try openedScanner() else { return nil }
      let place = scanner.offset
      switch try scanner.advance() {
      case .record(let header, let bytes):
        // Verified by the scanner: entries is at least 1 and the sum does not overflow.
        let last = Position(scanner.next.value &- 1)
        if let through, last >= through { isFinished = true }
        if let through, header.firstPosition > through { return nil }
        if last < from { continue }
        return try decode(header, bytes, last, file: scanner.file.path, at: place)
      case .footer:
        try finishSegment(scanner)
      case .end:
        guard segments.isEmpty else {
          throw StorageFault.corrupt(scanner.file.path, "The sealed segment does not end with its footer.")
        }
        try finishSegment(scanner)
      case .torn(let what):
        guard ending == .maybeTorn, segments.isEmpty, try !scanner.hasValidDataBehind() else {
          throw StorageFault.corrupt(scanner.file.path, "At byte \(place) there is \(what).")
        }
        tornBytes = scanner.fileBytes - place
        try finishSegment(scanner)
      }
    }
    return nil
  }

  private mutating func openedScanner() throws(StorageFault) -> SegmentScanner? {
    if let scanner { return scanner }
    guard let first = segments.popFirst() else {
      isFinished = true
      return nil
    }
    let opened = try SegmentScanner(
      path: path + "/" + SegmentHeader.fileName(first), named: first, identity: identity,
      lastIngestTime: lastIngestTime, on: disk)
    identity = opened.header.identity
    scanner = opened
    return opened
  }

  /// Moves on from a segment that ended, if what it ended with may be.
  private mutating func finishSegment(_ scanner: SegmentScanner) throws(StorageFault) {
    if let following = segments.first, following != scanner.next {
      throw StorageFault.corrupt(
        scanner.file.path,
        "The segment ends before position \(scanner.next.value), but the next begins at \(following.value).")
    }
    if segments.isEmpty, let through, scanner.next <= through {
      throw StorageFault.corrupt(
        scanner.file.path,
        "The log ends at position \(scanner.next.value &- 1), before position \(through.value).")
    }
    finishedBytes += scanner.offset
    lastIngestTime = scanner.lastIngestTime
    self.scanner = nil
  }

  private mutating func decode(
    _ header: RecordHeader, _ bytes: UnsafeRawBufferPointer, _ last: Position, file: String, at place: UInt64
  ) throws(StorageFault) -> LogRecord {
    let wantedFirst = max(header.firstPosition, from)
    let wantedLast = through.map { min($0, last) } ?? last
    var entries: [LogEntry] = []
    do throws(MalformedBytes) {
      var reader = ByteReader(bytes)
      _ = try reader.raw(count: RecordHeader.byteCount)
      entries.reserveCapacity(Int(wantedLast.value &- wantedFirst.value) + 1)
      // Every entry is decoded, wanted or not: bytes that do not decode are damage wherever they stand.
      for number in 0..<UInt64(header.entries) {
        let entry = try decoder.decode(try reader.prefixed())
        let position = Position(header.firstPosition.value &+ number)
        if position >= wantedFirst, position <= wantedLast { entries.append(entry) }
      }
      try reader.finish()
    } catch {
      throw error.fault(in: file, "The record at byte \(place)")
    }
    return LogRecord(firstPosition: wantedFirst, ingestTime: header.ingestTime, entries: entries)
  }
}
