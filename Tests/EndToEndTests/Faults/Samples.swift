import Foundation
import Vocabulary

/// The few requests that tests of faults are made of.
enum Samples {
  static func event(_ id: String, user: String = "user", item: String = "item") -> EventDraft {
    var event = EventDraft()
    event.id = Array(id.utf8)
    event.type = Int32(EventType.purchase.rawValue)
    event.user = Array(user.utf8)
    event.item = Array(item.utf8)
    return event
  }

  /// Sends one event; where it is, or the fault the daemon answered with, or nil if the connection ended.
  static func send(_ id: String, to daemon: Daemon) throws -> Result<UInt64, Fault>? {
    do {
      switch try daemon.connect().ingest([event(id)]).verdicts[0] {
      case .accepted(let position), .duplicate(let position): return .success(position.value)
      case .rejected(let fault): return .failure(fault)
      }
    } catch let fault as Fault {
      return .failure(fault)
    } catch is ConnectionClosed {
      return nil
    }
  }

  /// Whether reads are answered.
  static func reads(_ daemon: Daemon) throws -> Bool {
    var request = RecommendRequest()
    request.user = Array("user".utf8)
    guard case .recommend = try daemon.connect().call(.recommend(request)) else { return false }
    return true
  }

  /// Events that were acknowledged and are not, or elsewhere, in a daemon that was started again.
  static func missing(_ acknowledged: [String: UInt64], in daemon: Daemon) throws -> [String] {
    var wrong: [String] = []
    for (id, position) in acknowledged.sorted(by: { $0.value < $1.value }) {
      let answer = try daemon.connect().ingest([event(id)]).verdicts[0]
      if answer != .duplicate(Position(position)) {
        wrong.append("\(id), acknowledged at \(position): \(answer)")
      }
    }
    return wrong
  }

  /// Events in the history of the one user.
  static func historyCount(_ daemon: Daemon) throws -> Int {
    var request = GetUserRequest()
    request.user = Array("user".utf8)
    do {
      guard case .getUser(let reply) = try daemon.connect().call(.getUser(request)) else { return -1 }
      return reply.history.count
    } catch let fault as Fault where fault.reason == .userUnknown {
      return 0
    }
  }
}
