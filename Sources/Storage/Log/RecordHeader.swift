import Checksums
import Vocabulary

/// The fixed part of a log record: one commit group.
package struct RecordHeader: Sendable, Hashable {
  /// Length and checksum, position, entries, ingest time.
  package static let byteCount = 28
  /// The length field counts from here.
  package static let lengthOrigin = 8

  package var length: UInt32
  package var checksum: UInt32
  package var firstPosition: Position
  package var entries: UInt32
  package var ingestTime: Timestamp

  /// Bytes of the whole record.
  package var recordBytes: Int { Self.lengthOrigin + Int(length) }

  /// Position of the last entry, or nil if the numbers cannot be true.
  package var lastPosition: Position? {
    let (last, overflow) = firstPosition.value.addingReportingOverflow(UInt64(entries))
    return overflow || entries == 0 ? nil : Position(last - 1)
  }

  /// Reads the fields. REQUIRES: `bytes` holds at least 28.
  init(at bytes: UnsafeRawBufferPointer) {
    length = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    firstPosition = Position(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    entries = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    ingestTime = Timestamp(
      microseconds: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 20, as: Int64.self)))
  }

  /// Whether the fields can be those of a record: a cheap test before the checksum. Each entry takes at least
  /// a length and a byte.
  var isPlausible: Bool {
    recordBytes <= Limits.logRecordBytesMax && lastPosition != nil && firstPosition > .zero
      && recordBytes >= Self.byteCount + 2 * Int(entries)
  }

  /// Whether `record`, the whole of it, has the checksum its header names.
  func matches(_ record: UnsafeRawBufferPointer, seed: UInt32) -> Bool {
    record.count == recordBytes && Self.checksum(ofRecord: record, seed: seed) == checksum
  }

  /// The checksum of a whole record: of everything behind the checksum field.
  static func checksum(ofRecord record: UnsafeRawBufferPointer, seed: UInt32) -> UInt32 {
    CRC32C.of(UnsafeRawBufferPointer(rebasing: record[lengthOrigin...]), continuing: seed)
  }

  /// Where the checksums of a directory's records start: bytes of another log, or an event that contains the
  /// image of a record, never pass for a record here.
  package static func seed(identity: [UInt8]) -> UInt32 { CRC32C.of(identity) }
}

/// One commit group as read back.
package struct LogRecord: Sendable, Hashable {
  /// Position of `entries[0]`; the others follow without gap.
  package var firstPosition: Position
  /// When the daemon took the group in; never less than in the record before.
  package var ingestTime: Timestamp
  package var entries: [LogEntry]

  package init(firstPosition: Position, ingestTime: Timestamp, entries: [LogEntry]) {
    self.firstPosition = firstPosition
    self.ingestTime = ingestTime
    self.entries = entries
  }
}
