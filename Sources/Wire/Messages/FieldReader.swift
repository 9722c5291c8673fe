import Vocabulary

/// Walks over the fields of one protobuf message without building anything.
struct FieldReader {
  enum Content {
    case number(UInt64)
    case bytes(UnsafeRawBufferPointer)
    /// Fixed-width numbers, which no reader here needs.
    case other
  }

  static let malformed = Fault(
    .malformedMessage, "The meta message is not a valid magpie.v1.Meta; encode it with proto/magpie/v1.",
    field: "meta")

  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next field, or nil at the end.
  mutating func next() throws(Fault) -> (number: UInt64, content: Content)? {
    if offset == bytes.count { return nil }
    let tag = try varint()
    let number = tag >> 3
    // Field numbers have 29 bits; zero is none.
    if number == 0 || number > 0x1FFF_FFFF { throw Self.malformed }
    switch tag & 7 {
    case 0: return (number, .number(try varint()))
    case 1:
      try skip(8)
      return (number, .other)
    case 2:
      guard let length = Int(exactly: try varint()), length <= bytes.count - offset else {
        throw Self.malformed
      }
      let content = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
      offset += length
      return (number, .bytes(content))
    case 5:
      try skip(4)
      return (number, .other)
    default: throw Self.malformed
    }
  }

  private mutating func skip(_ count: Int) throws(Fault) {
    if count > bytes.count - offset { throw Self.malformed }
    offset += count
  }

  private mutating func varint() throws(Fault) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      // The tenth byte holds the last bit.
      if shift == 63 && byte > 1 { throw Self.malformed }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
      if shift > 63 { throw Self.malformed }
    }
    throw Self.malformed
  }
}
