/// One list of an experiment: which arm gave it, how likely that was, in which circumstances, and what came of it.
package struct ArmObservation: Sendable, Hashable {
  /// Place of the arm among the experiment's.
  package var arm: Int
  /// With which the arm was drawn; above 0, at most 1.
  package var propensity: Double
  /// Circumstances known before anything was shown, which no arm can change.
  package var group: Int
  /// 1 for a list with a click, 0 for one without.
  package var reward: Double

  package init(arm: Int, propensity: Double, group: Int, reward: Double) {
    self.arm = arm
    self.propensity = propensity
    self.group = group
    self.reward = reward
  }
}

/// What each arm would have earned for every list, had all of them been its own: off-policy estimates in which the experiment
/// is the policy that logged, and an arm the one in question.
package enum ArmEstimates {
  /// A report for each arm. The doubly robust estimate uses a cross-fitted model of the reward of each arm in each group, so
  /// lists of other arms tell in which circumstances lists were asked for; the self-normalised one uses the arm's own lists
  /// alone. O(lists · arms).
  ///
  /// Lists are taken as independent: where whole users are assigned and each asks often, standard errors are too small.
  /// - Parameters:
  ///   - observations: with arms below `arms` and groups below `groups`; others are left out.
  package static func reports(
    _ observations: [ArmObservation], arms: Int, groups: Int, _ estimator: OffPolicyEstimator
  ) -> [OffPolicyReport] {
    let used = observations.filter { (0..<arms).contains($0.arm) && (0..<groups).contains($0.group) }
    let model = RewardModel(
      action: used.map(\.arm), group: used.map(\.group), reward: used.map(\.reward), actions: arms,
      groups: groups)
    return (0..<arms).map { arm in
      estimator.report(
        used.enumerated().map { number, list in
          LoggedChoice(
            reward: list.reward, propensity: list.propensity, target: list.arm == arm ? 1 : 0,
            modelled: model.expected(of: list.arm, in: list.group, forChoice: number),
            modelledTarget: model.expected(of: arm, in: list.group, forChoice: number))
        })
    }
  }
}
