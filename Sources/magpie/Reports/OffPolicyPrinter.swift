import Estimating
import Evaluating

/// Prints an off-policy evaluation: a table for people, a report for programs.
enum OffPolicyPrinter {
  /// As `--json` prints it. docs/cli.md holds the schema; names are never changed or reused.
  struct Body: Encodable {
    struct Estimate: Encodable {
      var method: String
      var value: Double
      var standard_error: Double
      var low: Double
      var high: Double
    }
    struct Mean: Encodable {
      var choices: UInt64
      var value: Double
      var standard_error: Double

      init(_ moments: Moments) {
        choices = moments.count
        value = moments.mean
        standard_error = moments.standardError
      }
    }

    var estimates: [Estimate]
    @OrNull var refusal: String?
    var choices: Int
    var effective: Double
    var mean_weight: Double
    var mean_weight_error: Double
    var largest_weight: Double
    var clipped: Int
    var plausible: Bool
    var unseen: Double
    var actions: Int
    var groups: Int
    var policy: String
    var logged: Mean
    @OrNull var own: Mean?

    init(_ outcome: OffPolicyRun.Outcome) {
      let support = outcome.report.support
      estimates = outcome.report.estimates.map {
        Estimate(
          method: $0.method.rawValue, value: $0.value, standard_error: $0.standardError,
          low: $0.interval.low, high: $0.interval.high)
      }
      refusal = outcome.report.refusal?.rawValue
      choices = support.choices
      effective = support.effective
      mean_weight = support.meanWeight
      mean_weight_error = support.meanWeightError
      largest_weight = support.largestWeight
      clipped = support.clipped
      plausible = support.isPlausible
      unseen = outcome.unseen
      actions = outcome.actions
      groups = outcome.groups
      policy = outcome.policy
      logged = Mean(outcome.logged)
      own = outcome.own.map { Mean($0) }
    }
  }

  static func print(_ outcome: OffPolicyRun.Outcome, minEffective: Double) {
    let support = outcome.report.support
    Terminal.say(
      """
      \(Figures.count(support.choices)) choices among \(Figures.count(outcome.actions)) actions\
      \(outcome.groups > 1 ? " in \(Figures.count(outcome.groups)) groups" : ""); policy: \(outcome.policy)
      """)
    var table = Table([
      ("policy", .left), ("estimate", .left), ("reward", .right), ("low", .right), ("high", .right),
    ])
    func row(_ name: String, _ method: String, _ value: Double, _ interval: Interval) {
      table.add([
        name, method, Figures.decimals(value, 5), Figures.decimals(interval.low, 5),
        Figures.decimals(interval.high, 5),
      ])
    }
    row("that logged", "mean", outcome.logged.mean, Self.interval(outcome.logged))
    if let own = outcome.own { row("in question", "its own log", own.mean, Self.interval(own)) }
    for estimate in outcome.report.estimates {
      if estimate.method == .doublyRobust, !outcome.hasModel { continue }
      row("in question", name(estimate.method), estimate.value, estimate.interval)
    }
    table.print()
    Terminal.say(
      Terminal.dim(
        """
        Effective sample size \(Figures.decimals(support.effective, 0)), mean weight \
        \(Figures.decimals(support.meanWeight, 3)) ± \(Figures.decimals(support.meanWeightError, 3)), largest \
        \(Figures.decimals(support.largestWeight, 1))\
        \(support.clipped > 0 ? ", \(Figures.count(support.clipped)) clipped" : "")
        """))
    if outcome.unseen > 0 {
      Terminal.say(
        "Note: \(Figures.decimals(100 * outcome.unseen, 1)) % of the policy's choices are nowhere in the log; nothing is known of them."
      )
    }
    if support.clipped == 0, !support.isPlausible {
      Terminal.say(
        "Note: The mean weight is far from 1. The propensities are wrong, or the policy chooses what the log never could."
      )
    }
  }

  /// What a mean may be, at 95 %.
  private static func interval(_ moments: Moments) -> Interval {
    let half = NormalDistribution.width(confidence: 0.95) * moments.standardError
    return Interval(low: moments.mean - half, high: moments.mean + half)
  }

  private static func name(_ method: OffPolicyMethod) -> String {
    switch method {
    case .ips: "inverse propensity"
    case .snips: "self-normalised"
    case .doublyRobust: "doubly robust"
    }
  }

  static func words(_ refusal: OffPolicyRefusal, _ outcome: OffPolicyRun.Outcome, _ least: Double) -> String {
    switch refusal {
    case .badPropensity:
      "A propensity or probability is out of range; each must be above 0 and at most 1."
    case .noSupport:
      "The log holds no choice that the policy would make. Check that actions and the columns of --by are named alike."
    case .effectiveSampleTooSmall:
      """
      The log says too little: \(Figures.count(outcome.report.support.choices)) choices are worth \
      \(Figures.decimals(outcome.report.support.effective, 0)) of the policy's own; \(Figures.decimals(least, 0)) are needed. Log \
      more, explore more, or cut weights with --clip.
      """
    }
  }
}
