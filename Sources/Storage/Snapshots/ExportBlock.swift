import Checksums
import Vocabulary

/// Records gathered into one block of an export.
///
/// There is a record for every event ever taken, most of them small: each costs one call that finds its bytes in place.
struct ExportBlock {
  let seed: UInt32
  /// Records in all blocks so far.
  private(set) var total: UInt64 = 0
  private(set) var sealedCount: UInt64 = 0
  /// The block's bytes, and behind them room; `used` says where it begins.
  private var bytes: [UInt8]
  private var used = ExportFormat.blockHeaderBytes
  private var count: UInt32 = 0

  /// A block is closed by the record that makes it full, which is seldom larger than this.
  private static let capacity = Limits.snapshotBlockBytes + 64 * 1024
  /// Bytes of a length at most.
  private static let lengthBytes = 10

  init(seed: UInt32) {
    self.seed = seed
    bytes = [UInt8](repeating: 0, count: Self.capacity)
  }

  var isEmpty: Bool { count == 0 }
  var isFull: Bool { used >= Limits.snapshotBlockBytes }

  mutating func append(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    let needed = used + key.count + value.count + 2 * Self.lengthBytes
    if needed > bytes.count { bytes.append(contentsOf: repeatElement(0, count: needed - bytes.count)) }
    used = bytes.withUnsafeMutableBytes { Self.put(value, into: $0, at: Self.put(key, into: $0, at: used)) }
    count += 1
    total += 1
  }

  /// Puts a length and the bytes. REQUIRES: room.
  /// - Returns: the place behind them.
  private static func put(
    _ part: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer, at start: Int
  ) -> Int {
    var (rest, place) = (UInt64(part.count), start)
    while rest >= 0x80 {
      bytes[place] = UInt8(truncatingIfNeeded: rest) | 0x80
      rest >>= 7
      place += 1
    }
    bytes[place] = UInt8(truncatingIfNeeded: rest)
    place += 1
    UnsafeMutableRawBufferPointer(rebasing: bytes[place..<(place + part.count)]).copyMemory(from: part)
    return place + part.count
  }

  /// Fills in the header, gives the block away, and begins the next in the storage that was left in its place.
  mutating func give(
    _ offset: inout UInt64, to taker: (inout [UInt8]) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    seal()
    offset += UInt64(bytes.count)
    try taker(&bytes)
    if bytes.capacity < Self.capacity { bytes.reserveCapacity(Self.capacity) }
    if bytes.count < Self.capacity {
      bytes.append(contentsOf: repeatElement(0, count: Self.capacity - bytes.count))
    }
    used = ExportFormat.blockHeaderBytes
    count = 0
  }

  private mutating func seal() {
    bytes.removeLast(bytes.count - used)
    let first = total - UInt64(count)
    let length = UInt32(clamping: used - ExportFormat.blockHeaderBytes)
    bytes.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: length.littleEndian, toByteOffset: 0, as: UInt32.self)
      bytes.storeBytes(of: first.littleEndian, toByteOffset: 8, as: UInt64.self)
      bytes.storeBytes(of: count.littleEndian, toByteOffset: 16, as: UInt32.self)
      let checked = UnsafeRawBufferPointer(rebasing: bytes[ExportFormat.checkedFrom...])
      let check = CRC32C.of(checked, continuing: seed)
      bytes.storeBytes(of: check.littleEndian, toByteOffset: 4, as: UInt32.self)
    }
    sealedCount += 1
  }
}
