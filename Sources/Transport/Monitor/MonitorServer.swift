import Glibc
import Locking
import Logging
import Metering
import NIOCore
import NIOHTTP1
import NIOPosix
import Vocabulary

/// Serves metrics and health over HTTP/1.1 on a thread of its own, so that a scraper, however slow or hostile,
/// costs requests nothing.
///
/// Bounded: connections, bytes of a request, and the time it may take to arrive; one answer is written at a time.
package final class MonitorServer: Sendable {
  private struct Running {
    var group: MultiThreadedEventLoopGroup?
    var listener: (any Channel)?
  }

  private let settings: MetricsSettings
  private let source: MonitorSource
  private let running = Locked(Running())

  package init(_ settings: MetricsSettings, source: MonitorSource) {
    self.settings = settings
    self.source = source
  }

  /// Starts listening and returns where.
  /// - Throws: `ListenFault` if the address cannot be had.
  package func start() async throws(ListenFault) -> (host: String, port: UInt16) {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let source = source
    // One loop, so all connections share one list.
    let visitors = NIOLoopBoundBox.makeBoxSendingValue(MonitorVisitors(), eventLoop: group.next())
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 64)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause())
        }
      }
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          let budget = MonitorBudget()
          try pipeline.addHandler(budget)
          try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: true)
          try pipeline.addHandler(MonitorHandler(source, budget, visitors.value))
        }
      }
    do {
      let listener = try await bootstrap.bind(host: settings.host, port: Int(settings.port)).get()
      running.withLock { $0 = Running(group: group, listener: listener) }
      let port = UInt16(clamping: listener.localAddress?.port ?? Int(settings.port))
      return (listener.localAddress?.ipAddress ?? settings.host, port)
    } catch {
      try? await group.shutdownGracefully()
      throw ListenFault(error, host: settings.host, port: settings.port, key: "metrics.port")
    }
  }

  /// Closes everything. Idempotent.
  package func stop() async {
    let stopping = running.withLock { running in
      defer { running = Running() }
      return running
    }
    try? await stopping.listener?.close()
    try? await stopping.group?.shutdownGracefully()
  }
}
