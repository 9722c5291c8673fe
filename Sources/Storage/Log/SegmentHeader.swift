import Checksums
import Vocabulary

/// The first 64 bytes of a segment, and the names of segments.
package struct SegmentHeader: Sendable, Hashable {
  package static let magic = Array("MAGPIELG".utf8)
  package static let formatVersion: UInt32 = 1
  package static let byteCount = 64
  package static let suffix = ".log"
  /// A segment bears this behind its name until its header is on stable storage.
  package static let unfinishedSuffix = ".log.partial"

  package var identity: [UInt8]
  package var firstPosition: Position
  package var created: Timestamp

  package init(identity: [UInt8], firstPosition: Position, created: Timestamp) {
    self.identity = identity
    self.firstPosition = firstPosition
    self.created = created
  }

  /// `00000000000000000001.log`
  package static func fileName(_ first: Position) -> String { digits(first) + suffix }

  package static func unfinishedFileName(_ first: Position) -> String { digits(first) + unfinishedSuffix }

  private static func digits(_ first: Position) -> String {
    let digits = String(first.value)
    return String(repeating: "0", count: 20 - digits.utf8.count) + digits
  }

  /// The position in a segment's file name, or nil if it is not one.
  package static func position(fromFileName name: String) -> Position? {
    guard name.hasSuffix(suffix), let value = UInt64(name.dropLast(suffix.count)) else { return nil }
    let position = Position(value)
    return fileName(position) == name ? position : nil
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: Self.byteCount)
    writer.append(raw: Self.magic)
    writer.append(fixed32: Self.formatVersion)
    writer.append(fixed32: 0)
    writer.append(raw: identity)
    writer.append(fixed64: firstPosition.value)
    writer.append(fixed64: UInt64(bitPattern: created.microseconds))
    writer.append(zeros: Self.byteCount - 4 - writer.bytes.count)
    writer.append(fixed32: CRC32C.of(writer.bytes))
    return writer.bytes
  }

  /// - Throws: `.corrupt` or `.newerFormat`, naming `file`.
  package init(decoding bytes: [UInt8], file: String) throws(StorageFault) {
    guard bytes.starts(with: Self.magic) else {
      throw StorageFault.corrupt(file, "It does not begin like a log segment.")
    }
    guard bytes.count == Self.byteCount else {
      throw StorageFault.corrupt(file, "It ends within its header.")
    }
    let (version, header): (UInt32, SegmentHeader)
    do throws(MalformedBytes) {
      (version, header) = try bytes.span.bytes.withUnsafeBytes { (buffer) throws(MalformedBytes) in
        try Self.fields(buffer)
      }
    } catch {
      throw error.fault(in: file, "The segment's header")
    }
    guard version <= Self.formatVersion else {
      throw StorageFault(
        .newerFormat, file: file,
        "The segment has format \(version); this release reads format \(Self.formatVersion). "
          + "Install the release that wrote it.")
    }
    self = header
  }

  /// REQUIRES: `bytes` holds exactly 64.
  private static func fields(
    _ bytes: UnsafeRawBufferPointer
  ) throws(MalformedBytes) -> (version: UInt32, header: SegmentHeader) {
    var reader = ByteReader(bytes)
    _ = try reader.raw(count: magic.count)
    let version = try reader.fixed32()
    _ = try reader.fixed32()
    let identity = Array(try reader.raw(count: 16))
    let first = Position(try reader.fixed64())
    let created = Timestamp(microseconds: Int64(bitPattern: try reader.fixed64()))
    let covered = byteCount - 4
    _ = try reader.raw(count: covered - reader.offset)
    guard try reader.fixed32() == CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[..<covered])) else {
      throw MalformedBytes("a checksum that does not match", at: covered)
    }
    return (version, SegmentHeader(identity: identity, firstPosition: first, created: created))
  }
}

/// The last 64 bytes of a sealed segment: what a start must know of it without reading it.
package struct SegmentFooter: Sendable, Hashable {
  /// Read as a record's length it exceeds every limit, so it cannot be taken for one.
  package static let magic = Array("MAGPIEFT".utf8)
  package static let byteCount = 64

  package var firstPosition: Position
  package var lastPosition: Position
  package var lastIngestTime: Timestamp
  /// Where the footer begins, which is the length of header and records.
  package var offset: UInt64

  package init(firstPosition: Position, lastPosition: Position, lastIngestTime: Timestamp, offset: UInt64) {
    self.firstPosition = firstPosition
    self.lastPosition = lastPosition
    self.lastIngestTime = lastIngestTime
    self.offset = offset
  }

  /// `seed` is the checksum of the directory's identity.
  package func encoded(seed: UInt32) -> [UInt8] {
    var writer = ByteWriter(capacity: Self.byteCount)
    writer.append(raw: Self.magic)
    writer.append(fixed64: firstPosition.value)
    writer.append(fixed64: lastPosition.value)
    writer.append(fixed64: UInt64(bitPattern: lastIngestTime.microseconds))
    writer.append(fixed64: offset)
    writer.append(zeros: Self.byteCount - 4 - writer.bytes.count)
    writer.append(fixed32: CRC32C.of(writer.bytes, continuing: seed))
    return writer.bytes
  }

  package init(decoding bytes: UnsafeRawBufferPointer, seed: UInt32) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.raw(count: Self.magic.count).elementsEqual(Self.magic) else {
      throw MalformedBytes("a footer is missing", at: 0)
    }
    firstPosition = Position(try reader.fixed64())
    lastPosition = Position(try reader.fixed64())
    lastIngestTime = Timestamp(microseconds: Int64(bitPattern: try reader.fixed64()))
    offset = try reader.fixed64()
    let covered = Self.byteCount - 4
    _ = try reader.raw(count: covered - reader.offset)
    let checksum = try reader.fixed32()
    try reader.finish()
    guard CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[..<covered]), continuing: seed) == checksum else {
      throw MalformedBytes("a footer's checksum does not match", at: covered)
    }
  }
}

extension StorageFault {
  /// Damage: what was found, and the advice that goes with all of it.
  static func corrupt(_ file: String, _ finding: String) -> StorageFault {
    StorageFault(.corrupt, file: file, finding + " Nothing was changed; " + restoreAdvice)
  }
}
