/// How a policy's mean reward is estimated from choices another one made.
package enum OffPolicyMethod: String, Sendable, Hashable, CaseIterable {
  /// Inverse propensity scores, Σ w r / n (Horvitz and Thompson 1952): unbiased, and noisy.
  case ips
  /// Self-normalised, Σ w r / Σ w (Swaminathan and Joachims 2015): slightly biased, steadier.
  case snips
  /// Doubly robust, mean of q(π) + w (r − q(a)) (Dudík, Langford and Li 2011): unbiased where either the propensities
  /// or the model of rewards are right, and least noisy where both nearly are.
  case doublyRobust = "doubly_robust"
}

/// What a policy would have earned per choice.
package struct OffPolicyEstimate: Sendable, Hashable {
  package var method: OffPolicyMethod
  package var value: Double
  package var standardError: Double
  /// At the confidence asked for.
  package var interval: Interval
}

/// How well a log can speak for a policy.
package struct OffPolicySupport: Sendable, Hashable {
  /// Choices in the log.
  package var choices = 0
  /// (Σ w)² / Σ w² (Kish 1965): as many choices made by the policy itself would say as much.
  package var effective = 0.0
  /// Mean of w: about 1 where the propensities are right and the log could have chosen whatever the policy chooses.
  package var meanWeight = 0.0
  /// Standard error of that mean.
  package var meanWeightError = 0.0
  package var largestWeight = 0.0
  /// Weights that were cut to the largest one allowed.
  package var clipped = 0

  package init() {}

  /// Whether the mean weight is within four standard errors of 1. If not, propensities are wrong, or the policy
  /// chooses what the log never could.
  package var isPlausible: Bool { abs(meanWeight - 1) <= 4 * meanWeightError + 1e-9 }
}

/// Why there is no estimate. The raw values are stable: programs read them.
package enum OffPolicyRefusal: String, Error, Sendable, Hashable, CaseIterable {
  /// A propensity is not above 0 and at most 1, or a number is not finite.
  case badPropensity = "bad_propensity"
  /// No logged choice is one the policy would make.
  case noSupport = "no_support"
  /// The effective sample size is below the smallest one allowed.
  case effectiveSampleTooSmall = "effective_sample_too_small"
}

/// What came out of one log for one policy.
package struct OffPolicyReport: Sendable, Hashable {
  package var support: OffPolicySupport
  /// Why `estimates` is empty; nil if it is not.
  package var refusal: OffPolicyRefusal?
  package var estimates: [OffPolicyEstimate]

  package subscript(method: OffPolicyMethod) -> OffPolicyEstimate? {
    estimates.first { $0.method == method }
  }
}
