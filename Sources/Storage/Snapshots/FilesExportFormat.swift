import Checksums
import Vocabulary

/// The parts of `state.export`, version 2: LevelDB's files one behind the other. Header and trailer are as in version 1;
/// docs/snapshots.md holds the bytes.
enum FilesExportFormat {
  static let version: UInt32 = 2
  static let blockHeaderBytes = 20
  /// A block's checksum covers everything from here.
  static let checkedFrom = 8

  /// What a block holds.
  enum Kind: UInt32, Sendable {
    /// A file begins: its form, bytes and name.
    case file = 1
    /// Bytes of the file that began last.
    case content = 2
  }

  /// Fills in the first bytes of a block whose payload lies behind them.
  /// - Parameters:
  ///   - bytes: the whole block, to the end of its payload.
  ///   - number: of the block, from 0.
  static func seal(_ bytes: UnsafeMutableRawBufferPointer, kind: Kind, number: UInt64, seed: UInt32) {
    let length = UInt32(clamping: bytes.count - blockHeaderBytes)
    bytes.storeBytes(of: length.littleEndian, toByteOffset: 0, as: UInt32.self)
    bytes.storeBytes(of: number.littleEndian, toByteOffset: 8, as: UInt64.self)
    bytes.storeBytes(of: kind.rawValue.littleEndian, toByteOffset: 16, as: UInt32.self)
    let check = CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[checkedFrom...]), continuing: seed)
    bytes.storeBytes(of: check.littleEndian, toByteOffset: 4, as: UInt32.self)
  }

  /// The payload of the block that begins a file.
  static func encode(_ file: StateFile) -> [UInt8] {
    var writer = ByteWriter(capacity: 16 + file.name.utf8.count)
    writer.append(byte: file.form.rawValue)
    writer.append(varint: file.bytes)
    writer.append(prefixed: Array(file.name.utf8))
    return writer.bytes
  }

  static func file(decoding payload: UnsafeRawBufferPointer) throws(MalformedBytes) -> StateFile {
    var reader = ByteReader(payload)
    guard let form = StateFile.Form(rawValue: try reader.byte()) else {
      throw MalformedBytes("a form of files that is not known", at: 0)
    }
    let bytes = try reader.varint()
    let name = try reader.text()
    guard SnapshotManifest.isPlainPath(name), !name.contains("/") else {
      throw MalformedBytes("a name that no file may have", at: 0)
    }
    try reader.finish()
    return StateFile(name: name, form: form, bytes: bytes)
  }
}
