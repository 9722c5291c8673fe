import Engine
import Locking
import Logging
import Metering
import Transport
import Vocabulary

/// What `/metrics`, `/livez` and `/readyz` say, from before recovery until after the drain.
final class Monitor: Sendable {
  private struct Parts: Sendable {
    var engine: Engine
    var server: Server<Engine>
  }

  /// Nil until requests are answered.
  private let parts = Locked<Parts?>(nil)

  /// From now on there is something to tell.
  func watch(_ engine: Engine, _ server: Server<Engine>) {
    parts.withLock { $0 = Parts(engine: engine, server: server) }
  }

  /// Starts serving if the configuration says so.
  func serve(_ settings: MetricsSettings, _ logger: Logger) async throws(ListenFault) -> MonitorServer? {
    guard settings.isEnabled else { return nil }
    let server = MonitorServer(
      settings,
      source: MonitorSource(
        metrics: { self.metrics() }, liveness: { self.liveness() }, readiness: { self.readiness($0) }))
    let place = try await server.start()
    logger.notice(
      "Metrics are served.",
      metadata: ["event": "metrics", "host": "\(place.host)", "port": "\(place.port)"])
    return server
  }

  private func metrics() -> [UInt8] {
    var text = MetricsText()
    ProcessMetrics.write(into: &text)
    if let parts = parts.withLock({ $0 }) {
      parts.engine.writeMetrics(into: &text)
      parts.server.writeMetrics(into: &text)
    }
    return text.bytes
  }

  /// That this is answered at all says that the process lives; the rest is about the loops that serve.
  private func liveness() -> [MonitorCheck] {
    guard let parts = parts.withLock({ $0 }) else { return [MonitorCheck("starting", true)] }
    return [MonitorCheck("event loops turn", parts.server.isTurning)]
  }

  private func readiness(_ roles: Set<MonitorRole>) -> [MonitorCheck] {
    guard let parts = parts.withLock({ $0 }) else {
      return [MonitorCheck("started", false, "live state is being restored")]
    }
    let state = parts.engine.state
    var checks = [
      MonitorCheck("started", true), MonitorCheck("not draining", state != .draining, state.name),
      MonitorCheck("event loops turn", parts.server.isTurning),
    ]
    if roles.contains(.write) {
      checks.append(MonitorCheck("log writable", state != .fenced, state.name))
      checks.append(MonitorCheck("disk space", parts.engine.hasDiskSpace))
    }
    // Nothing that serves is worse for it, and to send nobody here any more would mend nothing.
    let damages = parts.engine.damagesFound
    checks.append(
      damages == 0
        ? MonitorCheck("stored data", true)
        : .warning(
          "stored data",
          "the last scrub found \(damages) damaged; magpie scrub --last names them and says what to do"))
    return checks
  }
}
