import NIOCore
import Vocabulary
import Wire

/// A request that waits for its answer.
struct Pending {
  var method: LoadMethod
  /// Nanoseconds (`ContinuousNanoseconds`).
  var intended: UInt64
  var sent: UInt64
  /// First of the events in it, if it is an Ingest.
  var firstEvent: UInt64
}

/// What became of one request.
enum Answer {
  case reply(code: UInt16, body: UnsafeRawBufferPointer)
  /// Nothing came in time.
  case silence
  case connectionLost
}

/// One connection: lays out frames, cuts the answers out of the stream, and knows what is under way. It decides
/// nothing; the driver does. Lives on the driver's event loop.
final class LoadConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let driver: LoadDriver
  private let meta: Meta
  private var context: ChannelHandlerContext?
  private var decoder = FrameDecoder()
  private let frames = FrameWriter()
  private var unread: ByteBuffer?
  /// Frames of this turn; they leave together.
  private var outgoing: ByteBuffer?
  private var pending: [UInt32: Pending] = [:]
  private var nextStream: UInt32 = 1
  /// Takes no more requests: the daemon said so, or the streams are used up.
  private var isLeaving = false
  private var isClosed = false

  init(_ driver: LoadDriver, meta: Meta, capacity: Int) {
    self.driver = driver
    self.meta = meta
    pending.reserveCapacity(capacity)
  }

  var inFlight: Int { pending.count }
  var takesRequests: Bool { context != nil && !isLeaving && !isClosed }

  // MARK: Sending

  /// Lays a request behind those of this turn; `flush` sends them.
  /// REQUIRES: `takesRequests`.
  func append(_ request: Request, _ entry: Pending, timeoutMilliseconds: UInt32) throws(Fault) {
    try frames.write(request, stream: nextStream, timeoutMilliseconds: timeoutMilliseconds, meta: meta)
    if outgoing == nil { outgoing = context?.channel.allocator.buffer(capacity: 4096) }
    frames.withFrame { _ = outgoing?.writeBytes($0) }
    pending[nextStream] = entry
    nextStream += 2
    // A day at 10,000 a second is less than half of what the numbers allow.
    if nextStream > .max - 2 { isLeaving = true }
  }

  func flush() {
    guard let context, let buffer = outgoing else { return }
    outgoing = nil
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
  }

  /// Gives up on requests sent before `moment`. O(under way).
  func giveUp(sentBefore moment: UInt64) {
    for (stream, entry) in pending where entry.sent < moment {
      pending[stream] = nil
      driver.answered(entry, .silence)
    }
    closeIfDone()
  }

  func close() { context?.close(promise: nil) }

  // MARK: Channel

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var incoming = unwrapInboundIn(data)
    if unread == nil { unread = incoming } else { unread?.writeBuffer(&incoming) }
    while let bytes = takeFrame() { unread?.moveReaderIndex(forwardBy: bytes) }
    if unread?.readableBytes == 0 { unread = nil } else { unread?.discardReadBytes() }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    closeIfDone()
    driver.repliesRead()
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosed = true
    self.context = nil
    let lost = pending
    pending = [:]
    for entry in lost.values { driver.answered(entry, .connectionLost) }
    driver.closed(self)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// Handles the next whole frame; returns its length, or nil if there is none.
  private func takeFrame() -> Int? {
    guard let unread, !isClosed else { return nil }
    return unread.withUnsafeReadableBytes { bytes -> Int? in
      do throws(Fault) {
        guard let frame = try decoder.next(in: bytes) else { return nil }
        handle(frame)
        return frame.header.frameBytes
      } catch {
        driver.broken(error)
        isClosed = true
        context?.close(promise: nil)
        return nil
      }
    }
  }

  private func handle(_ frame: Frame) {
    switch frame.header.type {
    case .reply:
      // An answer to what was given up on is late news.
      guard let entry = pending.removeValue(forKey: frame.header.stream) else { return }
      driver.answered(entry, .reply(code: frame.header.code, body: frame.body))
    case .ping:
      frames.write(.pong, echoing: frame.body)
      if outgoing == nil { outgoing = context?.channel.allocator.buffer(capacity: 256) }
      frames.withFrame { _ = outgoing?.writeBytes($0) }
      flush()
    case .goAway: isLeaving = true
    case .request, .cancel, .pong: break
    }
  }

  private func closeIfDone() {
    if isLeaving, pending.isEmpty { context?.close(promise: nil) }
  }
}
