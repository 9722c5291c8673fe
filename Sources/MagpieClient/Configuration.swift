extension MagpieClient {
  /// How to reach a daemon and how to treat it. The defaults suit a daemon on the same machine.
  public struct Configuration: Sendable, Hashable {
    /// Name or address of the daemon.
    public var host = "127.0.0.1"
    /// Its port.
    public var port = 7700
    /// Whose data to work on.
    public var tenant = "default"
    /// Most connections held. Each carries many requests at once; a second one helps when replies are large.
    public var poolSize = 2
    /// Time allowed for a call that names none, retries included.
    public var deadline: Duration = .seconds(10)
    /// Time allowed for one attempt to connect.
    public var connectTimeout: Duration = .seconds(3)
    /// When and how often to try again.
    public var retry = RetryPolicy()
    /// A connection silent for this long is probed with a ping; nil never probes. A dead peer is noticed
    /// after `keepalive` plus `keepaliveTimeout`.
    public var keepalive: Duration? = .seconds(60)
    /// A probe not answered for this long closes the connection.
    public var keepaliveTimeout: Duration = .seconds(20)

    /// The defaults.
    public init() {}

    /// The defaults, for a daemon elsewhere.
    public init(host: String, port: Int = 7700, tenant: String = "default") {
      self.host = host
      self.port = port
      self.tenant = tenant
    }
  }
}

/// When and how often a call is tried again.
///
/// Only calls that may be repeated without harm are (everything except starting a training), and only after
/// a failure that says so: the daemon was unavailable, the connection was lost, or it was out of room and
/// named a time to wait. A call that never left this machine may always be repeated.
public struct RetryPolicy: Sendable, Hashable {
  /// Attempts in all; 1 never retries.
  public var attemptsMax = 5
  /// Upper end of the first wait. Each wait is drawn evenly from zero to its upper end ("full jitter"), so
  /// that clients that failed together do not return together.
  public var firstBackoff: Duration = .milliseconds(50)
  /// The upper end doubles with each attempt up to this.
  public var backoffMax: Duration = .seconds(5)
  /// Retries stop while more than half of this many tokens are spent. Each failure spends one; each success
  /// returns `budgetRefill`. It keeps a fleet of clients from drowning a daemon that struggles.
  public var budget: Double = 20
  /// Tokens a success returns.
  public var budgetRefill: Double = 0.1

  /// The defaults.
  public init() {}

  /// Never tries again.
  public static var never: RetryPolicy {
    var policy = RetryPolicy()
    policy.attemptsMax = 1
    return policy
  }
}
