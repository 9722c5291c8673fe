/// A moment in microseconds since 1970-01-01 UTC.
package struct Timestamp: Hashable, Comparable, Sendable {
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// Nanoseconds since 1970; 0 before, and beyond the range the largest there is.
  package var nanoseconds: UInt64 {
    let (product, overflow) = UInt64(clamping: microseconds).multipliedReportingOverflow(by: 1_000)
    return overflow ? .max : product
  }

  /// Whole seconds, rounded down.
  package var seconds: Int64 {
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  package static let zero = Timestamp(microseconds: 0)

  /// Seconds from `earlier` to this moment; negative if it lies ahead. Never traps.
  package func seconds(since earlier: Timestamp) -> Double {
    Double(microseconds) / 1e6 - Double(earlier.microseconds) / 1e6
  }

  package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
}

/// A place in the log. The first entry has position 1; positions are dense; zero means "before everything".
package struct Position: Hashable, Comparable, Sendable {
  package let value: UInt64

  package init(_ value: UInt64) { self.value = value }

  package static let zero = Position(0)

  package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// The number of a generation within its tenant, counted from 1; zero means "none".
package struct GenerationNumber: Hashable, Comparable, Sendable {
  package let value: UInt64

  package init(_ value: UInt64) { self.value = value }

  package static let none = GenerationNumber(0)

  package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}
