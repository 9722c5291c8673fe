import Vocabulary

/// The checks that need only the first bytes, so that a stray browser or a giant frame is refused at once.
extension FrameHeader {
  /// Judges length, magic and version.
  /// REQUIRES: at least `prologueBytes` bytes.
  static func checkPrologue(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
    if bytes.bigEndian16(at: 4) != magic {
      throw Fault(.notOurProtocol, greetingHint(bytes))
    }
    let length = bytes.bigEndian32(at: 0)
    if length > UInt32(Limits.frameBytesMax) {
      throw Fault(
        .frameTooLarge,
        "The frame has \(length) bytes; at most \(Limits.frameBytesMax) are allowed. Send smaller batches.",
        field: "length")
    }
    if length < UInt32(lengthMin) {
      throw Fault(
        .badLength, "The length \(length) is less than the \(lengthMin) bytes every frame has.",
        field: "length")
    }
    if bytes[6] != version {
      throw Fault(
        .versionUnsupported, "Protocol version \(bytes[6]) is not spoken here; use version \(version).",
        field: "version")
    }
  }

  /// Says what the peer seems to speak instead.
  private static func greetingHint(_ bytes: UnsafeRawBufferPointer) -> String {
    let start = String(decoding: bytes.prefix(4), as: UTF8.self)
    let advice = "This port speaks Magpie's native protocol; use the magpie command or a client library."
    switch start {
    case "PRI ":
      return "This looks like HTTP/2 or gRPC. \(advice)"
    case "GET ", "POST", "PUT ", "HEAD", "OPTI", "DELE", "PATC", "CONN", "TRAC":
      return "This looks like HTTP. \(advice)"
    case _ where bytes[0] == 0x16 && bytes[1] == 0x03:
      return "This looks like TLS, which is not switched on here. \(advice)"
    default:
      return "The bytes 4 and 5 are not 0xABEC. \(advice)"
    }
  }
}
