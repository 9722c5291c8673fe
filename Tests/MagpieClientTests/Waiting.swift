import Fakes
import MagpieClient

/// Waits until a condition holds; false if it does not within ten seconds.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
  let end = ContinuousClock.now + .seconds(10)
  while ContinuousClock.now < end {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return condition()
}

/// The error a call throws; nil if it throws none.
func failure<Value: Sendable>(
  _ body: () async throws(MagpieError) -> Value
) async -> MagpieError? {
  do throws(MagpieError) {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}

extension MagpieClient.Configuration {
  /// For a fake daemon: quick retries, one connection.
  static func fake(_ daemon: FakeDaemon) -> Self {
    var configuration = Self(host: "127.0.0.1", port: daemon.port)
    configuration.poolSize = 1
    configuration.retry.firstBackoff = .milliseconds(1)
    configuration.retry.backoffMax = .milliseconds(5)
    configuration.keepalive = nil
    return configuration
  }
}
