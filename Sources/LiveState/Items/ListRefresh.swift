import Vocabulary

/// When the lists that cost more than what changed are made anew: trends, counts by type, the index of bundles.
///
/// The first commit group of each second makes them, the second being the one in which the group was taken in, as the log
/// has it. So what a reader sees is a function of the log: whoever replays it makes the same lists at the same
/// positions. Where nothing follows, the store thread makes them a second later, of everything there is.
struct ListRefresh: Sendable {
  /// Nanoseconds after which lists that lack something are overdue.
  static let interval: UInt64 = 1_000_000_000

  /// The second of the last group, since the epoch of the groups' clock.
  private var second: UInt64?
  /// Monotonic, of the last time.
  private var madeAt: UInt64?
  /// The first and the newest change that the lists lack; nil where they lack none.
  private var pending: ClosedRange<Position>?
  /// The newest change they contain.
  private var newest = Position.zero

  /// Notes a change that the lists have to show.
  mutating func note(_ position: Position) {
    pending = (pending?.lowerBound ?? position)...max(pending?.upperBound ?? position, position)
  }

  /// Notes what an item of the stored state may have changed.
  mutating func restored(_ position: Position) {
    pending = min(pending?.lowerBound ?? position, position)...max(pending?.upperBound ?? position, position)
  }

  /// Whether the lists lack anything.
  var isPending: Bool { pending != nil }

  /// Notes a group of this moment; whether it is the first of its second.
  mutating func begins(_ now: UInt64) -> Bool {
    let now = now / Self.interval
    if let second, second >= now { return false }
    second = now
    return true
  }

  /// Whether something has been missing for so long that it should wait for no further group.
  func isOverdue(_ now: UInt64) -> Bool {
    guard pending != nil else { return false }
    return madeAt.map { now &- $0 >= Self.interval } ?? true
  }

  /// The lists were made of everything through `position`. The positions of which they are the lists.
  mutating func made(through position: Position) -> CountedPositions {
    if let pending {
      newest = pending.upperBound
      madeAt = ContinuousNanoseconds.now
    }
    pending = nil
    return CountedPositions(from: newest, through: max(position, newest))
  }

  /// Lists that stay as they are at `position`: the last one for which they do.
  func unchanged(_ counted: CountedPositions, through position: Position) -> CountedPositions {
    var counted = counted
    counted.through = max(
      counted.through, pending.map { Position($0.lowerBound.value &- 1) } ?? position)
    return counted
  }
}

/// The positions of which trends, counts and bundles are those: the change they end with, and the last position before one
/// that they lack.
package struct CountedPositions: Sendable, Hashable {
  package var from = Position.zero
  package var through = Position.zero

  package func contains(_ position: Position) -> Bool { from <= position && position <= through }
}
