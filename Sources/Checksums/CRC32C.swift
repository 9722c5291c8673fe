import CChecksums

/// CRC-32C (Castagnoli, RFC 3720): the checksum of frames, log records and superblock slots.
package enum CRC32C {
  /// Continues from `checksum`, 0 to start. O(bytes), about one byte per quarter of a cycle with SSE 4.2.
  package static func of(_ bytes: UnsafeRawBufferPointer, continuing checksum: UInt32 = 0) -> UInt32 {
    guard let base = bytes.baseAddress else { return checksum }
    return magpie_crc32c(checksum, base, bytes.count)
  }

  package static func of(_ bytes: [UInt8], continuing checksum: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { of($0, continuing: checksum) }
  }
}
