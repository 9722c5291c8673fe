import Glibc

/// Whether one of two arms of an experiment has the larger mean, to be looked at as often as anybody likes.
///
/// An ordinary test promises its error rate for one look at a size fixed before; who looks daily and stops at the
/// first p < 0.05 finds a difference in a third of all experiments without one. This is the mixture sequential
/// probability ratio test (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2022): with D the difference of the means,
/// s² its variance and a normal prior N(0, τ²) over true differences,
///
///     Λ = √(s² / (s² + τ²)) · exp(D² τ² / (2 s² (s² + τ²)))
///
/// is a martingale where there is no difference, so that by Ville's inequality Λ ever reaches 1/α with probability at
/// most α. The p-value is the smallest 1/Λ seen so far; the interval holds every difference not refuted yet
/// (an asymptotic confidence sequence: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024).
///
/// Means are taken as normal and variances as known, which holds from `countMin` observations and `eventsMin`
/// events in each arm on: before, nothing is said. `BoundedSequence` needs no such assumption, and is wider.
package struct SequentialComparison: Sendable, Hashable {
  /// Observations in each arm before the first statement.
  package static let countMin: UInt64 = 200
  /// Σ |x| in each arm, in units of the largest |x|: for clicks, the number of clicks. Normal enough for α = 0.05;
  /// the test measures it.
  package static let eventsMin = 20.0

  /// Share of experiments without a difference in which one may be found.
  package let alpha: Double
  /// Standard deviation of the differences expected; the test is sharpest for differences of this size, and valid for
  /// whatever is written here.
  package let expectedDifference: Double
  /// The always-valid p-value so far; 1 before the first statement. Never rises.
  package private(set) var pValue = 1.0
  /// Second arm minus first; nil before the first statement. Never widens.
  package private(set) var interval: Interval?
  /// The difference as measured last; nil before the first statement.
  package private(set) var difference: Double?

  /// - Parameters:
  ///   - alpha: above 0, below 1.
  ///   - expectedDifference: in units of the outcome, above 0, such as a fifth of the usual click rate.
  package init(alpha: Double = 0.05, expectedDifference: Double) {
    self.alpha = alpha
    self.expectedDifference = expectedDifference
  }

  /// Whether a difference was found, at some look: it stays found.
  package var isDecided: Bool { pValue <= alpha }

  /// Looks at everything observed so far. Of outcomes that are 0 or 1 the pooled variance is taken, which is right
  /// where there is no difference. O(1).
  /// - Parameter largest: the largest |x| an observation can have.
  package mutating func look(_ first: Moments, _ second: Moments, largest: Double = 1) {
    let fewest = Self.eventsMin * largest
    guard first.count >= Self.countMin, second.count >= Self.countMin, largest > 0,
      abs(first.sum) >= fewest, abs(second.sum) >= fewest
    else { return }
    var pooled = first
    pooled.add(second)
    let (n, m) = (Double(first.count), Double(second.count))
    let (own, common) = (first.variance / n + second.variance / m, pooled.variance * (1 / n + 1 / m))
    guard own > 0, common > 0, own.isFinite, common.isFinite else { return }
    let distance = second.mean - first.mean
    difference = distance
    pValue = min(pValue, Self.pValue(distance, variance: common, prior: expectedDifference))
    let half = Self.halfWidth(variance: own, prior: expectedDifference, alpha: alpha)
    let now = Interval(low: distance - half, high: distance + half)
    interval = interval.map { $0.intersection(now) } ?? now
  }

  /// 1 / Λ, at most 1. REQUIRES: variance and prior above 0.
  package static func pValue(_ difference: Double, variance: Double, prior: Double) -> Double {
    let (s, t) = (variance, prior * prior)
    let logarithm = (log(s) - log(s + t)) / 2 + difference * difference * t / (2 * s * (s + t))
    return min(1, exp(-logarithm))
  }

  /// Half of the interval: the largest |D − θ| at which Λ of θ stays below 1/α.
  package static func halfWidth(variance: Double, prior: Double, alpha: Double) -> Double {
    let (s, t) = (variance, prior * prior)
    return (s * (s + t) / t * (log((s + t) / s) - 2 * log(alpha))).squareRoot()
  }
}
