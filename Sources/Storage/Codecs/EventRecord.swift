import Vocabulary

/// What is kept of an event under its identifier, to recognise it when it is sent again.
package struct EventRecord: Sendable, Hashable {
  /// Where the event stands in the log.
  package var position: Position
  /// `EntryCodec.contentHash`: another hash under the same identifier is another event.
  package var hash: UInt64

  package init(position: Position, hash: UInt64) {
    self.position = position
    self.hash = hash
  }

  /// First byte. PERSISTED: a change of the layout takes the next number.
  package static let version: UInt8 = 1

  package func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 19)
    writer.append(byte: Self.version)
    writer.append(fixed64: hash)
    writer.append(varint: position.value)
    return writer.bytes
  }

  /// Bytes of a record at most: version, hash, and the longest varint.
  static let bytesMax = 19

  /// The same bytes in place. REQUIRES: room for `bytesMax`.
  /// - Returns: how many there are.
  func encode(into bytes: UnsafeMutableRawBufferPointer) -> Int {
    bytes[0] = Self.version
    bytes.storeBytes(of: hash.littleEndian, toByteOffset: 1, as: UInt64.self)
    var (rest, place) = (position.value, 9)
    while rest >= 0x80 {
      bytes[place] = UInt8(truncatingIfNeeded: rest) | 0x80
      rest >>= 7
      place += 1
    }
    bytes[place] = UInt8(truncatingIfNeeded: rest)
    return place + 1
  }

  package init(decoding bytes: UnsafeRawBufferPointer) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.byte() == Self.version else {
      throw MalformedBytes("an unknown event record version", at: 0)
    }
    hash = try reader.fixed64()
    position = try reader.position()
    try reader.finish()
  }
}
