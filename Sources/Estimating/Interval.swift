/// Where a number lies with a stated probability.
package struct Interval: Sendable, Hashable {
  package var low: Double
  package var high: Double

  package init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  package func contains(_ value: Double) -> Bool { low <= value && value <= high }

  /// What lies in both, or an empty interval at the middle between them: knowing more never widens.
  package func intersection(_ other: Interval) -> Interval {
    let (low, high) = (max(low, other.low), min(high, other.high))
    if low <= high { return Interval(low: low, high: high) }
    return Interval(low: (low + high) / 2, high: (low + high) / 2)
  }
}
