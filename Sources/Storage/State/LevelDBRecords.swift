import Checksums

/// LevelDB's files of records, write-ahead logs and the MANIFEST, as its doc/log_format.md describes them: records cut into
/// fragments that never cross a block, each with its length, its kind and a checksum.
package enum LevelDBRecords {
  private static let blockBytes = 32 * 1024
  /// Checksum, length and kind of a fragment.
  private static let headerBytes = 7
  private static let lengthOffset = 4
  private static let kindOffset = 6

  /// The kinds of fragments.
  private enum Kind: UInt8 {
    case full = 1
    case first, middle, last

    var beginsRecord: Bool { self == .full || self == .first }
    var endsRecord: Bool { self == .full || self == .last }
  }

  /// Visits every whole record, verifying all checksums. Total: any bytes end well or throw. O(bytes).
  /// - Returns: whether the bytes end with a whole record; false where they were cut short within one.
  package static func forEach(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(MalformedBytes) -> Void
  ) throws(MalformedBytes) -> Bool {
    // Of the record under way: only one in several fragments is put together.
    var pieces: [UInt8] = []
    var isWithin = false
    var offset = 0
    while offset < bytes.count {
      let left = blockBytes - offset % blockBytes
      if left < headerBytes {
        // Too little for a fragment: zeros, which may not all have been written yet.
        offset += left
        continue
      }
      guard bytes.count - offset >= headerBytes else { return false }
      let length =
        Int(bytes[offset + lengthOffset]) | Int(bytes[offset + lengthOffset + 1]) << 8
      guard length <= left - headerBytes else {
        throw MalformedBytes("a fragment that crosses a block", at: offset)
      }
      guard length <= bytes.count - offset - headerBytes else { return false }
      guard let kind = Kind(rawValue: bytes[offset + kindOffset]), kind.beginsRecord != isWithin else {
        throw MalformedBytes("a fragment of a kind that cannot be there", at: offset)
      }
      let start = offset + headerBytes
      let checked = UnsafeRawBufferPointer(rebasing: bytes[(offset + kindOffset)..<(start + length)])
      let check = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      guard LevelDBChecksum.of(checked) == check else {
        throw MalformedBytes("a fragment whose checksum does not match", at: offset)
      }
      let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)])
      if kind == .full {
        try body(payload)
      } else {
        pieces.append(contentsOf: payload)
        if kind.endsRecord {
          try pieces.span.bytes.withUnsafeBytes { (record) throws(MalformedBytes) in try body(record) }
          pieces.removeAll(keepingCapacity: true)
        }
      }
      isWithin = !kind.endsRecord
      offset = start + length
    }
    return !isWithin && offset == bytes.count
  }
}

/// How LevelDB stores a CRC-32C: turned and moved, so that a checksum of bytes that hold checksums is no weak one.
enum LevelDBChecksum {
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let plain = CRC32C.of(bytes)
    return (plain >> 15 | plain << 17) &+ 0xa282_ead8
  }
}
