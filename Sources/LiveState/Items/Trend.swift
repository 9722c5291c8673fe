import Glibc
import Vocabulary

/// A count of positive events in which each weighs half as much for every half-life that passes.
package enum Trend {
  /// One day: long enough that the hour of the day does not decide, short enough that yesterday's craze gives
  /// way.
  package static let halfLifeSeconds = 86_400.0

  /// Adds one event to a count that is valid for `seconds`. The order in which events arrive does not matter:
  /// a late one is added decayed.
  static func adding(
    eventAt time: UInt32, to count: Float, validFor seconds: UInt32
  ) -> (count: Float, seconds: UInt32) {
    if time >= seconds { return (Float(Double(count) * decay(from: seconds, to: time)) + 1, time) }
    return (count + Float(decay(from: time, to: seconds)), seconds)
  }

  /// What is left after the time between two moments of what weighed one.
  static func decay(from earlier: UInt32, to later: UInt32) -> Double {
    exp2(-(Double(later) - Double(earlier)) / halfLifeSeconds)
  }

  /// Orders counts that are valid for different moments: the logarithm of the count, in half-lives since 1970.
  /// All counts decay alike, so time changes no order, and only an event of its own raises an item's rank.
  static func rank(count: Float, seconds: UInt32) -> Double {
    count > 0 ? log2(Double(count)) + Double(seconds) / halfLifeSeconds : -.infinity
  }
}
