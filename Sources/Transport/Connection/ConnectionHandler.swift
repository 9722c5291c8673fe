import Logging
import NIOCore
import Vocabulary
import Wire

/// The one channel handler of a connection: moves bytes between the channel, the decoder, the state machine and
/// the request handler, and decides nothing itself.
///
/// Everything one read delivered is one batch: all its frames are worked off, then all replies leave in one
/// flush. Lives on its event loop; not sendable.
final class ConnectionHandler<Handler: RequestHandler>: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let loop: LoopContext<Handler>
  /// Names the connection among those of its loop.
  let number: UInt64
  var machine: ConnectionStateMachine
  private var decoder = FrameDecoder()
  /// Bytes that came and were not consumed: part of a frame, or whole frames while reading is paused.
  private var input = ByteBuffer()
  /// When the newest byte of `input` came.
  private var received: UInt64 = 0
  private var isConsuming = false
  /// What was last counted in `loop.heldBytes`.
  private var heldBytes = 0
  /// Reading is stopped until the peer has read enough replies.
  var isPaused = false
  /// Frames not yet given to the channel.
  var output: ByteBuffer?
  /// Bytes given to the channel since it opened.
  var sentBytes = 0
  /// What was last counted in `loop.unreadBytes`.
  var countedUnread = 0
  /// Nil before the channel is active and after it is gone.
  var context: ChannelHandlerContext?
  /// The last reply was written and the output side is shut.
  var isOutputDone = false
  private var isHungUp = false
  private var ticker: RepeatedTask?
  private var lingerTimer: Scheduled<Void>?
  var deadlineTimer: (task: Scheduled<Void>, at: UInt64)?
  /// The meta message of the last request and its tenant: they rarely change on a connection.
  private var lastMeta: [UInt8] = []
  private var lastTenant = TenantName.default
  /// Shared by requests that are answered at once; one that is deferred takes it along.
  private var cancellation = Cancellation()

  init(loop: LoopContext<Handler>, number: UInt64, limits: ConnectionLimits) {
    self.loop = loop
    self.number = number
    machine = ConnectionStateMachine(limits: limits, now: ContinuousNanoseconds.now)
  }

  // MARK: Channel events

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    let now = ContinuousNanoseconds.now
    machine.lastTraffic = now
    switch loop.admit(self) {
    case .accepted: startTicking(context)
    case .acceptedWhileDraining:
      startTicking(context)
      drain(at: now)
    case .refused(let fault): fail(fault)
    case .dropped: context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    machine.closed()
    ticker?.cancel()
    lingerTimer?.cancel()
    deadlineTimer?.task.cancel()
    deadlineTimer = nil
    self.context = nil
    output = nil
    input = ByteBuffer()
    noteHeld()
    noteUnread(0)
    loop.remove(self)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    loop.meters.receivedBytes.add(UInt64(bytes.readableBytes))
    if !machine.takesFrames { return }
    received = ContinuousNanoseconds.now
    loop.readBegan(at: received)
    if input.readableBytes == 0 {
      input = bytes
    } else {
      input.writeBuffer(&bytes)
    }
    consume()
  }

  func channelReadComplete(context: ChannelHandlerContext) { endBatch() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    guard context.channel.isWritable else { return }
    noteUnread()
    guard isPaused else { return }
    isPaused = false
    setReading(true)
    // Within `consume` the loop there goes on by itself.
    if isConsuming { return }
    consume()
    endBatch()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    switch machine.inputEnded() {
    case .finish: endBatch()
    case .close: if isOutputDone { context.close(promise: nil) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    loop.logger.debug("connection lost", metadata: ["error": "\(error)"])
    context.close(promise: nil)
  }

  // MARK: Frames

  /// Works off whole frames in the input until it is used up, reading is paused or the connection ends.
  private func consume() {
    if isConsuming { return }
    isConsuming = true
    defer { isConsuming = false }
    var hadFrames = false
    while machine.takesFrames && !isPaused && input.readableBytes > 0 {
      // A second reference, so that nothing called below can invalidate the bytes.
      let bytes = input
      let cut = bytes.withUnsafeReadableBytes { handleFrames($0) }
      input.moveReaderIndex(forwardBy: cut.consumed)
      if cut.consumed > 0 { hadFrames = true }
      if let fault = cut.fault {
        fail(fault)
        break
      }
      if !cut.isInterrupted { break }
      flush()
    }
    let now = ContinuousNanoseconds.now
    loop.restedAt = now
    if machine.takesFrames {
      if !isPaused {
        machine.readEnded(isPartial: input.readableBytes > 0, hadFrames: hadFrames, at: now)
      }
      compactInput()
    } else {
      input = ByteBuffer()
    }
    noteHeld()
  }

  /// Works off frames from the front of `bytes`; is interrupted when enough replies have gathered.
  private func handleFrames(
    _ bytes: UnsafeRawBufferPointer
  ) -> (consumed: Int, fault: Fault?, isInterrupted: Bool) {
    var consumed = 0
    while machine.takesFrames {
      if let output, output.readableBytes >= loop.limits.replyBatchBytes { return (consumed, nil, true) }
      do throws(Fault) {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
        guard let frame = try decoder.next(in: rest) else { break }
        consumed += frame.header.frameBytes
        try handle(frame)
      } catch {
        return (consumed, error, false)
      }
    }
    return (consumed, nil, false)
  }

  /// - Throws: a fault of the whole connection.
  private func handle(_ frame: Frame) throws(Fault) {
    let now = ContinuousNanoseconds.now
    switch machine.frame(frame.header, received: received, now: now) {
    case .handle(let method, let deadline): admit(method, frame, deadline: deadline, at: now)
    case .refuse(let fault): append(.failure(fault), stream: frame.header.stream)
    case .answerCancelled: append(.failure(Self.cancelled), stream: frame.header.stream)
    case .pong:
      loop.frames.write(.pong, echoing: frame.body)
      appendFrame()
    case .ignore, .finish: break
    case .fail(let fault): throw fault
    }
  }

  private static var cancelled: Fault {
    Fault(.cancelled, "The request was cancelled; what it had begun may still take effect.")
  }

  /// Begins a request, sets it aside, or refuses it before its message is looked at.
  private func admit(_ method: Method, _ frame: Frame, deadline: UInt64, at now: UInt64) {
    let stream = frame.header.stream
    let `class` = RequestClass(method, bodyBytes: frame.body.count)
    do throws(Fault) {
      if let fault = refusal(of: `class`) { throw fault }
      let tenant = try tenant(frame.meta)
      if `class` == .health || loop.takesAtOnce(at: now) {
        loop.meters.waits[`class`.rawValue].record(now > received ? now - received : 0)
        let call = Call(tenant: tenant, deadline: deadline, received: received, cancellation: cancellation)
        if let outcome = try ask(method, frame.body, stream, call) {
          append(outcome, stream: stream, to: (method, frame.body))
        } else {
          deferred(stream, deadline: deadline)
        }
        return
      }
      let request = WaitingRequest(
        connection: number, stream: stream, method: method, tenant: tenant, body: Array(frame.body),
        received: received, deadline: deadline, cancellation: cancellation)
      guard loop.wait(request, `class`) else {
        loop.meters.overloaded.add(`class`)
        throw LoopContext<Handler>.overloaded(`class`)
      }
      deferred(stream, deadline: deadline)
    } catch {
      append(.failure(error), stream: stream)
    }
  }

  /// Why a request is not even looked at right now, or nil.
  private func refusal(of class: RequestClass) -> Fault? {
    if `class` == .health { return nil }
    guard let fault = shortage(for: `class`) else { return nil }
    if fault.reason == .memoryLow { loop.meters.memoryRefusals.add(`class`) }
    return fault
  }

  private func shortage(for class: RequestClass) -> Fault? {
    if loop.unreadBytes > Limits.unreadSharesMax * loop.overload.heldBytesMax {
      return Fault(
        .memoryLow, "Too many replies wait that peers do not read; try again when those are gone.",
        retryAfterMilliseconds: 2 * `class`.retryAfterMilliseconds)
    }
    return loop.handler.refusal(of: `class`)
  }

  /// Begins a request that has waited, unless nobody waits for it any more or it would not be let in now: what thousands wait
  /// for can be more memory than there is. The caller ends the batch.
  func begin(_ request: WaitingRequest, _ class: RequestClass, at now: UInt64) {
    guard machine.isAwaited(request.stream) else {
      _ = machine.completed(request.stream, at: now)
      return
    }
    if now >= request.deadline {
      let late = Fault(.deadlineExceeded, "The request's time was over before it was begun.")
      return complete(request.stream, .failure(late))
    }
    if let fault = refusal(of: `class`) { return complete(request.stream, .failure(fault)) }
    let call = Call(
      tenant: request.tenant, deadline: request.deadline, received: request.received,
      cancellation: request.cancellation)
    request.body.withUnsafeBytes { body in
      do throws(Fault) {
        guard let outcome = try ask(request.method, body, request.stream, call) else { return }
        complete(request.stream, outcome, to: (request.method, body))
      } catch {
        complete(request.stream, .failure(error))
      }
    }
  }

  /// Decodes a request and hands it to the handler. Nil if the answer comes later.
  private func ask(
    _ method: Method, _ body: UnsafeRawBufferPointer, _ stream: UInt32, _ call: Call
  ) throws(Fault) -> Outcome? {
    let request = try RequestCodec.decode(method, body, arena: loop.arena)
    if let outcome = loop.handler.answer(request, for: call, using: loop.scratch) { return outcome }
    let (inbox, number) = (loop.inbox, number)
    return loop.handler.handle(request, for: call, using: loop.scratch) { outcome in
      inbox.put(Completion(connection: number, stream: stream, outcome: outcome))
    }
  }

  private func deferred(_ stream: UInt32, deadline: UInt64) {
    machine.deferred(stream, deadline: deadline, cancellation: cancellation)
    cancellation = Cancellation()
    scheduleExpiry(at: deadline)
  }

  private func tenant(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> TenantName {
    if bytes.elementsEqual(lastMeta) { return lastTenant }
    let meta = try MetaCodec.decode(bytes)
    let tenant = meta.tenant.isEmpty ? .default : try TenantName(String(decoding: meta.tenant, as: UTF8.self))
    lastMeta = Array(bytes)
    lastTenant = tenant
    return tenant
  }

  /// Keeps no large buffer alive for a small rest.
  private func compactInput() {
    let rest = input.readableBytes
    if rest == 0 {
      input = ByteBuffer()
    } else if input.readerIndex > 0 || input.storageCapacity > 2 * rest + 4096 {
      var compact = ByteBufferAllocator().buffer(capacity: rest)
      compact.writeImmutableBuffer(input)
      input = compact
    }
  }

  /// Counts what is held of an unfinished frame. Where many hold much, a large one ends its connection.
  private func noteHeld() {
    let held = input.readableBytes > 0 ? input.storageCapacity : 0
    if held == heldBytes { return }
    loop.heldBytes += held - heldBytes
    heldBytes = held
    guard machine.takesFrames, !isPaused, held > Limits.heldBytesUnderPressure,
      loop.heldBytes > loop.overload.heldBytesMax
    else { return }
    fail(
      Fault(
        .memoryLow,
        "Too many large frames are on their way at once; send smaller batches, or fewer at a time.",
        retryAfterMilliseconds: RequestClass.bulk.retryAfterMilliseconds))
  }

  /// Whether whole frames may be waiting.
  var hasInput: Bool { isPaused && input.readableBytes > 0 }

  // MARK: The end

  /// Says why in a GOAWAY, then hangs up.
  func fail(_ fault: Fault) {
    loop.logger.debug("connection closed", metadata: ["reason": "\(fault.reason.rawValue)"])
    loop.meters.connectionFaults.add(fault.reason)
    machine.failed()
    loop.frames.writeGoAway(fault)
    appendFrame()
    hangUp()
  }

  /// Writes what there is, shuts the output and waits a moment for the peer to do the same.
  func hangUp() {
    guard let context, !isHungUp else { return }
    isHungUp = true
    flush()
    // The input of a paused connection must be read and discarded now, or closing would reset it.
    isPaused = false
    setReading(true)
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { [self] _ in
      isOutputDone = true
      guard let context = self.context else { return }
      if machine.phase == .finished {
        context.close(promise: nil)
      } else {
        context.close(mode: .output, promise: nil)
      }
    }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    if machine.phase != .lingering { return }
    lingerTimer = context.eventLoop.assumeIsolated().scheduleTask(
      in: .nanoseconds(Int64(clamping: loop.limits.linger))
    ) { [weak self] () -> Void in
      self?.context?.close(promise: nil)
    }
  }

  /// Closes without a word: the peer does not read, or time is up.
  func abort() { context?.close(promise: nil) }

  private func startTicking(_ context: ChannelHandlerContext) {
    let interval = TimeAmount.nanoseconds(Int64(clamping: loop.limits.tick))
    // A repeated task wants a sendable closure; the connection is named by its number instead of captured.
    let (bound, number) = (loop.bound, number)
    ticker = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
      bound.value.loop?.connections[number]?.tick()
    }
  }
}
