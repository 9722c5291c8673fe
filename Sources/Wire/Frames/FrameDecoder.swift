import Checksums
import Vocabulary

/// Cuts a stream of bytes into frames.
///
/// It keeps no bytes: whoever reads the stream holds what has not been consumed yet, and offers it from the front.
/// What it keeps is the checked header of a frame whose payload is still on the way, so that a large frame
/// arriving in small pieces is checked once. How the stream is cut into reads never changes the result.
package struct FrameDecoder: Sendable {
  private var header: FrameHeader?

  package init() {}

  /// The next whole frame at the front of `bytes`, or nil if more bytes are needed. The caller then drops
  /// `frame.header.frameBytes` bytes from the front; until a frame is returned it drops none.
  ///
  /// O(1) until the frame is whole, then O(payload) for its checksum.
  /// - Throws: a protocol fault as early as the bytes show it; a length over the limit before any payload is
  ///   waited for. The stream cannot be resumed after it.
  package mutating func next(in bytes: UnsafeRawBufferPointer) throws(Fault) -> Frame? {
    let header: FrameHeader
    if let known = self.header {
      header = known
    } else if bytes.count >= Limits.headerBytes {
      header = try FrameHeader(decoding: bytes)
      self.header = header
    } else {
      if bytes.count >= FrameHeader.prologueBytes { try FrameHeader.checkPrologue(bytes) }
      return nil
    }
    if bytes.count < header.frameBytes { return nil }
    self.header = nil
    let payload = UnsafeRawBufferPointer(rebasing: bytes[Limits.headerBytes..<header.frameBytes])
    if CRC32C.of(payload) != header.payloadChecksum {
      throw Fault(
        .payloadChecksum,
        "The payload does not match its checksum: it was damaged on the way, or computed wrongly.",
        field: "payload_checksum")
    }
    return Frame(
      header: header,
      meta: UnsafeRawBufferPointer(rebasing: payload[..<header.metaBytes]),
      body: UnsafeRawBufferPointer(rebasing: payload[header.metaBytes...]))
  }

  /// Bytes of the whole frame that is on its way, once its header is known: how much the holder should make room
  /// for at most. Nil between frames and within a header.
  package var expectedFrameBytes: Int? { header?.frameBytes }
}
