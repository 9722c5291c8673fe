import Glibc
import Vocabulary

/// Walks the records of one segment in order and verifies each: length, checksum, dense positions, monotone
/// ingest time. Memory: one buffer that holds the largest record met.
///
/// Reads through pread and not a map: a file cut short under a map kills the process.
final class SegmentScanner {
  /// What stands at the current offset.
  enum Step {
    /// A verified record. The view is valid until the next call.
    case record(RecordHeader, UnsafeRawBufferPointer)
    /// A verified footer; nothing may follow it.
    case footer(SegmentFooter)
    /// The file ends cleanly.
    case end
    /// Bytes that may be half a record: they do not verify.
    case torn(StaticString)
  }

  let file: DiskFile
  let header: SegmentHeader
  let seed: UInt32
  /// Bytes in the file when it was opened.
  let fileBytes: UInt64
  /// Where the next record begins.
  private(set) var offset = UInt64(SegmentHeader.byteCount)
  /// The position the next record must begin with.
  private(set) var next: Position
  private(set) var lastIngestTime: Timestamp

  /// bytes `windowStart ..< windowStart + windowCount` of the file lie in `window`.
  private var window: UnsafeMutableRawBufferPointer
  private var windowStart: UInt64 = 0
  private var windowCount = 0

  /// Opens a segment and checks its header against its name and owner.
  /// - Parameter identity: of the directory; nil takes the segment's word.
  init(
    path: String, named first: Position, identity: [UInt8]?, lastIngestTime: Timestamp, on disk: any Disk
  ) throws(StorageFault) {
    file = try disk.open(path, flags: O_RDONLY)
    fileBytes = try file.size()
    header = try Self.header(of: file, named: first, identity: identity)
    seed = RecordHeader.seed(identity: header.identity)
    next = first
    self.lastIngestTime = lastIngestTime
    window = .allocate(byteCount: 1 << 20, alignment: 8)
  }

  deinit { window.deallocate() }

  /// Reads and checks the header of a segment.
  static func header(
    of file: DiskFile, named first: Position, identity: [UInt8]?
  ) throws(StorageFault) -> SegmentHeader {
    let bytes = try file.read(count: SegmentHeader.byteCount, at: 0)
    let header = try SegmentHeader(decoding: bytes, file: file.path)
    if let identity, header.identity != identity {
      throw StorageFault.corrupt(file.path, "The segment belongs to another data directory.")
    }
    guard header.firstPosition == first else {
      throw StorageFault.corrupt(
        file.path, "The segment's name does not match its first position, \(header.firstPosition.value).")
    }
    return header
  }

  /// Advances over one record or the footer.
  /// - Throws: `.corrupt` for bytes that verify but cannot follow what stands before them.
  func advance() throws(StorageFault) -> Step {
    let remaining = fileBytes - offset
    if remaining == 0 { return .end }
    let front = try view(at: offset, count: Int(min(remaining, UInt64(SegmentFooter.byteCount))))
    if front.starts(with: SegmentFooter.magic) { return try footer(front) }
    guard front.count >= RecordHeader.byteCount else { return .torn("half a record header") }
    let record = RecordHeader(at: front)
    guard record.isPlausible, let last = record.lastPosition else { return .torn("not a record") }
    guard UInt64(record.recordBytes) <= remaining else { return .torn("a record cut short") }
    let bytes = try view(at: offset, count: record.recordBytes)
    guard record.matches(bytes, seed: seed) else { return .torn("a record whose checksum does not match") }
    guard record.firstPosition == next else {
      throw StorageFault.corrupt(
        file.path,
        "At byte \(offset) positions jump from \(next.value) to \(record.firstPosition.value).")
    }
    guard record.ingestTime >= lastIngestTime else {
      throw StorageFault.corrupt(file.path, "At byte \(offset) the ingest time runs backwards.")
    }
    offset += UInt64(record.recordBytes)
    next = Position(last.value &+ 1)
    lastIngestTime = record.ingestTime
    return .record(record, bytes)
  }

  private func footer(_ bytes: UnsafeRawBufferPointer) throws(StorageFault) -> Step {
    guard let footer = try? SegmentFooter(decoding: bytes, seed: seed) else {
      return .torn("a footer that does not verify")
    }
    guard footer.offset == offset, footer.firstPosition == header.firstPosition,
      footer.lastPosition.value &+ 1 == next.value, footer.lastIngestTime == lastIngestTime
    else {
      throw StorageFault.corrupt(file.path, "The footer does not fit the records before it.")
    }
    guard offset + UInt64(SegmentFooter.byteCount) == fileBytes else {
      throw StorageFault.corrupt(file.path, "Bytes follow the footer of a sealed segment.")
    }
    offset = fileBytes
    return .footer(footer)
  }

  /// Whether a whole record or footer of this log lies anywhere behind the current offset. If so, the bytes
  /// here were once followed by others and are damage; if not, they may be a write that a crash cut short.
  /// O(bytes behind), with one checksum for each place that looks like a header.
  func hasValidDataBehind() throws(StorageFault) -> Bool {
    var candidate = offset + 1
    let block = 1 << 16
    while candidate + UInt64(RecordHeader.byteCount) <= fileBytes {
      let count = Int(min(UInt64(block + SegmentFooter.byteCount), fileBytes - candidate))
      // A copy: a view is overwritten when a candidate record is read.
      let bytes = Array(try view(at: candidate, count: count))
      let starts = max(1, min(block, count - RecordHeader.byteCount + 1))
      for start in 0..<starts where try isValid(bytes, start, at: candidate + UInt64(start)) { return true }
      candidate += UInt64(starts)
    }
    return false
  }

  /// Whether a record or footer that verifies begins at `bytes[start]`, which is byte `place` of the file.
  private func isValid(_ bytes: [UInt8], _ start: Int, at place: UInt64) throws(StorageFault) -> Bool {
    let (isFooter, header) = bytes.span.bytes.withUnsafeBytes { buffer in
      let front = UnsafeRawBufferPointer(rebasing: buffer[start...])
      let footer = front.prefix(SegmentFooter.byteCount)
      let isFooter =
        front[0] == SegmentFooter.magic[0]
        && (try? SegmentFooter(decoding: UnsafeRawBufferPointer(rebasing: footer), seed: seed)) != nil
      return (isFooter, front.count >= RecordHeader.byteCount ? RecordHeader(at: front) : nil)
    }
    if isFooter { return true }
    guard let header, header.isPlausible, header.firstPosition >= next,
      UInt64(header.recordBytes) <= fileBytes - place
    else { return false }
    return header.matches(try view(at: place, count: header.recordBytes), seed: seed)
  }

  /// Bytes of the file, from the window where they are in it. Valid until the next call.
  private func view(at start: UInt64, count: Int) throws(StorageFault) -> UnsafeRawBufferPointer {
    if start >= windowStart, start - windowStart <= UInt64(windowCount),
      count <= windowCount - Int(start - windowStart)
    {
      let from = Int(start - windowStart)
      return UnsafeRawBufferPointer(rebasing: window[from..<(from + count)])
    }
    if count > window.count {
      window.deallocate()
      window = .allocate(byteCount: max(count, min(2 * window.count, Limits.logRecordBytesMax)), alignment: 8)
    }
    windowStart = start
    windowCount = 0
    windowCount = try file.read(into: window, at: start)
    guard windowCount >= count else {
      throw StorageFault.corrupt(file.path, "The file became shorter while it was read.")
    }
    return UnsafeRawBufferPointer(rebasing: window[..<count])
  }
}
