import Locking
import NIOCore
import NIOPosix
import Vocabulary

/// What a connection tells its owner; always from its event loop.
protocol ConnectionEvents: Sendable {
  /// One request less is in flight.
  func released(_ connection: Connection)
  /// It takes no more requests, and finishes those it has.
  func leaving(_ connection: Connection)
  /// It is gone.
  func closed(_ connection: Connection)
}

/// A handle of one open connection, usable from any thread.
package final class Connection: Sendable {
  /// Its number in the pool.
  let id: Int
  private let loop: any EventLoop
  private let parts: Locked<(channel: (any Channel)?, handler: NIOLoopBound<ConnectionHandler>?)>

  private init(id: Int, loop: any EventLoop) {
    self.id = id
    self.loop = loop
    parts = Locked((nil, nil))
  }

  /// Opens a connection. The future fails with a `Fault` that says what to do.
  static func open(
    id: Int, configuration: MagpieClient.Configuration, group: any EventLoopGroup,
    events: any ConnectionEvents
  ) -> EventLoopFuture<Connection> {
    let loop = group.next()
    let connection = Connection(id: id, loop: loop)
    let keepalive = configuration.keepalive.map {
      (silence: $0.nanosecondsClamped, patience: configuration.keepaliveTimeout.nanosecondsClamped)
    }
    let host = configuration.host
    let port = configuration.port
    return ClientBootstrap(group: loop)
      .connectTimeout(.nanoseconds(Int64(clamping: configuration.connectTimeout.nanosecondsClamped)))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        // A name may have several addresses, tried side by side: each attempt gets a handler, one is attached.
        channel.eventLoop.makeCompletedFuture {
          let handler = ConnectionHandler(connection: connection, events: events, keepalive: keepalive)
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .connect(host: host, port: port)
      .flatMapThrowing { channel in
        let handler = try channel.pipeline.syncOperations.handler(type: ConnectionHandler.self)
        handler.attach()
        connection.parts.withLock { $0 = (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop)) }
        return connection
      }
      .flatMapErrorThrowing { error in throw ConnectFault.explain(error, host: host, port: port) }
  }

  /// Returns false if the connection is gone.
  @discardableResult
  private func onLoop(_ body: @escaping @Sendable (ConnectionHandler) -> Void) -> Bool {
    guard let handler = parts.withLock({ $0.handler }) else { return false }
    loop.execute { body(handler.value) }
    return true
  }

  /// Queues a request; requests queued by one thread leave in that order.
  func send(_ call: PendingCall) {
    if !onLoop({ $0.send(call) }) {
      call.finish(.failure(CallFailure(ConnectFault.closedBeforehand, wasSent: false)))
    }
  }

  /// Nobody waits for `stream` any more.
  func abandon(stream: UInt32, telling: Bool) { onLoop { $0.abandon(stream: stream, telling: telling) } }

  /// Takes no more requests; closes once the last is answered.
  func leave() { onLoop { $0.leave() } }

  /// Lets go of channel and handler, which hold this handle in turn.
  func detach() { parts.withLock { $0 = (nil, nil) } }

  /// Closes now; what is in flight fails.
  func close() { parts.withLock { $0.channel }?.close(promise: nil) }
}

extension Duration {
  /// Nanoseconds, at least 0 and at most about 292 years. Never traps.
  package var nanosecondsClamped: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 0 }
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow || product > UInt64(Int64.max) - 1_000_000_000 { return UInt64(Int64.max) }
    return product + UInt64(attoseconds) / 1_000_000_000
  }
}
