import Models
import Training

/// The trainer's learner of trees.
package enum TreeBooster {
  /// A `TreeLearner`: boosts with XGBoost and hands over flat trees. O(rounds · rows · features).
  package static func learn(_ lesson: BlendLesson) throws(TrainingFault) -> TreeTable {
    try Booster(lesson).table()
  }
}
