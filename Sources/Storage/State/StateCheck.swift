import Checksums

/// The four bytes behind every value of the state. They tie the value to its key and its directory: a record of
/// another directory never passes for one of this, even if a whole table of it took the place of ours, which
/// LevelDB, whose checksums know neither, would not notice.
enum StateCheck {
  static let byteCount = 4

  /// - Parameter seed: the checksum of the directory's identity, as for log records.
  static func of(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, seed: UInt32) -> UInt32 {
    CRC32C.of(value, continuing: CRC32C.of(key, continuing: seed))
  }

  /// The value without its check, or nil if that does not fit.
  static func verified(
    _ key: UnsafeRawBufferPointer, _ stored: UnsafeRawBufferPointer, seed: UInt32
  ) -> UnsafeRawBufferPointer? {
    guard stored.count >= byteCount else { return nil }
    let value = UnsafeRawBufferPointer(rebasing: stored[..<(stored.count - byteCount)])
    let check = stored.loadUnaligned(fromByteOffset: value.count, as: UInt32.self)
    return UInt32(littleEndian: check) == of(key, value, seed: seed) ? value : nil
  }
}
