import Checksums

/// A frame laid out by hand from the table in docs/protocol.md, so that the tests do not share a mistake with
/// the code under test, and can lay it out wrongly on purpose.
struct NativeFrame {
  var length: UInt32?
  var magic: UInt16 = 0xABEC
  var version: UInt8 = 1
  var type: UInt8 = 1
  var flags: UInt16 = 0
  var code: UInt16 = 0
  var stream: UInt32 = 0
  var timeout: UInt32 = 0
  var reserved: UInt16 = 0
  var meta: [UInt8] = []
  var body: [UInt8] = []
  /// Bits to flip in the checksums.
  var payloadDamage: UInt32 = 0
  var headerDamage: UInt32 = 0

  static let headerBytes = 32

  var bytes: [UInt8] {
    var header: [UInt8] = []
    func put(_ value: some FixedWidthInteger & UnsignedInteger) {
      for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
        header.append(UInt8(truncatingIfNeeded: value >> shift))
      }
    }
    let payload = meta + body
    put(length ?? UInt32(28 + payload.count))
    put(magic)
    put(version)
    put(type)
    put(flags)
    put(code)
    put(stream)
    put(timeout)
    put(UInt16(meta.count))
    put(reserved)
    put(checksum(payload) ^ payloadDamage)
    put(checksum(header) ^ headerDamage)
    return header + payload
  }

  private func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { CRC32C.of($0) } }
}

/// A frame as it came from the daemon.
struct ReceivedFrame {
  var type: UInt8
  var code: UInt16
  var stream: UInt32
  var body: [UInt8]

  static let reply: UInt8 = 2
  static let pong: UInt8 = 5
  static let goAway: UInt8 = 6
}
