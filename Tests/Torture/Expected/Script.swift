import Loading
import MagpieClient

/// What a writer sends: event `index` follows from the seed, the writer and the index, so that a journal of positions
/// is all that must be kept.
package struct Script: Sendable {
  package let seed: UInt64
  package let writer: Int
  /// Events of one user: fewer than the history keeps, so that a history can be compared in full.
  package static let eventsPerUser = 100
  package static let items = 200

  package init(seed: UInt64, writer: Int) {
    self.seed = seed
    self.writer = writer
  }

  package func event(_ index: Int) -> Event {
    var numbers = SplitMix(seed: seed, stream: UInt64(writer) << 40 | UInt64(index))
    return Event(
      index % 2 == 0 ? .purchase : .view, user: user(of: index),
      item: item(Int.random(in: 0..<Self.items, using: &numbers)),
      timeMicroseconds: 1_700_000_000_000_000 + Int64(index) * 1_000_000,
      // Tells the events of a user apart in the history, which does not show identifiers.
      value: Double(index + 1), id: "w\(writer)-\(index)")
  }

  package func user(of index: Int) -> String { "user-\(writer)-\(index / Self.eventsPerUser)" }

  package func item(_ number: Int) -> String { "item-\(number)" }
}
