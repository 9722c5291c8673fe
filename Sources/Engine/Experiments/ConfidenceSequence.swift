import Glibc
import Vocabulary

/// Intervals around a rate that hold at all times at once, so that an experiment may be looked at after every list and
/// stopped when it suits.
///
/// Robbins' normal mixture for means of bounded observations: a number in [0, 1] is ¼-sub-Gaussian (Hoeffding), so with
/// probability 1 − α for all n together
///
///     |mean − rate| ≤ √( ½ · (n + τ) / n² · ln( √((n + τ) / τ) / α ) )      (σ² = ¼, ρ² = 1 / τ)
///
/// (Robbins, "Statistical methods related to the law of the iterated logarithm", 1970; the two-sided mixture bound of
/// Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021,
/// equation 3.7.) It needs no estimate of the variance and holds from the first list on; it is tightest about where n
/// equals ten times τ.
package enum ConfidenceSequence {
  /// Half a thousand lists: tight where differences of a few percent can be told.
  package static let tau = 500.0

  /// Half the width around a mean of `count` observations; 1 or less.
  package static func radius(_ count: UInt64, alpha: Double) -> Double {
    if count == 0 { return 1 }
    let n = Double(count)
    let squared = 0.5 * (n + tau) / (n * n) * log(((n + tau) / tau).squareRoot() / alpha)
    return min(1, max(0, squared).squareRoot())
  }
}
