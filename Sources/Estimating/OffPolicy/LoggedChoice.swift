/// One choice that was made by chance and whose outcome is known: what an off-policy estimate is made of.
package struct LoggedChoice: Sendable, Hashable {
  /// What came of it: 1 for a click, 0 for none, or an amount.
  package var reward: Double
  /// The probability with which the logging policy chose this; above 0, at most 1.
  package var propensity: Double
  /// The probability with which the policy in question would have chosen it.
  package var target: Double
  /// What a model of rewards expects of the choice; 0 without a model.
  package var modelled: Double
  /// What the model expects of the policy in question here: Σ over its choices of probability · expected reward.
  package var modelledTarget: Double

  package init(
    reward: Double, propensity: Double, target: Double, modelled: Double = 0, modelledTarget: Double = 0
  ) {
    self.reward = reward
    self.propensity = propensity
    self.target = target
    self.modelled = modelled
    self.modelledTarget = modelledTarget
  }
}
