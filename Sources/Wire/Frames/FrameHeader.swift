import Checksums
import Vocabulary

/// The 32 bytes before every payload. docs/protocol.md holds the byte table.
package struct FrameHeader: Sendable, Hashable {
  package static let magic: UInt16 = 0xABEC
  package static let version: UInt8 = 1
  /// Bytes after the length field of a frame without payload.
  package static let lengthMin = Limits.headerBytes - 4
  /// Bytes at the front that tell magic, length and version, before anything else is looked at.
  package static let prologueBytes = 7
  /// The flags a receiver must understand. None are defined in version 1.
  static let flagsToUnderstand: UInt16 = 0xFF00

  package var type: FrameType
  /// Low byte: may be ignored. High byte: must be understood.
  package var flags: UInt16 = 0
  /// REQUEST: the method number. REPLY and GOAWAY: the status.
  package var code: UInt16 = 0
  /// 0 for frames about the whole connection.
  package var stream: UInt32 = 0
  /// REQUEST: milliseconds left for it, 0 for the server's default.
  package var timeoutMilliseconds: UInt32 = 0
  /// At most `Limits.metaBytesMax`.
  package var metaBytes: Int = 0
  package var bodyBytes: Int = 0
  /// CRC-32C of meta and body as sent.
  package var payloadChecksum: UInt32 = 0

  package init(type: FrameType, code: UInt16 = 0, stream: UInt32 = 0, timeoutMilliseconds: UInt32 = 0) {
    self.type = type
    self.code = code
    self.stream = stream
    self.timeoutMilliseconds = timeoutMilliseconds
  }

  /// Bytes of meta and body.
  package var payloadBytes: Int { metaBytes + bodyBytes }
  /// Bytes of the whole frame.
  package var frameBytes: Int { Limits.headerBytes + payloadBytes }

  /// Reads and checks a header.
  /// REQUIRES: at least `Limits.headerBytes` bytes.
  /// - Throws: the protocol fault that docs/protocol.md gives for the first rule broken.
  package init(decoding bytes: UnsafeRawBufferPointer) throws(Fault) {
    try Self.checkPrologue(bytes)
    let length = Int(bytes.bigEndian32(at: 0))
    let checksum = bytes.bigEndian32(at: 28)
    if checksum != CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[0..<28])) {
      throw Fault(
        .headerChecksum,
        "The header does not match its checksum: it was damaged on the way, or computed wrongly.",
        field: "header_checksum")
    }
    guard let type = FrameType(rawValue: bytes[7]) else {
      throw Fault(
        .frameTypeUnknown, "Frame type \(bytes[7]) is not known; version 1 has types 1 to 6.", field: "type")
    }
    flags = bytes.bigEndian16(at: 8)
    if flags & Self.flagsToUnderstand != 0 {
      throw Fault(
        .flagUnknown, "A flag that must be understood is set, and version 1 defines none.", field: "flags")
    }
    if bytes.bigEndian16(at: 22) != 0 {
      throw Fault(.reservedNotZero, "The reserved bytes 22 and 23 are not zero.", field: "reserved")
    }
    metaBytes = Int(bytes.bigEndian16(at: 20))
    if metaBytes > Limits.metaBytesMax {
      throw Fault(
        .metaTooLarge, "The meta message has \(metaBytes) bytes; at most \(Limits.metaBytesMax) are allowed.",
        field: "meta_length")
    }
    bodyBytes = length - Self.lengthMin - metaBytes
    if bodyBytes < 0 {
      throw Fault(
        .badLength, "The length \(length) has no room for a meta message of \(metaBytes) bytes.",
        field: "length")
    }
    self.type = type
    code = bytes.bigEndian16(at: 10)
    stream = bytes.bigEndian32(at: 12)
    timeoutMilliseconds = bytes.bigEndian32(at: 16)
    payloadChecksum = bytes.bigEndian32(at: 24)
  }

  /// Writes 32 bytes, header checksum included.
  /// REQUIRES: room for `Limits.headerBytes` bytes, and a frame within the limits.
  package func encode(into bytes: UnsafeMutableRawPointer) {
    func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
      bytes.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Value.self)
    }
    put(UInt32(truncatingIfNeeded: Self.lengthMin + payloadBytes), at: 0)
    put(Self.magic, at: 4)
    put(Self.version, at: 6)
    put(type.rawValue, at: 7)
    put(flags, at: 8)
    put(code, at: 10)
    put(stream, at: 12)
    put(timeoutMilliseconds, at: 16)
    put(UInt16(truncatingIfNeeded: metaBytes), at: 20)
    put(UInt16(0), at: 22)
    put(payloadChecksum, at: 24)
    put(CRC32C.of(UnsafeRawBufferPointer(start: bytes, count: 28)), at: 28)
  }
}

extension UnsafeRawBufferPointer {
  func bigEndian16(at offset: Int) -> UInt16 {
    UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  func bigEndian32(at offset: Int) -> UInt32 {
    UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}
