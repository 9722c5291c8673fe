import Glibc

/// The standard normal distribution.
package enum NormalDistribution {
  /// The share below a value.
  package static func share(below value: Double) -> Double { erfc(-value / 2.0.squareRoot()) / 2 }

  /// The value below which a share lies, by bisection: exact to the last digits, and asked for once in a report.
  /// REQUIRES: 0 < share < 1.
  package static func quantile(_ share: Double) -> Double {
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<120 {
      let middle = (low + high) / 2
      if self.share(below: middle) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// How many standard errors the ends of a two-sided interval are away: 1.96 for 0.95.
  package static func width(confidence: Double) -> Double { quantile(1 - (1 - confidence) / 2) }
}
