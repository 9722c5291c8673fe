/// Every method of the protocol. The raw value travels in the frame header: never reuse one.
package enum Method: UInt16, Sendable, Hashable, CaseIterable {
  // Health
  case check = 1
  case hello = 2
  // Ingest
  case ingestEvents = 16
  case putItems = 17
  case putUsers = 18
  case deleteItems = 19
  // Recommender
  case recommend = 32
  case similar = 33
  case complete = 34
  case rank = 35
  case recommendPage = 36
  case explain = 37
  case whyNot = 38
  case replay = 39
  case bundles = 40
  // Admin
  case status = 48
  case train = 49
  case generations = 50
  case snapshot = 51
  case deadLetters = 52
  case scrub = 53
  case drain = 54
  case config = 55
  case getItems = 56
  case getUser = 57
  case experiments = 58

  /// `Service.Method`, the name in logs and metrics.
  package var name: String {
    switch self {
    case .check: "Health.Check"
    case .hello: "Health.Hello"
    case .ingestEvents: "Ingest.IngestEvents"
    case .putItems: "Ingest.PutItems"
    case .putUsers: "Ingest.PutUsers"
    case .deleteItems: "Ingest.DeleteItems"
    case .recommend: "Recommender.Recommend"
    case .similar: "Recommender.Similar"
    case .complete: "Recommender.Complete"
    case .rank: "Recommender.Rank"
    case .recommendPage: "Recommender.RecommendPage"
    case .bundles: "Recommender.Bundles"
    case .explain: "Recommender.Explain"
    case .whyNot: "Recommender.WhyNot"
    case .replay: "Recommender.Replay"
    case .status: "Admin.Status"
    case .train: "Admin.Train"
    case .generations: "Admin.Generations"
    case .deadLetters: "Admin.DeadLetters"
    case .drain: "Admin.Drain"
    case .config: "Admin.Config"
    case .snapshot: "Admin.Snapshot"
    case .scrub: "Admin.Scrub"
    case .getItems: "Admin.GetItems"
    case .getUser: "Admin.GetUser"
    case .experiments: "Admin.Experiments"
    }
  }

  /// Whether doing it twice equals doing it once, so that a client may retry after a lost connection.
  /// Ingest is safe because events carry identifiers and puts replace; starting a training is not.
  package var isSafeToRetry: Bool { self != .train }
}
