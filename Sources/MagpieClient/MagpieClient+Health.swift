import Vocabulary

extension MagpieClient {
  /// Whether the daemon is there, and what it is able to do.
  public func check(timeout: Duration? = nil) async throws(MagpieError) -> ServingState {
    guard case .check(let report) = try await call(.check, timeout: timeout) else { throw mismatch(.check) }
    return ServingState(report.state)
  }

  /// Limits and versions of the daemon. `client` names the caller in its logs; at most 256 bytes are kept.
  public func hello(client: String = "", timeout: Duration? = nil) async throws(MagpieError) -> ServerHello {
    var request = HelloRequest()
    request.client = Array(client.utf8)
    guard case .hello(let reply) = try await call(.hello(request), timeout: timeout) else {
      throw mismatch(.hello)
    }
    return ServerHello(reply)
  }

  /// The codec answered with another method's reply: a mistake in this library, never the daemon's.
  func mismatch(_ method: Method) -> MagpieError {
    MagpieError(Fault(.internalError, "The reply to \(method.name) was decoded as another method's."))
  }
}
