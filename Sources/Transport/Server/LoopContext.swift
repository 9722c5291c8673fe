import Logging
import NIOCore
import Vocabulary
import Wire

/// What the connections of one event loop share: working memory, the completion inbox, the list of themselves.
/// Used on its event loop only; not sendable.
final class LoopContext<Handler: RequestHandler> {
  let eventLoop: any EventLoop
  let handler: Handler
  let scratch: Handler.Scratch
  let limits: ConnectionLimits
  let logger: Logger
  let arena = MessageArena()
  let frames = FrameWriter()
  /// Reaches back to this loop from sendable closures without keeping it alive.
  let bound: NIOLoopBound<LoopReference<Handler>>
  let inbox: CompletionInbox
  let meters: LoopMeters
  /// Requests that could not be begun when they came.
  var waiting: WaitingRequests<WaitingRequest>
  let overload: OverloadSwitch
  /// Since when there was no pause between reads, and when the last read was worked off.
  var busySince: UInt64 = 0
  var restedAt: UInt64 = 0
  var isWorkPlanned = false
  /// Of unfinished frames, on all connections.
  var heldBytes = 0
  /// Of replies that peers have not taken, on all connections.
  var unreadBytes = 0
  private let gauge: ConnectionGauge
  private let cap: ConnectionCap
  private var heart: RepeatedTask?
  private(set) var connections: [UInt64: ConnectionHandler<Handler>] = [:]
  private var lastNumber: UInt64 = 0
  private var batch: [Completion] = []
  /// Connections that got a reply since the last flush of all.
  private var touched: [UInt64] = []
  private var isDraining = false
  private var drained: EventLoopPromise<Void>?

  /// REQUIRES: called on `eventLoop`.
  init(
    on eventLoop: any EventLoop, handler: Handler, limits: ConnectionLimits, cap: ConnectionCap,
    overload: OverloadSwitch, gauge: ConnectionGauge, logger: Logger
  ) {
    self.eventLoop = eventLoop
    self.handler = handler
    scratch = handler.makeScratch()
    self.limits = limits
    self.cap = cap
    self.overload = overload
    waiting = WaitingRequests(
      target: overload.target, interval: overload.interval, bytesMax: overload.waitingBytesMax)
    self.gauge = gauge
    self.logger = logger
    let bound = NIOLoopBound(LoopReference<Handler>(), eventLoop: eventLoop)
    self.bound = bound
    inbox = CompletionInbox(eventLoop: eventLoop) { bound.value.loop?.deliverCompletions() }
    let inbox = inbox
    meters = LoopMeters { inbox.count }
    bound.value.loop = self
  }

  /// Tells every second that the loop turns; who listens is `/livez`.
  func startBeating() {
    let meters = meters
    heart = eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .seconds(1)) { _ in meters.turned() }
  }

  // MARK: Connections

  func makeConnection() -> ConnectionHandler<Handler> {
    lastNumber += 1
    var limits = limits
    limits.idle = cap.idle
    return ConnectionHandler(loop: self, number: lastNumber, limits: limits)
  }

  enum Admission {
    case accepted
    case acceptedWhileDraining
    /// To be told why, then closed.
    case refused(Fault)
    /// Far above the limit: to be closed without a word.
    case dropped
  }

  func admit(_ connection: ConnectionHandler<Handler>) -> Admission {
    gauge.opened()
    meters.accepted.add()
    connections[connection.number] = connection
    let (count, connectionsMax) = (gauge.count, cap.connectionsMax)
    if count <= connectionsMax { return isDraining ? .acceptedWhileDraining : .accepted }
    // Telling a peer why holds its connection for a moment; a flood must not hold them all.
    if count > connectionsMax + max(16, connectionsMax / 4) { return .dropped }
    return .refused(
      Fault(
        .tooManyConnections,
        "\(connectionsMax) connections are open, which is the limit; use fewer, or wait.",
        retryAfterMilliseconds: 1000))
  }

  func remove(_ connection: ConnectionHandler<Handler>) {
    if connections.removeValue(forKey: connection.number) == nil { return }
    gauge.closed()
    if connections.isEmpty { finishDrain() }
  }

  // MARK: Completions

  private func deliverCompletions() {
    inbox.take(into: &batch)
    for completion in batch {
      guard let connection = connections[completion.connection] else { continue }
      touch(connection)
      connection.complete(completion.stream, completion.outcome)
    }
    batch.removeAll(keepingCapacity: batch.capacity <= 4096)
    endBatches()
  }

  /// Has `endBatches` flush a connection that is about to get a reply.
  func touch(_ connection: ConnectionHandler<Handler>) {
    if connection.output == nil { touched.append(connection.number) }
  }

  func endBatches() {
    for number in touched { connections[number]?.endBatch() }
    touched.removeAll(keepingCapacity: true)
  }

  // MARK: The end

  /// Refuses new requests, finishes those in flight, and closes every connection, after `seconds` at the latest.
  /// The future succeeds when none is left.
  func drain(within seconds: Int64) -> EventLoopFuture<Void> {
    let promise = drained ?? eventLoop.makePromise(of: Void.self)
    drained = promise
    let now = ContinuousNanoseconds.now
    let (end, overflow) = now.addingReportingOverflow(ConnectionLimits.nanoseconds(seconds: seconds))
    isDraining = true
    for connection in connections.values { connection.drain(at: now) }
    if connections.isEmpty { finishDrain() }
    let bound = bound
    eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(20), delay: .milliseconds(20)) { task in
      guard let loop = bound.value.loop, !loop.connections.isEmpty else {
        task.cancel()
        return
      }
      let now = ContinuousNanoseconds.now
      let isOver = !overflow && now >= end
      // A copy: connections leave the list while it is walked.
      for connection in Array(loop.connections.values) {
        if isOver { connection.abort() } else { connection.finishDraining(at: now) }
      }
    }
    return promise.futureResult
  }

  private func finishDrain() {
    if !isDraining { return }
    drained?.succeed(())
    drained = nil
  }
}

/// A weak reference to a loop's context.
final class LoopReference<Handler: RequestHandler> {
  weak var loop: LoopContext<Handler>?
}
