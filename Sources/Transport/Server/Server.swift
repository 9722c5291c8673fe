import Locking
import Logging
import Metering
import NIOCore
import NIOPosix
import Synchronization
import Vocabulary

/// Listens on one address and answers requests with a handler.
///
/// Order of calls: `start` once, then `drain` if in-flight requests shall finish, then `stop`.
package final class Server<Handler: RequestHandler>: Sendable {
  private struct Running {
    var group: MultiThreadedEventLoopGroup?
    var listener: (any Channel)?
    var loops: [NIOLoopBound<LoopContext<Handler>>] = []
    /// Kept when the loops are gone: a counter never goes back.
    var meters: [LoopMeters] = []
  }

  private let handler: Handler
  private let settings: Settings
  private let limits: ConnectionLimits
  let gauge: ConnectionGauge
  private let logger: Logger
  private let running = Locked(Running())
  private let limit: ConnectionCap
  private let overload: OverloadSwitch

  /// - Parameter limits: what one connection may do; nil takes the product's.
  package init(
    handler: Handler, settings: Settings, gauge: ConnectionGauge, logger: Logger,
    limits: ConnectionLimits? = nil
  ) {
    self.handler = handler
    self.settings = settings
    self.limits = limits ?? ConnectionLimits(settings)
    self.gauge = gauge
    self.logger = logger
    limit = ConnectionCap(settings, idle: self.limits.idle)
    overload = OverloadSwitch(settings, loops: Self.loopCount(settings))
  }

  /// Puts in force what may change while running: the number of connections, and for new ones how long they may be
  /// idle; and how long requests may wait. Connections above a lower limit stay.
  package func apply(_ settings: Settings) {
    limit.apply(settings)
    overload.apply(settings)
  }

  var connectionsMax: Int { limit.connectionsMax }
  var meters: [LoopMeters] { running.withLock { $0.meters } }

  /// Starts listening and returns where.
  /// - Throws: `ListenFault` if the address cannot be had.
  package func start() async throws(ListenFault) -> (host: String, port: UInt16) {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.loopCount(settings))
    let made = await makeLoops(group)
    let loops = made.map(\.loop)
    do {
      let listener = try await bootstrap(group, loops).bind(host: settings.host, port: Int(settings.port))
        .get()
      running.withLock { running in
        running.group = group
        running.listener = listener
        running.loops = loops
        running.meters = made.map(\.meters)
      }
      let port = UInt16(clamping: listener.localAddress?.port ?? Int(settings.port))
      return (listener.localAddress?.ipAddress ?? settings.host, port)
    } catch {
      await close(loops)
      try? await group.shutdownGracefully()
      throw ListenFault(error, host: settings.host, port: settings.port, key: "port")
    }
  }

  /// Stops listening, tells every peer to go elsewhere, and waits until requests in flight are answered and
  /// connections closed; after `seconds` those left are closed anyway.
  package func drain(seconds: Int64) async {
    let (listener, loops) = running.withLock { running in
      defer { running.listener = nil }
      return (running.listener, running.loops)
    }
    try? await listener?.close()
    let drained = loops.map { bound in
      bound.eventLoop.flatSubmit { bound.value.drain(within: seconds) }
    }
    // A loop's future only ever succeeds.
    for future in drained { try? await future.get() }
  }

  /// Closes whatever is open at once and ends the event loops.
  package func stop() async {
    await drain(seconds: 0)
    let (group, loops) = running.withLock { running in
      defer { running = Running(meters: running.meters) }
      return (running.group, running.loops)
    }
    await close(loops)
    try? await group?.shutdownGracefully()
  }

  // MARK: Parts

  /// More loops than a few cores' worth only compete with the read path's own memory bandwidth.
  private static func loopCount(_ settings: Settings) -> Int {
    settings.eventLoops > 0 ? settings.eventLoops : min(8, max(1, System.coreCount))
  }

  private typealias MadeLoop = (loop: NIOLoopBound<LoopContext<Handler>>, meters: LoopMeters)

  private func makeLoops(_ group: MultiThreadedEventLoopGroup) async -> [MadeLoop] {
    var loops: [MadeLoop] = []
    let (handler, limits, gauge, logger) = (handler, limits, gauge, logger)
    let (limit, overload) = (limit, overload)
    for eventLoop in group.makeIterator() {
      let made = eventLoop.submit { () -> MadeLoop in
        let context = LoopContext(
          on: eventLoop, handler: handler, limits: limits, cap: limit, overload: overload, gauge: gauge,
          logger: logger)
        context.startBeating()
        return (NIOLoopBound(context, eventLoop: eventLoop), context.meters)
      }
      // Making a context cannot fail.
      if let loop = try? await made.get() { loops.append(loop) }
    }
    return loops
  }

  private func bootstrap(
    _ group: MultiThreadedEventLoopGroup, _ loops: [NIOLoopBound<LoopContext<Handler>>]
  ) -> ServerBootstrap {
    let byLoop = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
    let unreadMax = limits.unreadReplyBytesMax
    return ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause())
        }
      }
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: unreadMax / 4, high: unreadMax))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let loop = byLoop[ObjectIdentifier(channel.eventLoop)] else {
            throw ChannelError.ioOnClosedChannel
          }
          try channel.pipeline.syncOperations.addHandler(loop.value.makeConnection())
        }
      }
  }

  /// From here on completions are dropped.
  private func close(_ loops: [NIOLoopBound<LoopContext<Handler>>]) async {
    for bound in loops {
      try? await bound.eventLoop.submit { bound.value.inbox.close() }.get()
    }
  }
}
