import Checksums
import Storage

extension FuzzTarget {
  /// What a snapshot's reader looks at in LevelDB's own files. The first byte says which: a table, a log of records, or what
  /// Snappy compressed; a log's checksums are made right, and those of a table's index.
  static let stateFile = FuzzTarget(
    name: "state-file", about: "LevelDB's tables and logs in a snapshot, and Snappy",
    seeds: {
      [
        [0] + StateFileSeeds.table(), [1] + StateFileSeeds.log(),
        [2, 7, 2 << 2] + Array("abc".utf8) + [1, 3],
        [2, 61, 60 << 2, 60] + [UInt8](repeating: 7, count: 61),
      ]
    },
    make: {
      { input in
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        switch first % 3 {
        case 0:
          StateFileSeeds.repairTable(&bytes)
          try? bytes.withUnsafeBytes { try LevelDBTable.check($0) }
        case 1:
          StateFileSeeds.repairLog(&bytes)
          var total = 0
          _ = try? bytes.withUnsafeBytes { (bytes) throws(MalformedBytes) in
            try LevelDBRecords.forEach(bytes) { (record) throws(MalformedBytes) in total += record.count }
          }
          try expect(total <= bytes.count, "a log holds more than its bytes")
        default:
          let result = try? bytes.withUnsafeBytes { try Snappy.decompressed($0, bytesMax: 1 << 20) }
          try expect((result?.count ?? 0) <= 22 * bytes.count, "Snappy makes more of its bytes than it can")
        }
      }
    })
}

/// Files of LevelDB as its table_format.md and log_format.md describe them.
enum StateFileSeeds {
  /// One record of each kind of key in one block, an empty block of filters, an index of one entry.
  static func table() -> [UInt8] {
    var file = ByteWriter()
    let data = block([(Array("Ea".utf8) + [1, 1, 0, 0, 0, 0, 0, 0], Array("12345".utf8))])
    let handles = [data, block([])].map { block in
      defer {
        file.append(raw: block + [0])
        file.append(fixed32: masked(block + [0]))
      }
      return handle(file.bytes.count, block.count)
    }
    let index = block([(Array("F".utf8), handles[0])])
    let place = file.bytes.count
    file.append(raw: index + [0])
    file.append(fixed32: masked(index + [0]))
    let footer = handles[1] + handle(place, index.count)
    file.append(raw: footer + [UInt8](repeating: 0, count: 40 - footer.count))
    file.append(fixed64: 0xdb47_7524_8b80_fb57)
    return file.bytes
  }

  /// A record in one fragment and one in two.
  static func log() -> [UInt8] {
    var bytes: [UInt8] = []
    for (kind, payload) in [(1, "one"), (2, "tw"), (4, "o")] {
      bytes += [0, 0, 0, 0, UInt8(payload.utf8.count), 0, UInt8(kind)] + Array(payload.utf8)
    }
    repairLog(&bytes)
    return bytes
  }

  private static func block(_ records: [([UInt8], [UInt8])]) -> [UInt8] {
    var writer = ByteWriter()
    for (key, value) in records {
      writer.append(varint: 0)
      writer.append(varint: UInt64(key.count))
      writer.append(varint: UInt64(value.count))
      writer.append(raw: key + value)
    }
    writer.append(fixed32: 0)
    writer.append(fixed32: 1)
    return writer.bytes
  }

  private static func handle(_ offset: Int, _ size: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(varint: UInt64(offset))
    writer.append(varint: UInt64(size))
    return writer.bytes
  }

  /// A checksum as LevelDB stores it.
  private static func masked(_ bytes: [UInt8]) -> UInt32 {
    let plain = CRC32C.of(bytes)
    return (plain >> 15 | plain << 17) &+ 0xa282_ead8
  }

  /// Makes the checksums of fragments right as far as their lengths allow.
  static func repairLog(_ bytes: inout [UInt8]) {
    var offset = 0
    while bytes.count - offset >= 7 {
      let length = Int(bytes[offset + 4]) | Int(bytes[offset + 5]) << 8
      guard length <= bytes.count - offset - 7 else { return }
      put(masked(Array(bytes[(offset + 6)..<(offset + 7 + length)])), into: &bytes, at: offset)
      offset += 7 + length
    }
  }

  /// Makes the checksums of the two blocks right that the footer points to.
  static func repairTable(_ bytes: inout [UInt8]) {
    guard bytes.count >= 48 else { return }
    let footer = Array(bytes[(bytes.count - 48)...])
    var reader = footer.withUnsafeBytes { buffer -> [UInt64] in
      var reader = ByteReader(buffer)
      return (0..<4).compactMap { _ in try? reader.varint() }
    }
    while reader.count >= 2 {
      let (offset, size) = (reader.removeFirst(), reader.removeFirst())
      guard let start = Int(exactly: offset), let count = Int(exactly: size), start <= bytes.count,
        count <= bytes.count - start - 5
      else { return }
      put(masked(Array(bytes[start...(start + count)])), into: &bytes, at: start + count + 1)
    }
  }

  private static func put(_ value: UInt32, into bytes: inout [UInt8], at offset: Int) {
    for place in 0..<4 { bytes[offset + place] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(place))) }
  }
}
