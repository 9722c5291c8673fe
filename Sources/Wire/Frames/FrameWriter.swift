import Checksums
import Vocabulary

/// Builds whole frames, one at a time, in memory that is reused.
///
/// Each call replaces what the one before has built; copy it out with `withFrame`. Not sendable: one for each
/// event loop.
package final class FrameWriter {
  private var writer = MessageWriter(limit: 4 + Limits.frameBytesMax)

  package init() {}

  /// The frame built last.
  package func withFrame<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try writer.withBytes(body)
  }

  /// A REQUEST frame.
  /// - Throws: `frame_too_large` if it exceeds the limit, `meta_too_large` likewise.
  package func write(
    _ request: Request, stream: UInt32, timeoutMilliseconds: UInt32, meta: Meta
  ) throws(Fault) {
    let header = FrameHeader(
      type: .request, code: request.method.rawValue, stream: stream, timeoutMilliseconds: timeoutMilliseconds)
    try writer.frame(header, meta: meta) { RequestCodec.encode(request, into: &$0) }
  }

  /// A REPLY frame for an outcome. A reply too large for a frame becomes the fault `message_too_large`.
  /// - Parameter question: method and body of the request, for the token of a list.
  package func write(
    _ outcome: Outcome, stream: UInt32, to question: (method: Method, body: UnsafeRawBufferPointer)? = nil
  ) {
    switch outcome {
    case .success(let reply):
      let header = FrameHeader(type: .reply, code: StatusCode.ok.rawValue, stream: stream)
      do throws(Fault) {
        try writer.frame(header) { writer in
          let start = writer.count
          ReplyCodec.encode(reply, into: &writer)
          guard let question else { return }
          switch reply {
          case .recommend(let slate), .similar(let slate), .complete(let slate), .rank(let slate):
            RecommenderCodec.appendToken(question.method, question.body, slate, from: start, into: &writer)
          default: break
          }
        }
      } catch {
        writer.frame(
          Fault(
            .messageTooLarge,
            "The answer does not fit a frame of \(Limits.frameBytesMax) bytes; ask for fewer things at once."),
          .reply, stream: stream)
      }
    case .failure(let fault): writer.frame(fault, .reply, stream: stream)
    }
  }

  /// A GOAWAY frame that says why.
  package func writeGoAway(_ fault: Fault) { writer.frame(fault, .goAway, stream: 0) }

  /// A PING or PONG frame. REQUIRES: at most `Limits.pingBytesMax` bytes.
  package func write(_ type: FrameType, echoing bytes: UnsafeRawBufferPointer) {
    writer.beginFrame()
    writer.raw(UnsafeRawBufferPointer(rebasing: bytes.prefix(Limits.pingBytesMax)))
    writer.finishFrame(FrameHeader(type: type), metaBytes: 0)
  }

  /// A CANCEL frame.
  package func writeCancel(stream: UInt32) {
    writer.beginFrame()
    writer.finishFrame(FrameHeader(type: .cancel, stream: stream), metaBytes: 0)
  }
}

// Methods of the message writer, so that building a frame reaches for it once: each reach through a class is checked for
// others at the same time.
extension MessageWriter {
  fileprivate mutating func frame(
    _ header: FrameHeader, meta: Meta? = nil, _ body: (inout MessageWriter) -> Void
  ) throws(Fault) {
    beginFrame()
    if let meta { MetaCodec.encode(meta, into: &self) }
    let metaBytes = count - Limits.headerBytes
    if metaBytes > Limits.metaBytesMax {
      throw Fault(
        .metaTooLarge, "The meta message has \(metaBytes) bytes; at most \(Limits.metaBytesMax) are allowed.",
        field: "meta")
    }
    body(&self)
    if isOverflowing {
      throw Fault(
        .frameTooLarge,
        "The message does not fit a frame of \(Limits.frameBytesMax) bytes; send fewer things at once.")
    }
    finishFrame(header, metaBytes: metaBytes)
  }

  fileprivate mutating func frame(_ fault: Fault, _ type: FrameType, stream: UInt32) {
    beginFrame()
    FaultCodec.encode(fault, into: &self)
    if isOverflowing {
      // Only a message of megabytes gets here; the reason alone still tells what happened.
      beginFrame()
      FaultCodec.encode(Fault(fault.reason, "", field: ""), into: &self)
    }
    finishFrame(FrameHeader(type: type, code: fault.code.rawValue, stream: stream), metaBytes: 0)
  }

  fileprivate mutating func beginFrame() {
    reset()
    _ = reserve(Limits.headerBytes)
  }

  fileprivate mutating func finishFrame(_ given: FrameHeader, metaBytes: Int) {
    var header = given
    header.metaBytes = metaBytes
    header.bodyBytes = count - Limits.headerBytes - metaBytes
    header.payloadChecksum = withBytes {
      CRC32C.of(UnsafeRawBufferPointer(rebasing: $0[Limits.headerBytes...]))
    }
    patch(at: 0) { header.encode(into: $0) }
  }
}
