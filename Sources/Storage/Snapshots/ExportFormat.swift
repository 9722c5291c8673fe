import Checksums
import Vocabulary

/// The fixed parts of `state.export`; docs/snapshots.md holds the bytes.
enum ExportFormat {
  static let version: UInt32 = 1
  static let headerBytes = 64
  static let blockHeaderBytes = 20
  /// A block's checksum covers everything from here.
  static let checkedFrom = 8
  static let trailerBytes = 64

  struct Header: Sendable, Hashable {
    static let magic = Array("MAGPIESS".utf8)
    var identity: [UInt8]
    var position: Position
    var created: Timestamp

    func encoded() -> [UInt8] {
      var writer = ByteWriter(capacity: headerBytes)
      writer.append(raw: Self.magic)
      writer.append(fixed32: version)
      writer.append(fixed32: 0)
      writer.append(raw: identity)
      writer.append(fixed64: position.value)
      writer.append(fixed64: UInt64(bitPattern: created.microseconds))
      writer.append(zeros: headerBytes - 4 - writer.bytes.count)
      writer.append(fixed32: CRC32C.of(writer.bytes))
      return writer.bytes
    }
  }

  struct Trailer: Sendable, Hashable {
    static let magic = Array("MAGPIESE".utf8)
    var entries: UInt64
    var blocks: UInt64
    var offset: UInt64

    func encoded(seed: UInt32) -> [UInt8] {
      var writer = ByteWriter(capacity: trailerBytes)
      writer.append(raw: Self.magic)
      writer.append(fixed64: entries)
      writer.append(fixed64: blocks)
      writer.append(fixed64: offset)
      writer.append(zeros: trailerBytes - 4 - writer.bytes.count)
      writer.append(fixed32: CRC32C.of(writer.bytes, continuing: seed))
      return writer.bytes
    }
  }
}
