import Logging
import Testing
import Transport
import Vocabulary

/// A server on a free loopback port for the length of a test.
struct RunningServer {
  let handler: TestHandler
  let server: Server<TestHandler>
  let gauge: ConnectionGauge
  let port: UInt16

  static func run(
    loops: Int = 1, connectionsMax: Int = 100, overload: OverloadSettings = OverloadSettings(),
    _ change: (inout ConnectionLimits) -> Void = { _ in },
    _ body: (RunningServer) async throws -> Void
  ) async throws {
    var settings = Settings()
    settings.port = 0
    settings.eventLoops = loops
    settings.connectionsMax = connectionsMax
    settings.overload = overload
    var limits = ConnectionLimits(settings)
    change(&limits)
    let (handler, gauge) = (TestHandler(), ConnectionGauge())
    let server = Server(
      handler: handler, settings: settings, gauge: gauge, logger: Logger(label: "test"), limits: limits)
    let (_, port) = try await server.start()
    do {
      try await body(RunningServer(handler: handler, server: server, gauge: gauge, port: port))
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
    #expect(gauge.count == 0)
  }

  func connect(receiveBuffer: Int32? = nil) async throws -> RawPeer {
    try await RawPeer.connect(port: port, receiveBuffer: receiveBuffer)
  }

  /// Waits until something holds; fails the test after ten seconds.
  func until(_ what: String, _ holds: () -> Bool) async throws {
    for _ in 0..<2000 {
      if holds() { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("never happened: \(what)")
  }
}
