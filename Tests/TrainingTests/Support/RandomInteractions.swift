import Training
import Vocabulary

/// SplitMix64: the tests' source of chance, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return StableHash.mix(state)
  }
}

/// One event in short form.
struct Row {
  var user: String
  var item: String
  /// Seconds since 2020-09-13.
  var seconds: Int64
  var type = EventType.view
  var session: UInt32 = 0
}

enum Sample {
  static let origin: Int64 = 1_600_000_000

  static func interactions(_ rows: [Row], shards: Int = 1, weights: EventWeights = .standard) throws
    -> Interactions
  {
    var builder = InteractionsBuilder(weights: weights)
    for row in rows {
      builder.add(
        user: try UserIdentifier(row.user), item: try ItemIdentifier(row.item),
        time: Timestamp(microseconds: (origin + row.seconds) * 1_000_000), type: row.type,
        session: row.session)
    }
    return builder.finish(shards: shards)
  }

  /// Random events over some days, with repeats, equal times, sessions and negative types.
  static func random(seed: UInt64, users: Int = 40, items: Int = 25, events: Int = 900) -> [Row] {
    var chance = SeededGenerator(seed: seed)
    let types: [EventType] = [.view, .view, .click, .purchase, .like, .dislike]
    return (0..<events).map { _ in
      let popular = Int.random(in: 0..<items, using: &chance)
      return Row(
        user: "u\(Int.random(in: 0..<users, using: &chance))",
        item: "i\(Int.random(in: 0...popular, using: &chance))",
        seconds: Int64.random(in: 0..<40, using: &chance) * 21_600
          + Int64.random(in: 0..<4, using: &chance) * 900,
        type: types[Int.random(in: 0..<types.count, using: &chance)],
        session: UInt32.random(in: 0..<4, using: &chance))
    }
  }

  /// Two groups of users who each stay within their own half of the items.
  static func planted(seed: UInt64, users: Int = 80, items: Int = 40, perUser: Int = 12) -> [Row] {
    var chance = SeededGenerator(seed: seed)
    var rows: [Row] = []
    for user in 0..<users {
      let group = user % 2
      for step in 0..<perUser {
        let item = Int.random(in: 0..<(items / 2), using: &chance) * 2 + group
        rows.append(
          Row(user: "u\(user)", item: "i\(item)", seconds: Int64(step) * 86_400 + Int64(user)))
      }
    }
    return rows
  }
}
