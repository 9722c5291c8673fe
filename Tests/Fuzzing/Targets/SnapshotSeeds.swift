import Checksums
import Storage
import Vocabulary

/// A small snapshot, by the byte tables of docs/snapshots.md.
enum SnapshotSeeds {
  static let name = "00000000000000000007-0000000000000009"
  static let manifest = "manifest.json"
  static let export = "state.export"
  private static let seed = RecordHeader.seed(identity: StorageSeeds.identity)

  private static func header(version: UInt32) -> [UInt8] {
    var file = ByteWriter()
    file.append(raw: Array("MAGPIESS".utf8))
    file.append(fixed32: version)
    file.append(fixed32: 0)
    file.append(raw: StorageSeeds.identity)
    file.append(fixed64: 7)
    file.append(fixed64: 9)
    file.append(zeros: 12)
    file.append(fixed32: CRC32C.of(file.bytes))
    return file.bytes
  }

  /// `state.export` of version 1 with two blocks of one and two records.
  static func exportBytes() -> [UInt8] {
    var file = ByteWriter()
    file.append(raw: header(version: 1))
    var first: UInt64 = 0
    for block in [[("Ea", "1")], [("Eb", "22"), ("Uc", "")]] {
      var body = ByteWriter()
      body.append(fixed64: first)
      body.append(fixed32: UInt32(block.count))
      for (key, value) in block {
        body.append(prefixed: Array(key.utf8))
        body.append(prefixed: Array(value.utf8))
      }
      file.append(fixed32: UInt32(body.bytes.count - 12))
      file.append(fixed32: CRC32C.of(body.bytes, continuing: seed))
      file.append(raw: body.bytes)
      first += UInt64(block.count)
    }
    return file.bytes + trailer(entries: first, blocks: 2, offset: file.bytes.count)
  }

  private static func trailer(entries: UInt64, blocks: UInt64, offset: Int) -> [UInt8] {
    var trailer = ByteWriter()
    trailer.append(raw: Array("MAGPIESE".utf8))
    trailer.append(fixed64: entries)
    trailer.append(fixed64: blocks)
    trailer.append(fixed64: UInt64(offset))
    trailer.append(zeros: 28)
    trailer.append(fixed32: CRC32C.of(trailer.bytes, continuing: seed))
    return trailer.bytes
  }

  /// `state.export` of version 2 with a file of each form.
  static func filesBytes() -> [UInt8] {
    var file = ByteWriter()
    file.append(raw: header(version: 2))
    let files = [
      ("000005.ldb", 2, StateFileSeeds.table()), ("CURRENT", 1, Array("MANIFEST-000004\n".utf8)),
      ("MANIFEST-000004", 3, StateFileSeeds.log()),
    ]
    var number: UInt64 = 0
    for (name, form, bytes) in files {
      var front = ByteWriter()
      front.append(byte: UInt8(form))
      front.append(varint: UInt64(bytes.count))
      front.append(prefixed: Array(name.utf8))
      for (kind, payload) in [(1, front.bytes), (2, bytes)] {
        var body = ByteWriter()
        body.append(fixed64: number)
        body.append(fixed32: UInt32(kind))
        body.append(raw: payload)
        file.append(fixed32: UInt32(payload.count))
        file.append(fixed32: CRC32C.of(body.bytes, continuing: seed))
        file.append(raw: body.bytes)
        number += 1
      }
    }
    return file.bytes + trailer(entries: UInt64(files.count), blocks: number, offset: file.bytes.count)
  }

  /// The digest of version 2: of the header, the fronts of blocks and the trailer, as far as lengths allow.
  private static func digest(ofFiles bytes: [UInt8]) -> String {
    var covered = Array(bytes.prefix(64))
    var offset = 64
    while bytes.count - offset >= 20, !bytes[offset...].starts(with: Array("MAGPIESE".utf8)) {
      covered += bytes[offset..<(offset + 20)]
      let length = 20 + (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
      guard length <= bytes.count - offset else { return "" }
      offset += length
    }
    covered += bytes[min(offset, bytes.count)...]
    return covered.withUnsafeBytes { SHA256.hex($0) }
  }

  /// Makes the checksums of header, blocks and trailer right as far as their lengths allow.
  static func repair(_ bytes: inout [UInt8]) {
    guard bytes.count >= 64 else { return }
    put(CRC32C.of(Array(bytes[..<60])), into: &bytes, at: 60)
    var offset = 64
    while bytes.count - offset >= 20 {
      if bytes[offset...].starts(with: Array("MAGPIESE".utf8)) {
        guard bytes.count - offset >= 64 else { return }
        put(CRC32C.of(Array(bytes[offset..<(offset + 60)]), continuing: seed), into: &bytes, at: offset + 60)
        return
      }
      let length = 20 + (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
      guard length <= bytes.count - offset else { return }
      put(
        CRC32C.of(Array(bytes[(offset + 8)..<(offset + length)]), continuing: seed), into: &bytes,
        at: offset + 4)
      offset += length
    }
  }

  private static func put(_ value: UInt32, into bytes: inout [UInt8], at offset: Int) {
    for place in 0..<4 { bytes[offset + place] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(place))) }
  }

  /// The manifest of a snapshot whose only file is this export.
  static func manifestBytes(_ export: [UInt8], version: Int = 1) -> [UInt8] {
    let identity = StorageSeeds.identity.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
      .joined()
    let digest = version == 1 ? export.withUnsafeBytes { SHA256.hex($0) } : digest(ofFiles: export)
    return Array(
      """
      {"formatVersion":\(version),"directory":"\(identity)","position":7,"ingestTime":5,"logBegins":1,"created":9,\
      "program":"magpied","configurationHash":"0000000000000abc","entries":3,"generations":\
      [{"tenant":"default","number":2,"directory":"000002"}],"files":[{"name":"state.export",\
      "bytes":\(export.count),"sha256":"\(digest)"}]}
      """.utf8)
  }
}
