import Glibc

/// An interval for the mean of bounded observations that holds at all times at once, whatever their distribution.
///
/// The predictable plug-in empirical Bernstein confidence sequence (Waudby-Smith and Ramdas 2024, theorem 2; from
/// Howard, Ramdas, McAuliffe and Sekhon 2021, theorem 4): for observations x in [0, 1] with one conditional mean,
///
///     Σ λᵢxᵢ / Σ λᵢ ± (ln(2/α) + Σ 4(xᵢ − μ̂ᵢ₋₁)² ψ(λᵢ)) / Σ λᵢ,  ψ(λ) = (−ln(1 − λ) − λ) / 4
///
/// misses the mean at any time with probability at most α. μ̂ and λ use earlier observations only. Unlike
/// `SequentialComparison` this is no approximation; its price is about half as much width again.
///
/// A difference of two arms is the mean of one number for each person, see `contrast`.
package struct BoundedSequence: Sendable, Hashable {
  /// Share of sequences that may miss the mean at any time.
  package let alpha: Double
  /// What an observation can be; others are clamped to it.
  package let range: Interval
  package private(set) var count: UInt64 = 0
  /// The mean's interval so far: all of `range` before the first observation. Never widens.
  package private(set) var interval: Interval

  private var weights = 0.0
  private var weighted = 0.0
  private var penalty = 0.0
  /// Regularised sums, so that the first step has a mean and a variance.
  private var sum = 0.5
  private var squares = 0.25

  /// Largest step: beyond, ψ explodes.
  private static let stepMax = 0.75

  /// - Parameters:
  ///   - alpha: above 0, below 1.
  ///   - range: low < high, both finite.
  package init(alpha: Double = 0.05, range: Interval) {
    self.alpha = alpha
    self.range = range
    interval = range
  }

  /// Takes one observation. O(1). Ignores what is not a number.
  package mutating func add(_ value: Double) {
    guard !value.isNaN, range.high > range.low else { return }
    let x = (min(max(value, range.low), range.high) - range.low) / (range.high - range.low)
    count += 1
    let n = Double(count)
    // Before this observation: n − 1 of them, and one made up.
    let (mean, variance) = (sum / n, squares / n)
    let step = min(
      (2 * log(2 / alpha) / (variance * n * log(1 + n))).squareRoot(), Self.stepMax)
    weights += step
    weighted += step * x
    penalty += 4 * (x - mean) * (x - mean) * (-log(1 - step) - step) / 4
    sum += x
    let after = sum / (n + 1)
    squares += (x - after) * (x - after)

    let centre = weighted / weights
    let half = (log(2 / alpha) + penalty) / weights
    let scale = range.high - range.low
    interval = interval.intersection(
      Interval(low: range.low + scale * (centre - half), high: range.low + scale * (centre + half)))
  }

  /// What to add for one observation of an experiment so that the sequence's mean is the second arm's mean minus the
  /// first's: y / p in the second arm, −y / (1 − p) in the first (Horvitz and Thompson 1952).
  /// - Parameters:
  ///   - outcome: from 0 to 1.
  ///   - share: the probability p with which anybody comes into the second arm, above 0, below 1.
  package static func contrast(_ outcome: Double, isSecond: Bool, share: Double) -> Double {
    isSecond ? outcome / share : -outcome / (1 - share)
  }

  /// The range of such contrasts.
  package static func contrasts(share: Double) -> Interval {
    Interval(low: -1 / (1 - share), high: 1 / share)
  }
}
