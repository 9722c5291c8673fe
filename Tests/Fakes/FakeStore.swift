import Locking
import Vocabulary

/// What a daemon would remember of ingest: each event once, items and users as last put.
package final class FakeStore: Sendable {
  package struct Contents: Sendable {
    /// In the order accepted.
    package var events: [EventDraft] = []
    package var items: [String: ItemDraft] = [:]
    package var users: [String: UserDraft] = [:]
    /// Batches of events answered so far.
    package var batches = 0
    package var duplicates = 0
    fileprivate var known: [[UInt8]: Int] = [:]
  }

  private let state = Locked(Contents())
  private let directory: UInt8

  /// - Parameter directory: identity of the pretended data directory.
  package init(directory: UInt8 = 1) { self.directory = directory }

  package var contents: Contents { state.withLock { $0 } }

  /// Answers as a daemon would. Events whose item is in `refused` are rejected.
  package func answer(_ request: Request?, refused: Set<String> = []) -> Outcome {
    switch request {
    case .hello:
      var reply = HelloReply()
      reply.directory = [UInt8](repeating: directory, count: 16)
      reply.state = .ready
      return .success(.hello(reply))
    case .ingestEvents(let asked):
      return .success(.ingestEvents(verdicts(asked.events.map { ingest($0, refused) }, countsBatch: true)))
    case .putItems(let asked):
      return .success(
        .putItems(
          verdicts(
            asked.items.map { item in
              state.withLock { $0.items[String(decoding: item.id, as: UTF8.self)] = item }
              return .accepted(Position(1))
            })))
    case .putUsers(let asked):
      return .success(
        .putUsers(
          verdicts(
            asked.users.map { user in
              state.withLock { $0.users[String(decoding: user.id, as: UTF8.self)] = user }
              return .accepted(Position(1))
            })))
    default: return .failure(Fault(.methodUnknown, "The fake store does not know that."))
    }
  }

  private func ingest(_ event: EventDraft, _ refused: Set<String>) -> Verdict {
    if refused.contains(String(decoding: event.item, as: UTF8.self)) {
      return .rejected(Fault(.eventTimeFuture, "The event lies ahead.", field: "time"))
    }
    return state.withLock { state in
      if let place = state.known[event.id] {
        state.duplicates += 1
        return .duplicate(Position(UInt64(place)))
      }
      state.events.append(event)
      state.known[event.id] = state.events.count
      return .accepted(Position(UInt64(state.events.count)))
    }
  }

  private func verdicts(_ verdicts: [Verdict], countsBatch: Bool = false) -> VerdictsReply {
    if countsBatch { state.withLock { $0.batches += 1 } }
    var reply = VerdictsReply()
    reply.verdicts = verdicts
    return reply
  }
}
