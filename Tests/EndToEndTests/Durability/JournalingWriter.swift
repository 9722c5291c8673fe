import Foundation
import Vocabulary

/// A client that never forgets: it sends events, keeps a journal of what was acknowledged and where, and sends
/// what was not acknowledged again, as the protocol tells clients to.
///
/// Unchecked because one thread at a time uses it: the one it runs on, then, once that has ended, the test's.
final class JournalingWriter: @unchecked Sendable {
  let number: Int
  /// Everything ever sent, in order.
  private(set) var events: [EventDraft] = []
  /// Where each event was acknowledged to be; nil while unknown.
  private(set) var positions: [UInt64?] = []
  /// Batches whose fate is unknown.
  private var unanswered: [Range<Int>] = []
  /// Verdicts that no correct daemon gives.
  private(set) var complaints: [String] = []
  private var generator: SeededGenerator
  private let eventsMax: Int

  /// Events of one user: fewer than the history keeps, so that a history can be compared in full.
  static let eventsPerUser = 100

  init(number: Int, seed: UInt64, eventsMax: Int) {
    self.number = number
    self.eventsMax = eventsMax
    generator = SeededGenerator(seed: seed &+ UInt64(number))
  }

  /// Sends until the connection breaks or there is enough.
  func run(port: UInt16) {
    do {
      let connection = try Connection(port: port)
      var waiting: [UInt32: Range<Int>] = [:]
      // What was in flight when the daemon went away is sent again first, under the same identifiers.
      for range in unanswered { waiting[try send(range, on: connection)] = range }
      let depth = Int.random(in: 1...4, using: &generator)
      while true {
        while waiting.count < depth, events.count < eventsMax {
          let range = compose()
          unanswered.append(range)
          waiting[try send(range, on: connection)] = range
        }
        if waiting.isEmpty { return }
        let frame = try connection.receiveFrame()
        guard frame.type == ReceivedFrame.reply else { return }
        guard let range = waiting.removeValue(forKey: frame.stream) else {
          complaints.append("a reply for stream \(frame.stream), which was never opened")
          return
        }
        do {
          guard case .ingestEvents(let reply) = try connection.reply(frame, to: .ingestEvents) else { return }
          record(reply, for: range)
        } catch let fault as Fault where fault.code == .unavailable || fault.code == .resourceExhausted {
          // Draining or overloaded: not acknowledged, so it stays unanswered.
          return
        }
      }
    } catch is ConnectionClosed {
      return
    } catch {
      complaints.append("writer \(number): \(error)")
    }
  }

  /// Sends what is unanswered again, and nothing new.
  func finish(on connection: Connection) throws {
    for range in unanswered { record(try connection.ingest(Array(events[range])), for: range) }
  }

  private func send(_ range: Range<Int>, on connection: Connection) throws -> UInt32 {
    var request = IngestEventsRequest()
    request.events = Array(events[range])
    return try connection.send(.ingestEvents(request))
  }

  private func compose() -> Range<Int> {
    let start = events.count
    for index in start..<min(eventsMax, start + Int.random(in: 1...24, using: &generator)) {
      var event = EventDraft()
      event.id = Array("w\(number)-\(index)".utf8)
      event.type = Int32((index % 2 == 0 ? EventType.purchase : .view).rawValue)
      event.user = Array(user(of: index).utf8)
      event.item = Array("item-\(Int.random(in: 0..<200, using: &generator))".utf8)
      event.timeMicroseconds = 1_700_000_000_000_000 + Int64(index) * 1_000_000
      // Tells the events of a user apart in the history, which does not show identifiers.
      event.value = Double(index + 1)
      events.append(event)
      positions.append(nil)
    }
    return start..<events.count
  }

  func user(of index: Int) -> String { "user-\(number)-\(index / Self.eventsPerUser)" }

  private func record(_ reply: VerdictsReply, for range: Range<Int>) {
    unanswered.removeAll { $0 == range }
    guard reply.verdicts.count == range.count else {
      complaints.append("\(range.count) events, \(reply.verdicts.count) verdicts")
      return
    }
    for (index, verdict) in zip(range, reply.verdicts) {
      switch verdict {
      case .accepted(let position), .duplicate(let position):
        if let known = positions[index], known != position.value {
          complaints.append("w\(number)-\(index) was at position \(known), now at \(position.value)")
        }
        positions[index] = position.value
      case .rejected(let fault):
        complaints.append("w\(number)-\(index) was rejected: \(fault.reason.rawValue)")
      }
    }
  }

  var acknowledged: [Int] { positions.indices.filter { positions[$0] != nil } }
  var highestPosition: UInt64 { positions.compactMap { $0 }.max() ?? 0 }
  var hasUnanswered: Bool { !unanswered.isEmpty }

  /// Sends acknowledged events again: each must be a duplicate at the very position it was acknowledged at.
  func confirm(_ indices: [Int], on connection: Connection) throws -> [String] {
    var wrong: [String] = []
    for start in stride(from: 0, to: indices.count, by: 1_000) {
      let some = Array(indices[start..<min(start + 1_000, indices.count)])
      let reply = try connection.ingest(some.map { events[$0] })
      for (index, verdict) in zip(some, reply.verdicts) {
        let expected = try require(positions[index], "only acknowledged events can be confirmed")
        if verdict != .duplicate(Position(expected)) {
          wrong.append("w\(number)-\(index), acknowledged at \(expected): \(verdict)")
        }
      }
    }
    return wrong
  }

  /// Compares the histories of this writer's users with the journal: each acknowledged event once, nothing else.
  func compareHistories(on connection: Connection) throws -> [String] {
    var wrong: [String] = []
    for start in stride(from: 0, to: events.count, by: Self.eventsPerUser) {
      let indices = start..<min(start + Self.eventsPerUser, events.count)
      var request = GetUserRequest()
      request.user = Array(user(of: start).utf8)
      guard case .getUser(let reply) = try connection.call(.getUser(request)) else {
        throw HarnessFailure("the reply to GetUser is another one")
      }
      let held = reply.history.map { "\($0.item.text) \(Int($0.value))" }.sorted()
      let sent = indices.map { "\(String(decoding: events[$0].item, as: UTF8.self)) \($0 + 1)" }.sorted()
      if held != sent {
        let lost = Set(sent).subtracting(held).count
        wrong.append("\(user(of: start)): \(sent.count) sent, \(held.count) held, \(lost) lost")
      }
    }
    return wrong
  }
}
