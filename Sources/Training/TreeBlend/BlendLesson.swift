import Models
import Vocabulary

/// What a learner of trees is given: candidates as rows of `BlendFeature`s, each with what became of it.
package struct BlendLesson: Sendable {
  /// Rows of features with a label each.
  package struct Part: Sendable {
    /// `labels.count` rows of `BlendFeature.count` numbers, all finite.
    package var features: [Float] = []
    /// 1 where the user went on to the candidate, else 0.
    package var labels: [Float] = []
    package var positives = 0

    package init() {}
  }

  package var learning = Part()
  /// Of other users: says when to stop.
  package var validation = Part()
  /// Trees at most.
  package var rounds = 100
  package var depth = 5
  package var rate = 0.1
  package var seed: UInt64 = 1

  package init() {}
}

/// Learns trees from a lesson; the same lesson gives the same trees. Handed in by the program, because only the
/// trainer links a library for it.
/// - Throws: `numbers_failed` with what the library said.
package typealias TreeLearner = @Sendable (BlendLesson) throws(TrainingFault) -> TreeTable
