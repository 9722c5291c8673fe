import Checksums
import Vocabulary

/// The fixed parts of `state.export`, which versions 1 and 2 share but for the number; docs/snapshots.md holds the bytes.
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

    func encoded(version: UInt32) -> [UInt8] {
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

  /// Reads a header.
  /// - Parameters:
  ///   - version: the one it must have.
  ///   - path: for faults.
  static func header(
    _ bytes: [UInt8], version: UInt32, _ path: String
  ) throws(StorageFault) -> Header {
    guard bytes.starts(with: Header.magic), bytes.count == headerBytes else {
      throw SnapshotManifest.damaged(path, "It does not begin like an export.")
    }
    do throws(MalformedBytes) {
      return try bytes.span.bytes.withUnsafeBytes { (buffer) throws(MalformedBytes) in
        var reader = ByteReader(buffer)
        _ = try reader.raw(count: Header.magic.count)
        guard try reader.fixed32() == version else {
          throw MalformedBytes("another version of the export than the manifest's", at: Header.magic.count)
        }
        _ = try reader.fixed32()
        let identity = Array(try reader.raw(count: 16))
        let position = Position(try reader.fixed64())
        let created = Timestamp(microseconds: Int64(bitPattern: try reader.fixed64()))
        let covered = headerBytes - 4
        _ = try reader.raw(count: covered - reader.offset)
        guard try reader.fixed32() == CRC32C.of(UnsafeRawBufferPointer(rebasing: buffer[..<covered])) else {
          throw MalformedBytes("a checksum that does not match", at: covered)
        }
        return Header(identity: identity, position: position, created: created)
      }
    } catch {
      throw SnapshotManifest.damaged(path, "At byte \(error.offset) there is \(error.what).")
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
