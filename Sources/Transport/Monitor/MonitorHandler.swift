import Metering
import NIOCore
import NIOHTTP1
import Vocabulary

/// Counts the bytes of the request that is arriving and closes the connection when there are too many, before the
/// parser has to keep them.
final class MonitorBudget: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var bytes = 0
  /// Called with the first byte of a request.
  var began: (() -> Void)?

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if bytes == 0 { began?() }
    bytes += unwrapInboundIn(data).readableBytes
    if bytes > Limits.monitorRequestBytesMax {
      context.close(promise: nil)
    } else {
      context.fireChannelRead(data)
    }
  }

  /// A request was whole.
  func renew() { bytes = 0 }
}

/// The open connections of a monitor, oldest visit first.
final class MonitorVisitors {
  private var handlers: [MonitorHandler] = []

  /// Takes one in; where there are too many, shows out the one that was quiet longest.
  func enter(_ handler: MonitorHandler) {
    handlers.append(handler)
    if handlers.count > Limits.monitorConnectionsMax { handlers.removeFirst().showOut() }
  }

  func visited(_ handler: MonitorHandler) {
    leave(handler)
    handlers.append(handler)
  }

  func leave(_ handler: MonitorHandler) { handlers.removeAll { $0 === handler } }
}

/// Answers the requests of one connection, in order. Lives on its event loop.
final class MonitorHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let source: MonitorSource
  private let budget: MonitorBudget
  private let visitors: MonitorVisitors
  private var head: HTTPRequestHead?
  private var context: ChannelHandlerContext?
  private var timer: Scheduled<Void>?

  init(_ source: MonitorSource, _ budget: MonitorBudget, _ visitors: MonitorVisitors) {
    self.source = source
    self.budget = budget
    self.visitors = visitors
    budget.began = { [weak self] in self?.wait(seconds: Limits.monitorRequestSeconds) }
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    visitors.enter(self)
    wait(seconds: Limits.monitorRequestSeconds)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    self.context = nil
    visitors.leave(self)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      budget.renew()
      visitors.visited(self)
      // A peer that asks without reading what it asked for gets no more.
      guard context.channel.isWritable else { return showOut() }
      answer(head, context)
      wait(seconds: Limits.monitorIdleSeconds)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func showOut() { context?.close(promise: nil) }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let page = MonitorPage.answer(
      method: head.method.rawValue, target: head.uri, contentType: MetricsText.contentType, source)
    var headers = HTTPHeaders()
    headers.add(name: "content-type", value: page.contentType)
    headers.add(name: "content-length", value: String(page.body.count))
    headers.add(name: "cache-control", value: "no-store")
    if page.status == 405 { headers.add(name: "allow", value: "GET, HEAD") }
    if !head.isKeepAlive { headers.add(name: "connection", value: "close") }
    let response = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: page.status), headers: headers)
    context.write(wrapOutboundOut(.head(response)), promise: nil)
    if head.method != .HEAD {
      var body = context.channel.allocator.buffer(capacity: page.body.count)
      body.writeBytes(page.body)
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    if !head.isKeepAlive {
      written.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.showOut() }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }

  /// Closes the connection after this long, unless called again before.
  private func wait(seconds: Int64) {
    timer?.cancel()
    timer = context?.eventLoop.assumeIsolated().scheduleTask(in: .seconds(seconds)) {
      [weak self] () -> Void in
      self?.showOut()
    }
  }
}
