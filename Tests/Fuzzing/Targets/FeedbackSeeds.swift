import Checksums
import Storage
import Vocabulary

/// Feedback journals, by the byte table of docs/storage.md.
enum FeedbackSeeds {
  static let headerBytes = 32
  private static let second: Int64 = 1_700_000_000_000_000

  private static func append(key scenario: String, to writer: inout ByteWriter) {
    writer.append(prefixed: "default")
    writer.append(prefixed: scenario)
    writer.append(varint: 3)
    writer.append(prefixed: "order/control")
  }

  private static func append(hashes: [UInt64], to writer: inout ByteWriter) {
    writer.append(count: hashes.count)
    for hash in hashes { writer.append(fixed64: hash) }
  }

  private static func append(explored: [(item: String, propensity: Float)], to writer: inout ByteWriter) {
    writer.append(count: explored.count)
    for item in explored {
      writer.append(prefixed: item.item)
      writer.append(float: item.propensity)
    }
  }

  /// Counts, and the registers of different items.
  private static func append(
    counts: [UInt64], novelty: Double, registers: [(UInt64, UInt8)], to writer: inout ByteWriter
  ) {
    for count in counts { writer.append(varint: count) }
    writer.append(double: novelty)
    writer.append(count: registers.count)
    for (place, value) in registers {
      writer.append(varint: place)
      writer.append(byte: value)
    }
  }

  /// Two rows and two lists.
  private static var checkpoint: [UInt8] {
    var writer = ByteWriter()
    writer.append(varint: 12)
    writer.append(count: 2)
    for scenario in ["default", "home"] {
      append(key: scenario, to: &writer)
      let counts: [UInt64] = [2, 10, 1, 1, 0, 0, 5]
      append(counts: counts, novelty: 21.5, registers: [(0, 1), (4_095, 53)], to: &writer)
      writer.append(count: 1)
      writer.append(varint: UInt64(second / 1_000_000 / 300))
      append(counts: counts, novelty: 21.5, registers: [(17, 2)], to: &writer)
    }
    writer.append(count: 2)
    for list in 1...2 as ClosedRange<UInt64> {
      writer.append(fixed64: list)
      writer.append(fixed64: 7)
      append(key: "home", to: &writer)
      append(hashes: [11, 12, 13], to: &writer)
      append(hashes: [12], to: &writer)
      append(hashes: [], to: &writer)
      writer.append(double: 0.5)
      writer.append(byte: 2)
      append(explored: [("plates", 0.25)], to: &writer)
    }
    return writer.bytes
  }

  /// A list, a click and a purchase in it, and how far events were looked at.
  private static var changes: [UInt8] {
    var writer = ByteWriter()
    writer.append(byte: 1)
    writer.append(fixed64: 3)
    writer.append(fixed64: 7)
    append(key: "home", to: &writer)
    writer.append(zigzag: second)
    writer.append(varint: 2)
    append(hashes: [21, 22], to: &writer)
    writer.append(double: 9.25)
    writer.append(varint: 2)
    writer.append(double: 1)
    writer.append(byte: 0)
    append(explored: [], to: &writer)
    for (type, position) in [(EventType.click, 13), (.purchase, 14)] as [(EventType, UInt64)] {
      writer.append(byte: 2)
      writer.append(fixed64: 3)
      writer.append(fixed64: 7)
      writer.append(prefixed: "default")
      writer.append(fixed64: 21)
      writer.append(byte: type.rawValue)
      writer.append(varint: position)
      writer.append(zigzag: second + 1)
    }
    writer.append(byte: 3)
    writer.append(varint: 14)
    return writer.bytes
  }

  private static func journal(_ blocks: [[UInt8]]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: Array("MAGPIEFB".utf8))
    writer.append(fixed32: 1)
    writer.append(fixed32: 0)
    writer.append(raw: StorageSeeds.identity)
    for block in blocks {
      writer.append(fixed32: UInt32(block.count))
      writer.append(fixed32: CRC32C.of(block))
      writer.append(raw: block)
    }
    return writer.bytes
  }

  /// A row whose every number is the largest there may be.
  private static var full: [UInt8] {
    var writer = ByteWriter()
    writer.append(varint: .max)
    writer.append(count: 1)
    append(key: "home", to: &writer)
    let counts = [UInt64](repeating: .max, count: 7)
    append(
      counts: counts, novelty: 64 * 0x1p64, registers: (0..<4_096).map { ($0, 53) }, to: &writer)
    writer.append(count: 0)
    writer.append(count: 0)
    return writer.bytes
  }

  /// An empty one, one with a checkpoint alone, one with changes in two blocks, one whose end is torn, and one of the
  /// largest numbers with a list on top.
  static var journals: [[UInt8]] {
    let whole = journal([checkpoint, changes, [3, 20]])
    return [
      journal([[0, 0, 0]]), journal([checkpoint]), whole, whole.dropLast(1), journal([full, changes]),
    ]
  }

  /// Makes the checksums of blocks right as far as their lengths allow.
  static func repair(_ bytes: inout [UInt8]) {
    var offset = headerBytes
    while bytes.count - offset >= 8 {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
      guard length <= bytes.count - offset - 8 else { return }
      let sum = CRC32C.of(Array(bytes[(offset + 8)..<(offset + 8 + length)]))
      for place in 0..<4 { bytes[offset + 4 + place] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(place))) }
      offset += 8 + length
    }
  }
}
