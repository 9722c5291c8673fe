import Vocabulary

/// How short of memory the daemon is: what is refused, from how much is held.
///
/// A line is crossed upwards when it is reached, and downwards only when memory has fallen clearly below it, so that a
/// daemon at a line does not change its mind with every batch. Knows no clock and no system.
package struct MemoryPressure: Sendable, Hashable {
  /// What is refused. The raw value is the order; each includes the ones before.
  package enum Level: Int, Sendable, Hashable, CaseIterable, Comparable {
    case none = 0
    case bulk = 1
    case ingest = 2
    case read = 3

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

    /// Hundredths of the limit less the reserve from which on it holds.
    fileprivate var percent: UInt64 {
      switch self {
      case .none: 0
      case .bulk: Limits.memoryBulkPercent
      case .ingest: Limits.memoryIngestPercent
      case .read: Limits.memoryReadPercent
      }
    }

    /// Whether requests of this class are refused. Operators never are: they are few, and one of them raises the limit.
    package func refuses(_ class: RequestClass) -> Bool {
      switch `class` {
      case .health, .admin: false
      case .bulk: self >= .bulk
      case .ingest: self >= .ingest
      case .read: self >= .read
      }
    }
  }

  package var limitBytes: UInt64
  /// What of the limit is kept free for what is under way when something is refused.
  package var reserveBytes: UInt64
  package private(set) var level = Level.none

  package init(limitBytes: UInt64, reserveBytes: UInt64) {
    self.limitBytes = limitBytes
    self.reserveBytes = reserveBytes
  }

  /// Looks at how much is held. Returns the level from now on.
  @discardableResult
  package mutating func look(usedBytes: UInt64) -> Level {
    let hundredth = max(1, (limitBytes - min(limitBytes, reserveBytes)) / 100)
    let reached = Level.allCases.last { usedBytes >= $0.percent * hundredth } ?? .none
    if reached >= level {
      level = reached
      return level
    }
    let eased = usedBytes + Limits.memoryEasePercent * hundredth
    level = max(reached, Level.allCases.last { $0 <= level && eased >= $0.percent * hundredth } ?? .none)
    return level
  }
}
