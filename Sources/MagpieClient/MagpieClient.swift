import Locking
import Vocabulary
import Wire

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
///
/// Every call takes a `timeout` for everything it does, retries included; without one the configuration's
/// `deadline` holds. Every call throws `MagpieError` and nothing else.
public final class MagpieClient: Sendable {
  /// As given.
  public let configuration: Configuration

  let pool: ConnectionPool
  let budget: Locked<RetryBudget>
  /// The encoded meta message: the same for every call.
  let meta: [UInt8]

  /// Makes a client; connects when first used.
  public init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
    pool = ConnectionPool(configuration: configuration)
    budget = Locked(RetryBudget(configuration.retry))
    meta = MetaCodec.encode(Meta(tenant: Array(configuration.tenant.utf8)))
  }

  /// Refuses new calls, lets those in flight finish for at most `patience`, then closes every connection. A
  /// client that is never shut down keeps its connections until the process ends.
  public func shutdown(patience: Duration = .seconds(5)) async {
    await pool.shutDown(patience: patience)
  }
}

extension MagpieClient {
  /// Version of this library, the same as of all programs of the product.
  public static var version: String { productVersion }
}
