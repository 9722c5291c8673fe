/// One reply to be encoded: a case for each method. The large and rare ones lie behind a reference, because every reply takes
/// the room of the largest, and is copied on its way to the encoder.
package enum Reply: Sendable, Hashable {
  case check(HealthReport)
  case hello(HelloReply)
  case ingestEvents(VerdictsReply)
  case putItems(VerdictsReply)
  case putUsers(VerdictsReply)
  case deleteItems(VerdictsReply)
  case recommend(Slate)
  case similar(Slate)
  case complete(Slate)
  case rank(Slate)
  case recommendPage(RecommendPageReply)
  case bundles(BundlesReply)
  case explain(ExplainReply)
  case whyNot(ExplainReply)
  case replay(ReplayReply)
  indirect case status(StatusReport)
  case train(TrainReply)
  case generations(GenerationsReply)
  case deadLetters(DeadLettersReply)
  case drain(DrainReply)
  case config(ConfigReply)
  case snapshot(SnapshotReply)
  case scrub(ScrubReply)
  case getItems(GetItemsReply)
  case getUser(GetUserReply)
  case experiments(ExperimentsReply)
}

/// What came of a request.
package typealias Outcome = Result<Reply, Fault>

package enum ServingState: UInt8, Sendable, Hashable, CaseIterable {
  case starting = 0
  case ready = 1
  case draining = 2
  /// Reads are answered, ingest is not: a write failed and the daemon must be restarted.
  case fenced = 3

  package var name: String {
    switch self {
    case .starting: "starting"
    case .ready: "ready"
    case .draining: "draining"
    case .fenced: "fenced"
    }
  }
}

package struct HealthReport: Sendable, Hashable {
  package var state: ServingState = .starting
  package init(state: ServingState) { self.state = state }
}

/// Limits and versions, so that a client need not guess.
package struct HelloReply: Sendable, Hashable {
  /// Version of the daemon, as in CHANGELOG.
  package var version = ""
  /// Identity of the data directory, 16 bytes.
  package var directory: [UInt8] = []
  package var state: ServingState = .starting
  /// What an acknowledgement means here, however little was asked.
  package var durability: Durability = .committed
  package var frameBytesMax: UInt32 = 0
  package var streamsMax: UInt32 = 0
  package var batchItemsMax: UInt32 = 0
  package var slateItemsMax: UInt32 = 0
  package var timeoutMillisecondsMax: UInt32 = 0
  package init() {}
}

/// What became of one thing in a batch.
package enum Verdict: Sendable, Hashable {
  /// Durable at this position and applied.
  case accepted(Position)
  /// The same event was accepted before, at this position. Success.
  case duplicate(Position)
  case rejected(Fault)
}

package struct VerdictsReply: Sendable, Hashable {
  /// One for each thing sent, in the order sent.
  package var verdicts: [Verdict] = []
  /// What the accepted ones were given.
  package var durability: Durability = .committed
  /// Highest position among the verdicts, for `minPosition`; zero if none was accepted.
  package var position: Position = .zero
  package init() {}
}
