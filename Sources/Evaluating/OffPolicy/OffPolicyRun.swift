import Estimating

/// An off-policy evaluation on files: what a policy would have earned for each choice of a log.
package struct OffPolicyRun: Sendable {
  /// Which policy is in question.
  package enum Question: Sendable {
    /// Probabilities in a file.
    case file(String)
    /// The shares of actions in another log.
    case log(String)
    /// A column of the log itself; there is no model of rewards then, because other actions' probabilities are not known.
    case column(String)
  }

  /// What came out.
  package struct Outcome: Sendable {
    package var report: OffPolicyReport
    package var actions: Int
    package var groups: Int
    /// What the logging policy earned itself.
    package var logged: Moments
    /// What the policy in question earned in its own log, if it came as one.
    package var own: Moments?
    /// The mean share of the policy's choices that the log never made in the same group: nothing is known of them.
    package var unseen: Double
    package var policy: String
    /// Whether doubly robust had a model of rewards to lean on.
    package var hasModel: Bool
  }

  package var log: String
  package var question: Question
  package var columns: ChoiceTable.Columns
  package var estimator: OffPolicyEstimator

  package init(
    log: String, question: Question, columns: ChoiceTable.Columns, estimator: OffPolicyEstimator
  ) {
    self.log = log
    self.question = question
    self.columns = columns
    self.estimator = estimator
  }

  /// Reads, and estimates. O(choices · actions).
  package func run() throws(EvaluationFault) -> Outcome {
    var columns = columns
    if case .column(let name) = question { columns.target = name }
    let table = try ChoiceTable(path: log, columns: columns)
    var own: Moments?
    let policy: ChoicePolicy?
    switch question {
    case .file(let path): policy = try ChoicePolicy(file: path, columns: columns)
    case .log(let path):
      let other = try ChoiceTable(path: path, columns: columns)
      own = Self.moments(other.rewards)
      policy = ChoicePolicy(choicesOf: other)
    case .column: policy = nil
    }
    let (choices, unseen) = choices(table, policy)
    return Outcome(
      report: estimator.report(choices), actions: table.actionNames.count, groups: table.groupNames.count,
      logged: Self.moments(table.rewards), own: own, unseen: unseen,
      policy: policy?.origin ?? "column \(columns.target ?? "")", hasModel: policy != nil)
  }

  private static func moments(_ rewards: [Double]) -> Moments {
    var moments = Moments()
    for reward in rewards { moments.add(reward) }
    return moments
  }

  private func choices(_ table: ChoiceTable, _ policy: ChoicePolicy?) -> (
    choices: [LoggedChoice], unseen: Double
  ) {
    guard let policy else {
      return (
        (0..<table.count).map {
          LoggedChoice(
            reward: table.rewards[$0], propensity: table.propensities[$0], target: table.targets[$0])
        }, 0
      )
    }
    let model = RewardModel(
      action: table.actions, group: table.groups, reward: table.rewards, actions: table.actionNames.count,
      groups: table.groupNames.count)
    var isSeen = [Bool](repeating: false, count: table.groupNames.count * table.actionNames.count)
    for choice in 0..<table.count {
      isSeen[table.groups[choice] * table.actionNames.count + table.actions[choice]] = true
    }
    // Each group's choices by the policy, known actions only: of the others there is nothing to expect.
    var wanted: [[(action: Int, probability: Double)]] = []
    var unseenOfGroup: [Double] = []
    for (group, name) in table.groupNames.enumerated() {
      var list: [(action: Int, probability: Double)] = []
      var unseen = 0.0
      for (action, probability) in policy.actions(in: name).sorted(by: { $0.key < $1.key }) {
        guard let number = table.actionNumbers[action] else {
          unseen += probability
          continue
        }
        if !isSeen[group * table.actionNames.count + number] { unseen += probability }
        list.append((number, probability))
      }
      wanted.append(list)
      unseenOfGroup.append(unseen)
    }
    var unseen = 0.0
    let choices = (0..<table.count).map { choice in
      let (action, group) = (table.actions[choice], table.groups[choice])
      unseen += unseenOfGroup[group] / Double(table.count)
      return LoggedChoice(
        reward: table.rewards[choice], propensity: table.propensities[choice],
        target: policy.probability(of: table.actionNames[action], in: table.groupNames[group]),
        modelled: model.expected(of: action, in: group, forChoice: choice),
        modelledTarget: wanted[group].reduce(0) {
          $0 + $1.probability * model.expected(of: $1.action, in: group, forChoice: choice)
        })
    }
    return (choices, unseen)
  }
}
