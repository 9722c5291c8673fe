import Glibc

extension Manifest {
  /// What the trees' log odds mean as a probability, and how well that held for users it was not fitted to.
  ///
  /// p = 1 / (1 + e^−(slope · log odds + intercept)) (Platt 1999) is the probability that a user of the hold-out, shown
  /// nothing, took the candidate for the first time within the time held out. Trees learn from a draw of candidates
  /// in which what was right is far too frequent; this takes them back to the frequency of all candidates.
  package struct Calibration: Codable, Sendable, Hashable {
    package var slope: Double
    package var intercept: Double
    /// Users whose candidates it was checked on; as many others it was fitted to.
    package var users: UInt64
    /// Candidates checked, and how many of them were right.
    package var candidates: UInt64
    package var right: UInt64
    /// The candidates in order of p, in ten parts of equal size.
    package var bins: [Bin]
    /// Mean of |predicted − observed| over the parts; and the same of the trees' own share.
    package var error: Double
    package var errorBefore: Double
    /// Whether every part holds: then replies carry the probability.
    package var holds: Bool

    package struct Bin: Codable, Sendable, Hashable {
      /// Mean of p.
      package var predicted: Double
      /// Share that was right.
      package var observed: Double
      package var candidates: UInt64

      package init(predicted: Double, observed: Double, candidates: UInt64) {
        self.predicted = predicted
        self.observed = observed
        self.candidates = candidates
      }

      /// Within a fifth of what was predicted, or within what chance explains (three standard errors).
      package var holds: Bool {
        let error = (max(predicted * (1 - predicted), 0) / Double(max(1, candidates))).squareRoot()
        return abs(predicted - observed) <= max(0.2 * predicted, 3 * error)
      }
    }

    package init(
      slope: Double, intercept: Double, users: UInt64, candidates: UInt64, right: UInt64, bins: [Bin],
      error: Double, errorBefore: Double
    ) {
      self.slope = slope
      self.intercept = intercept
      self.users = users
      self.candidates = candidates
      self.right = right
      self.bins = bins
      self.error = error
      self.errorBefore = errorBefore
      holds = !bins.isEmpty && bins.allSatisfy(\.holds)
    }

    /// The probability of a candidate of these log odds. Between 0 and 1, also for numbers of a damaged manifest.
    package func probability(_ logOdds: Float) -> Float {
      let odds = slope * Double(logOdds) + intercept
      return odds.isFinite ? Float(1 / (1 + exp(-min(max(odds, -40), 40)))) : 0
    }
  }
}
