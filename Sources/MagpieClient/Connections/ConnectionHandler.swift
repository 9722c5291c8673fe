import NIOCore
import Vocabulary
import Wire

/// The end of one connection: turns bytes into frames, asks the machine, and acts. Lives on its event loop.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let connection: Connection
  private let events: any ConnectionEvents
  private let keepalive: (silence: UInt64, patience: UInt64)?
  private var machine = ConnectionMachine<PendingCall>(now: ContinuousNanoseconds.now)
  private var decoder = FrameDecoder()
  private let arena = MessageArena()
  private let frames = FrameWriter()
  private var unread: ByteBuffer?
  private var context: ChannelHandlerContext?
  private var flushIsPlanned = false
  private var ticker: RepeatedTask?
  private var end: Fault?
  /// Whether this attempt to connect is the one that counts. Others come and go unheard.
  private var isAttached = false

  init(
    connection: Connection, events: any ConnectionEvents, keepalive: (silence: UInt64, patience: UInt64)?
  ) {
    self.connection = connection
    self.events = events
    self.keepalive = keepalive
  }

  // MARK: Requests

  /// Writes a request, unless it has ended or the connection takes no more.
  func send(_ call: PendingCall) {
    guard let context, !call.isFinished else { return giveBack(call) }
    switch machine.send(call) {
    case .refuse(let fault):
      call.finish(.failure(CallFailure(fault, wasSent: false)))
      giveBack(call)
    case .write(let stream):
      guard call.begin(on: connection, stream: stream) else {
        abandon(stream: stream, telling: false)
        return
      }
      write(RequestFrame.lay(call, stream: stream, allocator: context.channel.allocator), context)
    }
  }

  /// Forgets a stream; tells the daemon if it should stop working on it.
  func abandon(stream: UInt32, telling: Bool) {
    guard let context, case .drop(let thenClose) = machine.abandon(stream: stream) else { return }
    if telling {
      frames.writeCancel(stream: stream)
      writeFrame(context)
    }
    events.released(connection)
    if thenClose { close(context) }
  }

  /// Takes no more requests; closes once the last is answered.
  func leave() {
    guard let context else { return }
    if machine.leave() { close(context) }
  }

  /// A call that was counted for this connection and will not be on it.
  private func giveBack(_ call: PendingCall) {
    if !call.isFinished {
      call.finish(.failure(CallFailure(ConnectFault.closedBeforehand, wasSent: false)))
    }
    events.released(connection)
  }

  // MARK: Channel

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    ticker?.cancel()
    self.context = nil
    if isAttached { connection.detach() }
  }

  /// The connection is this one. Called on its event loop.
  func attach() {
    isAttached = true
    guard let context, let keepalive else { return }
    let step = TimeAmount.nanoseconds(
      Int64(clamping: max(min(keepalive.silence, keepalive.patience) / 4, 1_000_000)))
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    ticker = context.eventLoop.scheduleRepeatedTask(initialDelay: step, delay: step) { _ in bound.value.tick()
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var incoming = unwrapInboundIn(data)
    if unread == nil { unread = incoming } else { unread?.writeBuffer(&incoming) }
    do {
      while let step = try nextFrame() {
        unread?.moveReaderIndex(forwardBy: step.bytes)
        act(on: step, context)
        if end != nil { return }
      }
    } catch {
      poison(error, context)
      return
    }
    if unread?.readableBytes == 0 { unread = nil } else { unread?.discardReadBytes() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    let reason = end ?? Fault(.connectionLost, "The daemon closed the connection before it answered.")
    let (pending, fault) = machine.closed(because: reason)
    for call in pending { call.finish(.failure(CallFailure(fault, wasSent: true))) }
    if isAttached { events.closed(connection) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end = end ?? Fault(.connectionLost, "The connection failed before the daemon answered: \(error).")
    context.close(promise: nil)
  }

  // MARK: Frames

  /// What a frame leaves behind once its bytes are gone.
  private struct Arrival {
    var bytes: Int
    var kind: FrameHeaderKind
    var action: ConnectionMachine<PendingCall>.OnFrame
    var result: Result<Reply, CallFailure>?
    var echo: [UInt8] = []
  }

  /// Decodes the next whole frame while its bytes are still there. Nil if there is none.
  private func nextFrame() throws(Fault) -> Arrival? {
    guard let unread else { return nil }
    // The closure cannot throw a typed error through ByteBuffer, so it returns one.
    let result = unread.withUnsafeReadableBytes { bytes -> Result<Arrival?, Fault> in
      do throws(Fault) {
        guard let frame = try decoder.next(in: bytes) else { return .success(nil) }
        return .success(try decode(frame))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func decode(_ frame: Frame) throws(Fault) -> Arrival {
    let header = frame.header
    var arrival = Arrival(bytes: header.frameBytes, kind: .other, action: .ignore)
    var said: Fault?
    switch header.type {
    case .reply: arrival.kind = .reply
    case .ping:
      arrival.kind = .ping
      arrival.echo = Array(frame.body)
    case .pong: arrival.kind = .pong
    case .goAway:
      arrival.kind = .goAway
      said = try FaultCodec.decode(frame.body, arena: arena)
    case .request, .cancel: arrival.kind = .other
    }
    arrival.action = machine.received(
      arrival.kind, stream: header.stream, fault: said, now: ContinuousNanoseconds.now)
    if case .deliver(let call, _) = arrival.action {
      arrival.result = reply(to: call, header: header, body: frame.body)
    }
    return arrival
  }

  /// A reply whose body cannot be read harms only its own call: frames are still in step.
  private func reply(
    to call: PendingCall, header: FrameHeader, body: UnsafeRawBufferPointer
  ) -> Result<Reply, CallFailure> {
    do throws(Fault) {
      if header.code == StatusCode.ok.rawValue {
        return .success(try ReplyCodec.decode(call.method, body, arena: arena))
      }
      return .failure(CallFailure(try FaultCodec.decode(body, arena: arena), wasSent: true))
    } catch {
      return .failure(CallFailure(error, wasSent: true))
    }
  }

  private func act(on arrival: Arrival, _ context: ChannelHandlerContext) {
    switch arrival.action {
    case .deliver(let call, let thenClose):
      if let result = arrival.result { call.finish(result) }
      events.released(connection)
      if thenClose { close(context) }
    case .answerPing:
      arrival.echo.withUnsafeBytes { frames.write(.pong, echoing: $0) }
      writeFrame(context)
    case .leave(let thenClose):
      events.leaving(connection)
      if thenClose { close(context) }
    case .ignore: break
    case .poison(let fault): poison(fault, context)
    }
  }

  private func poison(_ fault: Fault, _ context: ChannelHandlerContext) {
    end = Fault(
      .connectionLost,
      "What answers there does not keep to the protocol (\(fault.reason.rawValue): \(fault.message)); check host and port."
    )
    context.close(promise: nil)
  }

  private func close(_ context: ChannelHandlerContext) {
    flushNow()
    context.close(promise: nil)
  }

  private func tick() {
    guard let context, let keepalive else { return }
    switch machine.tick(
      now: ContinuousNanoseconds.now, silence: keepalive.silence, patience: keepalive.patience)
    {
    case .nothing: break
    case .ping:
      frames.write(.ping, echoing: UnsafeRawBufferPointer(start: nil, count: 0))
      writeFrame(context)
    case .close:
      end = Fault(.connectionLost, "The daemon stopped answering pings; the connection was closed.")
      context.close(promise: nil)
    }
  }

  // MARK: Writing

  /// Sends what `frames` has built.
  private func writeFrame(_ context: ChannelHandlerContext) {
    write(frames.withFrame { context.channel.allocator.buffer(bytes: $0) }, context)
  }

  /// Everything written in one turn of the event loop leaves in one flush.
  private func write(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(buffer), promise: nil)
    if flushIsPlanned { return }
    flushIsPlanned = true
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.execute { bound.value.flushNow() }
  }

  private func flushNow() {
    if !flushIsPlanned { return }
    flushIsPlanned = false
    context?.flush()
  }
}
