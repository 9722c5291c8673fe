import Vocabulary

/// What each feature adds to the log odds of boosted trees.
///
/// The path method of Saabas ("Interpreting random forests", 2014): walking down a tree, each step changes what the tree
/// would say on average, and the change belongs to the feature that was asked. The parts and the base add up to the log
/// odds exactly, up to rounding. A node's average is that of its two sides alike, because flat trees do not keep how
/// many lessons went each way: so the parts say how the trees' own answers differ, not how the data was spread.
package struct TreeAttribution: Sendable {
  private let table: TreeTable
  /// By node: the mean of what its subtree can say, either side of each question counting half.
  private let means: [Double]
  /// What all trees say before any question, base score included.
  package let base: Double

  /// O(nodes).
  package init(_ table: TreeTable) {
    self.table = table
    var means = [Double](repeating: 0, count: table.nodes.count)
    // Children come after their parent.
    for place in table.nodes.indices.reversed() {
      let node = table.nodes[place]
      means[place] =
        node.isLeaf ? Double(node.value) : (means[Int(node.left)] + means[Int(node.right)]) / 2
    }
    self.means = means
    base = table.roots.reduce(Double(table.baseScore)) { $0 + means[Int($1)] }
  }

  /// Each feature's part for one row of features. O(trees · depth).
  /// REQUIRES: `features` holds as many numbers as the trees know features.
  package func parts(_ features: UnsafePointer<Float>) -> [Double] {
    var parts = [Double](repeating: 0, count: table.featureCount)
    for root in table.roots {
      var place = Int(root)
      while !table.nodes[place].isLeaf {
        let node = table.nodes[place]
        let value = features[Int(node.featureNumber)]
        let goesLeft = value < node.value || (value.isNaN && node.defaultsLeft)
        let next = Int(goesLeft ? node.left : node.right)
        parts[Int(node.featureNumber)] += means[next] - means[place]
        place = next
      }
    }
    return parts
  }
}
