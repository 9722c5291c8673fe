/// Appends the primitive values of docs/storage.md to a buffer.
package struct ByteWriter {
  package var bytes: [UInt8] = []

  package init(capacity: Int = 0) {
    if capacity > 0 { bytes.reserveCapacity(capacity) }
  }

  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  package mutating func append(byte: UInt8) { bytes.append(byte) }

  package mutating func append(raw: [UInt8]) { bytes.append(contentsOf: raw) }

  package mutating func append(zeros count: Int) {
    bytes.append(contentsOf: repeatElement(0, count: max(0, count)))
  }

  package mutating func append(fixed32 value: UInt32) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func append(fixed64 value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func append(float value: Float) { append(fixed32: value.bitPattern) }

  package mutating func append(double value: Double) { append(fixed64: value.bitPattern) }

  package mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  package mutating func append(zigzag value: Int64) {
    append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  package mutating func append(count: Int) { append(varint: UInt64(clamping: count)) }

  /// A length, then the bytes.
  package mutating func append(prefixed value: [UInt8]) {
    append(count: value.count)
    bytes.append(contentsOf: value)
  }

  /// A length, then the UTF-8 of the text.
  package mutating func append(prefixed text: String) {
    var text = text
    text.withUTF8 { utf8 in
      append(count: utf8.count)
      bytes.append(contentsOf: utf8)
    }
  }

  /// Overwrites bytes written before. REQUIRES: they exist.
  package mutating func patch(fixed32 value: UInt32, at offset: Int) {
    for shift in 0..<4 { bytes[offset + shift] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(shift))) }
  }
}
