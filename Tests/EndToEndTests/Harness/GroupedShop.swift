import Foundation
import Vocabulary

/// A shop of 300 users in ten groups, each of whom buys within the 30 items of the group: easy to learn, and popularity
/// is of no use.
enum GroupedShop {
  /// Sends a thousand purchases a batch, one a minute; later batches are later events.
  static func fill(_ daemon: Daemon, batches: Range<Int>, seed: UInt64) throws {
    let connection = try daemon.connect()
    for batch in batches {
      var chance = SeededGenerator(seed: seed &+ UInt64(batch))
      let events = (0..<1_000).map { index in
        let number = batch * 1_000 + index
        let user = Int.random(in: 0..<300, using: &chance)
        var event = EventDraft()
        event.id = Array("shop-\(number)".utf8)
        event.type = Int32(EventType.purchase.rawValue)
        event.user = Array("user-\(user)".utf8)
        event.item = Array("item-\((user % 10) * 30 + Int.random(in: 0..<30, using: &chance))".utf8)
        event.timeMicroseconds = 1_700_000_000_000_000 + Int64(number) * 60_000_000
        return event
      }
      for verdict in try connection.ingest(events).verdicts {
        guard case .accepted = verdict else { throw HarnessFailure("an event was not accepted: \(verdict)") }
      }
    }
  }

  /// Trains and waits for the end.
  static func train(_ daemon: Daemon) throws -> TrainingStatus {
    _ = try daemon.connect().call(.train(TrainRequest()))
    let deadline = Date(timeIntervalSinceNow: 120)
    while Date() < deadline {
      let training = try require(daemon.status().tenants.first, "no tenant in Status").training
      if training.state != .running { return training }
      usleep(10_000)
    }
    throw HarnessFailure("training does not end: \(daemon.log)")
  }
}
