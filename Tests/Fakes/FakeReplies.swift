import Vocabulary

/// Answers the scripts give.
package enum FakeReplies {
  package static let healthy: Outcome = .success(.check(HealthReport(state: .ready)))

  /// A slate that carries the request's seed, so that a test can tell whose answer it is.
  package static func slate(for request: Request?) -> Outcome {
    guard case .recommend(let asked) = request else { return .failure(Fault(.internalError, "no recommend")) }
    var slate = Slate()
    slate.seed = asked.seed
    return .success(.recommend(slate))
  }

  /// Accepts every event.
  package static func accepted(_ request: Request?) -> Outcome {
    guard case .ingestEvents(let asked) = request else { return .failure(Fault(.internalError, "no ingest")) }
    var reply = VerdictsReply()
    reply.verdicts = asked.events.indices.map { .accepted(Position(UInt64($0) + 1)) }
    reply.position = Position(UInt64(asked.events.count))
    return .success(.ingestEvents(reply))
  }

  package static func eventIdentifiers(_ request: Request?) -> [String] {
    guard case .ingestEvents(let asked) = request else { return [] }
    return asked.events.map { String(decoding: $0.id, as: UTF8.self) }
  }

  package static func training(_ generation: UInt64) -> Outcome {
    .success(.train(TrainReply(generation: GenerationNumber(generation))))
  }

  package static func generations() -> Outcome { .success(.generations(GenerationsReply())) }

  package static func seed(_ request: Request?) -> UInt64? {
    if case .recommend(let asked) = request { asked.seed } else { nil }
  }
}
