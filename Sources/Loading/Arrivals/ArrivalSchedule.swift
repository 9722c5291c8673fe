/// How requests are spread over time.
package enum ArrivalKind: String, Sendable, Hashable, CaseIterable {
  /// Independent arrivals: gaps are exponential, as from many users who do not know of each other.
  case poisson
  /// Equal gaps.
  case constant
}

/// The moments at which requests are meant to leave: nanoseconds from the start, never decreasing, without end.
/// It knows no clock and does not care whether anybody keeps up.
package struct ArrivalSchedule: Sendable {
  private let kind: ArrivalKind
  private let gap: Double
  private var numbers: SplitMix
  private var sum = 0.0
  private var index = 0.0

  /// - Parameter rate: requests a second. REQUIRES: positive and finite.
  package init(_ kind: ArrivalKind, rate: Double, seed: UInt64) {
    self.kind = kind
    gap = 1e9 / rate
    numbers = SplitMix(seed: seed)
  }

  /// The next moment. O(1). A constant schedule multiplies instead of adding, so that it does not drift.
  package mutating func next() -> UInt64 {
    switch kind {
    case .constant:
      defer { index += 1 }
      return UInt64(exactly: (index * gap).rounded()) ?? .max
    case .poisson:
      sum += numbers.nextExponential() * gap
      return UInt64(exactly: sum.rounded()) ?? .max
    }
  }
}
