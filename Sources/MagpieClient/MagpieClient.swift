/// A client of one Magpie daemon: connections, deadlines, retries and plain values.
///
/// One client serves a whole program; it is safe to use from any task. Connections are opened when first
/// needed. Cancelling the task that awaits a call cancels the call in the daemon.
///
/// ```swift
/// let client = MagpieClient(configuration: .init(host: "127.0.0.1"))
/// _ = try await client.ingest([Event(.purchase, user: "17372", item: "21088")])
/// let slate = try await client.recommend(RecommendQuery(user: "17372", k: 5))
/// await client.shutdown()
/// ```
public final class MagpieClient: Sendable {
  /// As given.
  public let configuration: Configuration

  /// Makes a client; connects when first used.
  public init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
  }
}
