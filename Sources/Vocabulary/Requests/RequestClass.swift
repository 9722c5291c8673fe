/// What kind of work a request is: who goes first when there is more to do than time, and how long each may wait.
///
/// The raw value is the order: a smaller one goes first and is refused last.
package enum RequestClass: Int, Sendable, Hashable, CaseIterable {
  /// Questions about the daemon itself, by those who decide where traffic goes. Never made to wait, never refused.
  case health = 0
  /// Lists for people who wait for a page.
  case read = 1
  /// Small batches of events: lists get better by them, and nobody watches.
  case ingest = 2
  /// Operators, and everything that explains instead of serving.
  case admin = 3
  /// Large batches and the catalogue: programs that have all night.
  case bulk = 4

  /// - Parameter bodyBytes: of the request's message, known before it is decoded.
  package init(_ method: Method, bodyBytes: Int) {
    switch method {
    case .check, .hello: self = .health
    case .recommend, .similar, .complete, .rank, .recommendPage, .bundles: self = .read
    case .ingestEvents: self = bodyBytes > Limits.bulkBodyBytes ? .bulk : .ingest
    case .putItems, .putUsers, .deleteItems: self = .bulk
    case .explain, .whyNot, .replay, .status, .train, .generations, .snapshot, .deadLetters, .scrub, .drain,
      .config, .getItems, .getUser, .experiments:
      self = .admin
    }
  }

  /// In metrics.
  package var name: String {
    switch self {
    case .health: "health"
    case .read: "read"
    case .ingest: "ingest"
    case .admin: "admin"
    case .bulk: "bulk"
    }
  }

  /// How many times the configured delay a request of this class may wait: a page is late after some milliseconds, a
  /// client that sends events waits for a disk anyway, an import is glad of every second it may wait instead of
  /// beginning again.
  package var patience: UInt64 {
    switch self {
    case .health, .read: 1
    case .ingest: 5
    case .admin: 10
    case .bulk: 25
    }
  }

  /// When to try again after a refusal: after some intervals of the control, so that it has seen what the refusal did.
  package var retryAfterMilliseconds: UInt32 {
    switch self {
    case .health, .read: 200
    case .ingest: 500
    case .admin: 1_000
    case .bulk: 2_000
    }
  }
}
