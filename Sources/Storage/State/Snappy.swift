import CSnappy

/// Decompresses what LevelDB compressed, for the one block of a table whose contents we read ourselves: with the library that
/// LevelDB uses.
package enum Snappy {
  /// Three bytes at most stand for 64.
  private static let expansionMax = 22

  /// Total: any bytes give the bytes they stand for or throw. O(result).
  /// - Parameter bytesMax: of the result.
  package static func decompressed(_ bytes: UnsafeRawBufferPointer, bytesMax: Int) throws(MalformedBytes)
    -> [UInt8]
  {
    let compressed = bytes.bindMemory(to: CChar.self)
    var size = 0
    guard snappy_uncompressed_length(compressed.baseAddress, compressed.count, &size) == SNAPPY_OK else {
      throw MalformedBytes("compressed bytes that do not say how many they stand for", at: 0)
    }
    // No length is believed: room is made for it before the bytes are looked at.
    guard size >= 0, size <= bytesMax, size <= expansionMax * bytes.count else {
      throw MalformedBytes("more compressed bytes than there may be", at: 0)
    }
    var isWhole = false
    let result = [UInt8](unsafeUninitializedCapacity: size) { room, count in
      var written = size
      isWhole =
        room.withMemoryRebound(to: CChar.self) {
          snappy_uncompress(compressed.baseAddress, compressed.count, $0.baseAddress, &written)
        } == SNAPPY_OK && written == size
      count = isWhole ? size : 0
    }
    guard isWhole else { throw MalformedBytes("compressed bytes that stand for nothing", at: 0) }
    return result
  }
}
