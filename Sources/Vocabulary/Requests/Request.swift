/// One decoded request: a case for each method; the large and rare ones behind a reference, as in `Reply`.
package enum Request: Sendable, Hashable {
  case check
  case hello(HelloRequest)
  case ingestEvents(IngestEventsRequest)
  case putItems(PutItemsRequest)
  case putUsers(PutUsersRequest)
  case deleteItems(DeleteItemsRequest)
  case recommend(RecommendRequest)
  case similar(SimilarRequest)
  case complete(CompleteRequest)
  case rank(RankRequest)
  case recommendPage(RecommendPageRequest)
  case bundles(BundlesRequest)
  indirect case explain(ExplainRequest)
  indirect case whyNot(WhyNotRequest)
  indirect case replay(ReplayRequest)
  case status(StatusRequest)
  case train(TrainRequest)
  case generations(GenerationsRequest)
  case deadLetters(DeadLettersRequest)
  case drain(DrainRequest)
  case config(ConfigRequest)
  case snapshot(SnapshotRequest)
  case scrub(ScrubRequest)
  case getItems(GetItemsRequest)
  case getUser(GetUserRequest)
  case experiments(ExperimentsRequest)

  package var method: Method {
    switch self {
    case .check: .check
    case .hello: .hello
    case .ingestEvents: .ingestEvents
    case .putItems: .putItems
    case .putUsers: .putUsers
    case .deleteItems: .deleteItems
    case .recommend: .recommend
    case .similar: .similar
    case .complete: .complete
    case .rank: .rank
    case .recommendPage: .recommendPage
    case .bundles: .bundles
    case .explain: .explain
    case .whyNot: .whyNot
    case .replay: .replay
    case .status: .status
    case .train: .train
    case .generations: .generations
    case .deadLetters: .deadLetters
    case .drain: .drain
    case .config: .config
    case .snapshot: .snapshot
    case .scrub: .scrub
    case .getItems: .getItems
    case .getUser: .getUser
    case .experiments: .experiments
    }
  }
}

package struct HelloRequest: Sendable, Hashable {
  /// Name and version of the client program, for logs. At most 256 bytes are kept.
  package var client: [UInt8] = []
  package init() {}
}

/// What an acknowledgement promises; see Promises in the README. The daemon may promise more than was asked.
package enum Durability: UInt8, Sendable, Hashable {
  case committed = 0
  case written = 1
  case accepted = 2
}

package struct IngestEventsRequest: Sendable, Hashable {
  package var events: [EventDraft] = []
  package var durability: Durability = .committed
  package init() {}
}

package struct PutItemsRequest: Sendable, Hashable {
  package var items: [ItemDraft] = []
  package init() {}
}

package struct PutUsersRequest: Sendable, Hashable {
  package var users: [UserDraft] = []
  package init() {}
}

package struct DeleteItemsRequest: Sendable, Hashable {
  package var items: [[UInt8]] = []
  package init() {}
}

package struct GetItemsRequest: Sendable, Hashable {
  package var items: [[UInt8]] = []
  package init() {}
}

package struct GetUserRequest: Sendable, Hashable {
  package var user: [UInt8] = []
  package init() {}
}
