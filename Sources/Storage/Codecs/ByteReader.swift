import Vocabulary

/// Bytes that do not mean what their place says they should.
package struct MalformedBytes: Error, Sendable {
  /// What was being read, for the message.
  package var what: StaticString
  /// Where, counted from the start of the bytes given.
  package var offset: Int

  package init(_ what: StaticString, at offset: Int) {
    self.what = what
    self.offset = offset
  }

  /// The fault to report, for bytes that lie in `file`.
  package func fault(in file: String, _ place: String) -> StorageFault {
    StorageFault(
      .corrupt, file: file,
      "\(place) does not decode: \(what) at byte \(offset). Nothing was changed; \(StorageFault.restoreAdvice)"
    )
  }
}

/// Reads the primitive values of docs/storage.md. Total: any input gives a value or `MalformedBytes`, and no
/// length is believed before it was compared with what is left.
///
/// Every value has exactly one encoding (varints are as short as can be), so equal bytes mean equal values.
/// The memory must outlive the reader.
package struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  /// 0 ≤ offset ≤ bytes.count
  package private(set) var offset = 0

  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  package var remaining: Int { bytes.count - offset }

  /// Fails unless everything was read.
  package func finish() throws(MalformedBytes) {
    if remaining != 0 { throw MalformedBytes("bytes left over", at: offset) }
  }

  package mutating func byte() throws(MalformedBytes) -> UInt8 {
    guard offset < bytes.count else { throw MalformedBytes("a byte is missing", at: offset) }
    let value = bytes[offset]
    offset += 1
    return value
  }

  /// A view of the next bytes; valid as long as the memory is.
  package mutating func raw(count: Int) throws(MalformedBytes) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= remaining else { throw MalformedBytes("bytes are missing", at: offset) }
    let slice = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
    offset += count
    return slice
  }

  package mutating func fixed32() throws(MalformedBytes) -> UInt32 {
    guard remaining >= 4 else { throw MalformedBytes("a 32-bit value is cut short", at: offset) }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    offset += 4
    return UInt32(littleEndian: value)
  }

  package mutating func fixed64() throws(MalformedBytes) -> UInt64 {
    guard remaining >= 8 else { throw MalformedBytes("a 64-bit value is cut short", at: offset) }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    offset += 8
    return UInt64(littleEndian: value)
  }

  package mutating func float() throws(MalformedBytes) -> Float { Float(bitPattern: try fixed32()) }

  package mutating func double() throws(MalformedBytes) -> Double { Double(bitPattern: try fixed64()) }

  package mutating func varint() throws(MalformedBytes) -> UInt64 {
    // Most are lengths and counts below 128.
    if offset < bytes.count, bytes[offset] < 0x80 {
      offset += 1
      return UInt64(bytes[offset - 1])
    }
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      // The tenth byte holds bit 63 alone.
      if shift == 63, byte > 1 { throw MalformedBytes("a varint exceeds 64 bits", at: start) }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 {
        if byte == 0 { throw MalformedBytes("a varint is longer than it needs to be", at: start) }
        return value
      }
      shift += 7
    }
    throw MalformedBytes("a varint is cut short", at: start)
  }

  package mutating func varint32() throws(MalformedBytes) -> UInt32 {
    let start = offset
    guard let value = UInt32(exactly: try varint()) else {
      throw MalformedBytes("a value exceeds 32 bits", at: start)
    }
    return value
  }

  package mutating func zigzag() throws(MalformedBytes) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
  }

  /// A number of elements, each at least `elementBytesMin` long: never more than the bytes left can hold, so
  /// that memory may be reserved for it.
  package mutating func count(elementBytesMin: Int) throws(MalformedBytes) -> Int {
    let start = offset
    guard let count = Int(exactly: try varint()), count <= remaining / max(1, elementBytesMin) else {
      throw MalformedBytes("a count exceeds the bytes that follow", at: start)
    }
    return count
  }

  /// A length, then a view of that many bytes.
  package mutating func prefixed() throws(MalformedBytes) -> UnsafeRawBufferPointer {
    try raw(count: try count(elementBytesMin: 1))
  }

  /// A length, then UTF-8.
  package mutating func text() throws(MalformedBytes) -> String {
    let start = offset
    guard let text = String(validating: try prefixed(), as: UTF8.self) else {
      throw MalformedBytes("a text is not UTF-8", at: start)
    }
    return text
  }

  /// A length, then an identifier.
  package mutating func identifier<Kind>(
    _ kind: Kind.Type = Kind.self
  ) throws(MalformedBytes) -> Identifier<Kind> {
    let start = offset
    guard let identifier = Identifier<Kind>(checked: Array(try prefixed())) else {
      throw MalformedBytes("an identifier is empty, too long or holds a zero byte", at: start)
    }
    return identifier
  }

  package mutating func position() throws(MalformedBytes) -> Position { Position(try varint()) }

  package mutating func timestamp() throws(MalformedBytes) -> Timestamp {
    Timestamp(microseconds: try zigzag())
  }
}
