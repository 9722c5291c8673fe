import Checksums

/// Verifies a table of LevelDB by itself, without LevelDB (its doc/table_format.md has the bytes): the footer points to the
/// index, the index to the blocks, and each block ends with its kind and a checksum.
package enum LevelDBTable {
  private static let footerBytes = 48
  private static let magic: UInt64 = 0xdb47_7524_8b80_fb57
  /// Kind and checksum behind a block.
  private static let trailerBytes = 5
  /// A block decompressed is never this large: it holds one record beyond its 4 KiB, and the index of a table a few bytes
  /// for each of its blocks.
  private static let indexBytesMax = 64 * 1024 * 1024

  private struct Handle {
    var offset: Int
    var size: Int
    /// Behind the block's trailer.
    var end: Int { offset + size + trailerBytes }
  }

  /// Fails unless every byte before the footer is covered by a checksum that holds: the blocks follow each other from the first
  /// byte to the footer without a gap. Total: any bytes are right or throw. O(bytes).
  package static func check(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) {
    guard bytes.count >= footerBytes else { throw MalformedBytes("too little for a table", at: 0) }
    let footer = bytes.count - footerBytes
    guard UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)) == magic
    else { throw MalformedBytes("a table without its magic number", at: bytes.count - 8) }
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[footer..<(bytes.count - 8)]))
    let meta = try handle(&reader, before: footer)
    let index = try handle(&reader, before: footer)
    guard try reader.raw(count: reader.remaining).allSatisfy({ $0 == 0 }) else {
      throw MalformedBytes("something in the room of the footer", at: footer)
    }
    // Where the block before ended.
    var end = 0
    try forEachHandle(try block(index, of: bytes), before: footer) { (data) throws(MalformedBytes) in
      guard data.offset == end else { throw MalformedBytes("a gap between two blocks", at: end) }
      try verify(data, of: bytes)
      end = data.end
    }
    // Filters.
    try forEachHandle(try block(meta, of: bytes), before: footer) { (filter) throws(MalformedBytes) in
      guard filter.offset == end else { throw MalformedBytes("a gap before a filter", at: end) }
      try verify(filter, of: bytes)
      end = filter.end
    }
    guard meta.offset == end, index.offset == meta.end, index.end == footer else {
      throw MalformedBytes("a gap before the footer", at: end)
    }
  }

  private static func handle(_ reader: inout ByteReader, before end: Int) throws(MalformedBytes) -> Handle {
    let start = reader.offset
    guard let offset = Int(exactly: try reader.varint()), let size = Int(exactly: try reader.varint()),
      offset <= end, size <= end - offset, trailerBytes <= end - offset - size
    else { throw MalformedBytes("a block outside the table", at: start) }
    return Handle(offset: offset, size: size)
  }

  /// REQUIRES: the handle lies within the bytes.
  private static func verify(_ handle: Handle, of bytes: UnsafeRawBufferPointer) throws(MalformedBytes) {
    let place = handle.offset + handle.size + 1
    let checked = UnsafeRawBufferPointer(rebasing: bytes[handle.offset..<place])
    guard
      LevelDBChecksum.of(checked)
        == UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
    else { throw MalformedBytes("a block whose checksum does not match", at: handle.offset) }
  }

  /// The contents of a block, verified.
  private static func block(
    _ handle: Handle, of bytes: UnsafeRawBufferPointer
  ) throws(MalformedBytes) -> [UInt8] {
    try verify(handle, of: bytes)
    let stored = UnsafeRawBufferPointer(rebasing: bytes[handle.offset..<(handle.offset + handle.size)])
    switch bytes[handle.offset + handle.size] {
    case 0: return Array(stored)
    case 1: return try Snappy.decompressed(stored, bytesMax: indexBytesMax)
    default: throw MalformedBytes("a block of a kind that is not known", at: handle.offset)
    }
  }

  /// Visits the values of a block whose values are handles. Keys are not put together: only how long they are counts here.
  private static func forEachHandle(
    _ block: [UInt8], before end: Int, _ body: (Handle) throws(MalformedBytes) -> Void
  ) throws(MalformedBytes) {
    try block.span.bytes.withUnsafeBytes { (bytes) throws(MalformedBytes) in
      guard bytes.count >= 4 else { throw MalformedBytes("too little for a block", at: 0) }
      let restarts = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self))
      let tail = 4 + 4 * UInt64(restarts)
      guard tail <= UInt64(bytes.count) else { throw MalformedBytes("more restarts than bytes", at: 0) }
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - Int(tail))]))
      var keyBytes: UInt64 = 0
      while reader.remaining > 0 {
        let start = reader.offset
        let (shared, rest, size) = (try reader.varint(), try reader.varint(), try reader.varint())
        guard shared <= keyBytes, let unshared = Int(exactly: rest), let count = Int(exactly: size) else {
          throw MalformedBytes("a record that shares more than there is", at: start)
        }
        _ = try reader.raw(count: unshared)
        keyBytes = shared + rest
        var value = ByteReader(try reader.raw(count: count))
        try body(try handle(&value, before: end))
        try value.finish()
      }
    }
  }
}
