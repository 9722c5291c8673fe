/// Decompresses what LevelDB compressed with Snappy, for the one block of a table whose contents we read ourselves.
/// (google/snappy, format_description.txt.)
package enum Snappy {
  /// Total: any bytes give the bytes they stand for or throw. O(result).
  /// - Parameter bytesMax: of the result.
  package static func decompressed(_ bytes: UnsafeRawBufferPointer, bytesMax: Int) throws(MalformedBytes)
    -> [UInt8]
  {
    var reader = ByteReader(bytes)
    guard let size = Int(exactly: try reader.varint()), size <= bytesMax else {
      throw MalformedBytes("more compressed bytes than there may be", at: 0)
    }
    var result: [UInt8] = []
    // No length is believed: 64 bytes at most come from each 3.
    result.reserveCapacity(min(size, 22 * bytes.count))
    while reader.remaining > 0 {
      let start = reader.offset
      let tag = Int(try reader.byte())
      if tag & 3 == 0 {
        let literal = try reader.raw(count: try literalBytes(tag >> 2, &reader))
        guard literal.count <= size - result.count else { throw MalformedBytes("too many bytes", at: start) }
        result.append(contentsOf: literal)
        continue
      }
      let (length, distance) = try copy(tag, &reader)
      guard distance > 0, distance <= result.count, length <= size - result.count else {
        throw MalformedBytes("a copy from outside", at: start)
      }
      // Byte by byte: what is copied may be what the copy makes.
      for _ in 0..<length { result.append(result[result.count - distance]) }
    }
    guard result.count == size else { throw MalformedBytes("too few bytes", at: bytes.count) }
    return result
  }

  /// Lengths up to 60 are in the tag; larger ones behind it, in 1 to 4 bytes.
  private static func literalBytes(_ short: Int, _ reader: inout ByteReader) throws(MalformedBytes) -> Int {
    guard short >= 60 else { return short + 1 }
    return try little(short - 59, &reader) + 1
  }

  /// Length and distance of a copy.
  private static func copy(_ tag: Int, _ reader: inout ByteReader) throws(MalformedBytes) -> (Int, Int) {
    switch tag & 3 {
    case 1: return (4 + ((tag >> 2) & 7), (tag >> 5) << 8 | (try little(1, &reader)))
    case 2: return (1 + (tag >> 2), try little(2, &reader))
    default: return (1 + (tag >> 2), try little(4, &reader))
    }
  }

  private static func little(_ count: Int, _ reader: inout ByteReader) throws(MalformedBytes) -> Int {
    var value = 0
    for place in 0..<count { value |= Int(try reader.byte()) << (8 * place) }
    return value
  }
}
