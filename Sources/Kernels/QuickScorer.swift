import CKernels

/// Small regression trees, evaluated for many rows at a time: every question of a tree is asked of every row, and bits say
/// which leaf is left. For trees of at most 32 leaves that is quicker than walking down, because nothing waits for an answer
/// and sixteen rows are asked at once (Lucchese, Nardini, Orlando, Perego, Tonellotto and Venturini, "QuickScorer", SIGIR
/// 2015; "Exploiting CPU SIMD extensions to speed-up document scoring with tree ensembles", SIGIR 2016).
package struct QuickScorer: Sendable {
  /// Leaves of one tree at most.
  package static let leavesMax = Int(magpie_tree_leaves)
  /// Numbers of one row at most.
  package static let featuresMax = Int(magpie_tree_features)

  /// One question of a tree.
  package struct Question: Sendable {
    package var feature: UInt32
    /// A row goes left if its feature is below.
    package var threshold: Float
    /// Whether a missing number goes left.
    package var defaultsLeft: Bool
    /// The leaves on its left, counted from the tree's first.
    package var leftLeaves: Range<Int>

    package init(feature: UInt32, threshold: Float, defaultsLeft: Bool, leftLeaves: Range<Int>) {
      self.feature = feature
      self.threshold = threshold
      self.defaultsLeft = defaultsLeft
      self.leftLeaves = leftLeaves
    }
  }

  private var nodes: [magpie_tree_node] = []
  private var ranges: [UInt32] = [0]
  private var leaves: [Float] = []
  private let featureCount: Int
  private let base: Float

  /// Without trees: each row is worth `base`.
  /// REQUIRES: featureCount <= featuresMax.
  package init(featureCount: Int, base: Float) {
    precondition(featureCount >= 0 && featureCount <= Self.featuresMax, "too many features")
    self.featureCount = featureCount
    self.base = base
  }

  /// Adds a tree.
  /// REQUIRES: 1 to `leavesMax` leaves, from the left; features below `featureCount`.
  package mutating func append(_ questions: [Question], leaves values: [Float]) {
    precondition(!values.isEmpty && values.count <= Self.leavesMax, "too many leaves")
    for isLeft in [true, false] {
      for question in questions where question.defaultsLeft == isLeft {
        precondition(Int(question.feature) < featureCount, "no such feature")
        var mask: UInt32 = 0
        for leaf in question.leftLeaves { mask |= 1 << UInt32(leaf) }
        nodes.append(
          magpie_tree_node(threshold: question.threshold, feature: question.feature, left_leaves: mask))
      }
      ranges.append(UInt32(truncatingIfNeeded: nodes.count))
    }
    leaves += values + [Float](repeating: 0, count: Self.leavesMax - values.count)
  }

  /// The base and all leaves of `count` rows of `featureCount` numbers, one after the other. Leaves are added in the order
  /// of the trees. O(count · questions); allocates nothing.
  package func evaluate(
    _ features: UnsafePointer<Float>, count: Int, into margins: UnsafeMutablePointer<Float>
  ) {
    nodes.withUnsafeBufferPointer { nodes in
      ranges.withUnsafeBufferPointer { ranges in
        leaves.withUnsafeBufferPointer { leaves in
          var trees = magpie_trees(
            nodes: nodes.baseAddress, ranges: ranges.baseAddress, leaves: leaves.baseAddress,
            count: (ranges.count - 1) / 2, features: featureCount, base: base)
          magpie_trees_evaluate(&trees, features, max(0, count), margins)
        }
      }
    }
  }
}
