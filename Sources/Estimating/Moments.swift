/// Count, mean and variance of numbers that come one by one (Welford 1962), mergeable (Chan, Golub and LeVeque 1979):
/// no long list, and no cancellation of large sums.
package struct Moments: Sendable, Hashable {
  package private(set) var count: UInt64 = 0
  package private(set) var mean = 0.0
  /// Sum of squared distances from the mean.
  private var spread = 0.0

  package init() {}

  /// Of `count` numbers of which `ones` are 1 and the others 0: what counters of clicks know.
  /// REQUIRES: ones ≤ count.
  package init(ones: UInt64, of count: UInt64) {
    self.count = count
    guard count > 0 else { return }
    mean = Double(ones) / Double(count)
    spread = Double(ones) * (1 - mean)
  }

  /// From sums: count, Σ x, Σ x².
  package init(count: UInt64, sum: Double, sumOfSquares: Double) {
    self.count = count
    guard count > 0 else { return }
    mean = sum / Double(count)
    spread = max(0, sumOfSquares - sum * mean)
  }

  package mutating func add(_ value: Double) {
    count += 1
    let distance = value - mean
    mean += distance / Double(count)
    spread += distance * (value - mean)
  }

  package mutating func add(_ other: Moments) {
    let total = count + other.count
    guard total > 0 else { return }
    let distance = other.mean - mean
    spread += other.spread + distance * distance * Double(count) * Double(other.count) / Double(total)
    mean += distance * Double(other.count) / Double(total)
    count = total
  }

  package var sum: Double { mean * Double(count) }

  /// Unbiased; 0 of fewer than two numbers.
  package var variance: Double { count > 1 ? spread / Double(count - 1) : 0 }

  /// Of the mean; 0 of fewer than two numbers.
  package var standardError: Double { count > 1 ? (variance / Double(count)).squareRoot() : 0 }
}
