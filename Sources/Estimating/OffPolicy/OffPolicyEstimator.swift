import Glibc

/// Estimates what a policy would have earned from choices that another one logged, or says why it cannot.
package struct OffPolicyEstimator: Sendable {
  /// How intervals are made.
  package enum Intervals: String, Sendable, Hashable, CaseIterable {
    /// Value ± standard errors; for SNIPS by the delta method.
    case normal
    /// Percentiles of resampled logs (Efron and Tibshirani 1993, chapter 13).
    case bootstrap
  }

  /// Smallest effective sample size that is answered: below 100 an interval around a rate of a few per cent spans
  /// all that is possible.
  package var effectiveMin = 100.0
  /// Weights above this are cut to it: less noise for a bias towards zero. Nil cuts none.
  package var weightMax: Double?
  /// Probability with which an interval holds the truth.
  package var confidence = 0.95
  package var intervals = Intervals.normal
  package var resamples = 1_000
  package var seed: UInt64 = 1

  package init() {}

  /// O(choices), or O(resamples · choices) with bootstrap.
  package func report(_ choices: [LoggedChoice]) -> OffPolicyReport {
    var support = OffPolicySupport()
    support.choices = choices.count
    var terms: [Term] = []
    terms.reserveCapacity(choices.count)
    var weights = Moments()
    for choice in choices {
      guard choice.propensity > 0, choice.propensity <= 1, choice.target >= 0, choice.target <= 1,
        choice.reward.isFinite, choice.modelled.isFinite, choice.modelledTarget.isFinite
      else { return OffPolicyReport(support: support, refusal: .badPropensity, estimates: []) }
      var weight = choice.target / choice.propensity
      if let weightMax, weight > weightMax {
        weight = weightMax
        support.clipped += 1
      }
      guard weight.isFinite else {
        return OffPolicyReport(support: support, refusal: .badPropensity, estimates: [])
      }
      weights.add(weight)
      support.largestWeight = max(support.largestWeight, weight)
      terms.append(Term(choice, weight: weight))
    }
    support.meanWeight = weights.mean
    support.meanWeightError = weights.standardError
    let squares = terms.reduce(0) { $0 + $1.weight * $1.weight }
    support.effective = squares > 0 ? weights.sum * weights.sum / squares : 0
    if support.effective == 0 {
      return OffPolicyReport(support: support, refusal: .noSupport, estimates: [])
    }
    if support.effective < effectiveMin {
      return OffPolicyReport(support: support, refusal: .effectiveSampleTooSmall, estimates: [])
    }
    return OffPolicyReport(support: support, refusal: nil, estimates: estimates(terms))
  }

  /// What one choice adds.
  private struct Term {
    var weight: Double
    /// w · r
    var weighted: Double
    /// q(π) + w (r − q(a))
    var robust: Double

    init(_ choice: LoggedChoice, weight: Double) {
      self.weight = weight
      weighted = weight * choice.reward
      robust = choice.modelledTarget + weight * (choice.reward - choice.modelled)
    }
  }

  private func estimates(_ terms: [Term]) -> [OffPolicyEstimate] {
    var (plain, robust) = (Moments(), Moments())
    var weightSum = 0.0
    for term in terms {
      plain.add(term.weighted)
      robust.add(term.robust)
      weightSum += term.weight
    }
    let ratio = plain.sum / weightSum
    // Delta method: the ratio's error is that of the mean of w (r − ratio), over the mean of w.
    let residuals = terms.reduce(0) { sum, term in
      let residual = term.weighted - ratio * term.weight
      return sum + residual * residual
    }
    let errors: [(method: OffPolicyMethod, value: Double, error: Double)] = [
      (.ips, plain.mean, plain.standardError),
      (.snips, ratio, residuals.squareRoot() / weightSum),
      (.doublyRobust, robust.mean, robust.standardError),
    ]
    let resampled = intervals == .bootstrap ? resample(terms) : nil
    let width = NormalDistribution.width(confidence: confidence)
    return errors.map { method, value, error in
      let normal = Interval(low: value - width * error, high: value + width * error)
      return OffPolicyEstimate(
        method: method, value: value, standardError: error, interval: resampled?[method] ?? normal)
    }
  }

  /// Percentile intervals of the three estimates over the same resamples.
  private func resample(_ terms: [Term]) -> [OffPolicyMethod: Interval] {
    var random = RandomBits(seed: seed)
    var values: [OffPolicyMethod: [Double]] = [:]
    let count = Double(terms.count)
    for _ in 0..<max(2, resamples) {
      var (plain, robust, weight) = (0.0, 0.0, 0.0)
      for _ in terms.indices {
        let term = terms[random.below(terms.count)]
        plain += term.weighted
        robust += term.robust
        weight += term.weight
      }
      values[.ips, default: []].append(plain / count)
      values[.doublyRobust, default: []].append(robust / count)
      // A resample without support says nothing of the ratio.
      if weight > 0 { values[.snips, default: []].append(plain / weight) }
    }
    return values.mapValues { values in
      let sorted = values.sorted()
      let tail = (1 - confidence) / 2
      return Interval(low: Self.quantile(sorted, tail), high: Self.quantile(sorted, 1 - tail))
    }
  }

  /// Linear between the two nearest order statistics. REQUIRES: at least one, ascending.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = min(max(Int(place), 0), sorted.count - 1)
    if below + 1 >= sorted.count { return sorted[below] }
    return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
  }
}
