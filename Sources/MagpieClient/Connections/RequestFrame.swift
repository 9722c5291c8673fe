import Checksums
import NIOCore
import Vocabulary
import Wire

/// Lays out a request whose message was encoded before, by the task that made it: the event loop only copies.
enum RequestFrame {
  /// O(bytes). REQUIRES: meta and body within the limits of a frame.
  static func lay(
    _ call: PendingCall, stream: UInt32, allocator: ByteBufferAllocator
  ) -> ByteBuffer {
    var header = FrameHeader(
      type: .request, code: call.method.rawValue, stream: stream,
      timeoutMilliseconds: call.remainingMilliseconds)
    header.metaBytes = call.meta.count
    header.bodyBytes = call.body.count
    header.payloadChecksum = CRC32C.of(call.body, continuing: CRC32C.of(call.meta))
    var buffer = allocator.buffer(capacity: header.frameBytes)
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Limits.headerBytes) { bytes in
      if let base = bytes.baseAddress { header.encode(into: base) }
      return Limits.headerBytes
    }
    buffer.writeBytes(call.meta)
    buffer.writeBytes(call.body)
    return buffer
  }
}
