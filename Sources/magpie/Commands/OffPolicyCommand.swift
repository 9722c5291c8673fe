import ArgumentParser
import Estimating
import Evaluating

/// `magpie off-policy`: what another policy would have earned, from a log of choices made by chance.
struct OffPolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "off-policy",
    abstract: "Estimate from a log what another policy would have earned; needs no daemon.",
    discussion: """
      The log is a CSV file with a line for each choice: action, propensity (the probability with which it was chosen, above 0) and
      reward. The policy in question comes as one of
        --policy FILE       probabilities: action, the columns of --by, probability
        --policy-log FILE   its own log; its shares of actions are its probabilities
        --target COLUMN     a column of the log with its probability of the logged action

      Three estimates, each with an interval: inverse propensity scores, self-normalised, doubly robust. Where the log says too little
      there is none, only a reason: its effective sample size is below --min-effective.

      Examples:
        magpie off-policy --log random.csv --policy policy.csv --by position
        magpie off-policy --log random.csv --policy-log bts.csv --by position --json
        magpie off-policy --log exposures.csv --target new_policy --reward purchase
      docs/off-policy.md explains the estimates and their conditions.
      """)

  @Option(help: "The log: a CSV file with a header.", transform: { $0 })
  var log: String

  @Option(help: "Probabilities of the policy in question.", transform: { $0 })
  var policy: String?

  @Option(name: .customLong("policy-log"), help: "A log of the policy in question.", transform: { $0 })
  var policyLog: String?

  @Option(help: "The log's column with the probability in question.", transform: { $0 })
  var target: String?

  @Option(help: "Column of what was chosen (default: action, item or item_id).", transform: { $0 })
  var action: String?

  @Option(help: "Column of what came of it (default: reward, click or clicked).", transform: { $0 })
  var reward: String?

  @Option(
    help: "Column of the logged probability (default: propensity, propensity_score or pscore).",
    transform: { $0 })
  var propensity: String?

  @Option(
    parsing: .upToNextOption,
    help: "Columns of the circumstances that a policy's probabilities depend on, such as position.")
  var by: [String] = []

  @Option(name: .customLong("min-effective"), help: "Smallest effective sample size that is answered.")
  var minEffective = 100.0

  @Option(help: "Cut weights to this: less noise, for a bias towards zero.")
  var clip: Double?

  @Option(help: "Probability with which an interval holds the truth.")
  var confidence = 0.95

  @Option(help: "How intervals are made: normal or bootstrap.")
  var intervals = "normal"

  @Option(help: "Resamples of the bootstrap.")
  var resamples = 1_000

  @Option(help: "Seed of the bootstrap.")
  var seed: UInt64 = 1

  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    let outcome: OffPolicyRun.Outcome
    do throws(EvaluationFault) {
      outcome = try OffPolicyRun(
        log: log, question: try question(), columns: columns, estimator: try estimator()
      ).run()
    } catch {
      throw CommandFailure(error, isJSON: json)
    }
    if json {
      Terminal.say(JSONText.of(OffPolicyPrinter.Body(outcome)))
    } else {
      OffPolicyPrinter.print(outcome, minEffective: minEffective)
    }
    // Estimates that are not there must not look like success to a script.
    if let refusal = outcome.report.refusal {
      throw CommandFailure(
        .failed, reason: refusal.rawValue, OffPolicyPrinter.words(refusal, outcome, minEffective),
        isJSON: json)
    }
  }

  private var columns: ChoiceTable.Columns {
    var columns = ChoiceTable.Columns()
    columns.action = action
    columns.reward = reward
    columns.propensity = propensity
    columns.groups = by
    return columns
  }

  private func question() throws(EvaluationFault) -> OffPolicyRun.Question {
    switch (policy, policyLog, target) {
    case (let path?, nil, nil): return .file(path)
    case (nil, let path?, nil): return .log(path)
    case (nil, nil, let name?): return .column(name)
    default:
      throw EvaluationFault(.usage, "Give one of --policy, --policy-log and --target.")
    }
  }

  private func estimator() throws(EvaluationFault) -> OffPolicyEstimator {
    guard let intervals = OffPolicyEstimator.Intervals(rawValue: intervals) else {
      throw EvaluationFault(.usage, "--intervals is normal or bootstrap.")
    }
    guard confidence > 0, confidence < 1 else {
      throw EvaluationFault(.usage, "--confidence is above 0 and below 1.")
    }
    guard minEffective >= 1, minEffective.isFinite else {
      throw EvaluationFault(.usage, "--min-effective is at least 1.")
    }
    guard clip.map({ $0 > 0 }) ?? true else { throw EvaluationFault(.usage, "--clip is above 0.") }
    guard (100...100_000).contains(resamples) else {
      throw EvaluationFault(.usage, "--resamples is from 100 to 100,000.")
    }
    var estimator = OffPolicyEstimator()
    estimator.effectiveMin = minEffective
    estimator.weightMax = clip
    estimator.confidence = confidence
    estimator.intervals = intervals
    estimator.resamples = resamples
    estimator.seed = seed
    return estimator
  }
}
