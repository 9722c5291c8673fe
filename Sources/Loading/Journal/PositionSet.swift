import Vocabulary

/// Which positions of a range are taken: one bit each.
package struct PositionSet: Sendable {
  private let first: UInt64
  private let last: UInt64
  private var words: [UInt64]
  /// Distinct positions within the range.
  package private(set) var count: UInt64 = 0

  /// Nil if the range is longer than `Limits.loadPositionSpanMax`. O(range / 64).
  package init?(_ range: ClosedRange<UInt64>) {
    first = range.lowerBound
    last = range.upperBound
    guard last - first < Limits.loadPositionSpanMax else { return nil }
    words = [UInt64](repeating: 0, count: Int((last - first) / 64) + 1)
  }

  /// Returns whether it was not there before. Positions outside the range always count as new. O(1).
  package mutating func insert(_ position: UInt64) -> Bool {
    guard position >= first, position <= last else { return true }
    let offset = position - first
    let bit: UInt64 = 1 << (offset % 64)
    if words[Int(offset / 64)] & bit != 0 { return false }
    words[Int(offset / 64)] |= bit
    count += 1
    return true
  }

  /// Positions of the range that are not taken.
  package var gaps: UInt64 { last - first + 1 - count }
}
