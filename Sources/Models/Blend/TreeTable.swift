import Glibc
import Kernels
import Vocabulary

/// Boosted regression trees as flat nodes, and their evaluation.
///
/// Each tree is a run of nodes whose first is the root; children always come after their parent, so that walking
/// down ends. A value goes left if it is below the threshold, as XGBoost does it; one that is not a number goes to
/// the node's default side.
package struct TreeTable: Sendable, Hashable {
  /// 16 bytes: four to a cache line.
  package struct Node: Sendable, Hashable {
    /// The feature asked about, `leaf` for a leaf. The top bit is the default side: set means left.
    package var feature: UInt32
    /// The threshold, or a leaf's value.
    package var value: Float
    /// Places in `nodes`; 0 in leaves.
    package var left: UInt32
    package var right: UInt32

    package static let leaf = UInt32.max >> 1
    static let defaultLeft = UInt32(1) << 31

    package init(leaf value: Float) {
      feature = Self.leaf
      self.value = value
      left = 0
      right = 0
    }

    package init(feature: UInt32, threshold: Float, left: UInt32, right: UInt32, defaultsLeft: Bool) {
      self.feature = feature | (defaultsLeft ? Self.defaultLeft : 0)
      value = threshold
      self.left = left
      self.right = right
    }

    package var isLeaf: Bool { feature & Self.leaf == Self.leaf }
    package var featureNumber: UInt32 { feature & Self.leaf }
    package var defaultsLeft: Bool { feature & Self.defaultLeft != 0 }
  }

  /// Where each tree's root lies, ascending.
  package let roots: [UInt32]
  package let nodes: [Node]
  /// What the sum of leaves begins with, in log odds.
  package let baseScore: Float
  package let featureCount: Int
  /// The nodes as they are walked: a leaf leads to itself, so that rows can go down side by side, each as many steps as the
  /// deepest leaf of the tree lies below its root.
  private let steps: [Node]
  private let depths: [Int]
  /// The trees as bits, which is quicker; nil if one of them has too many leaves for it.
  private let quick: QuickScorer?

  package static func == (left: TreeTable, right: TreeTable) -> Bool {
    left.roots == right.roots && left.nodes == right.nodes && left.baseScore == right.baseScore
      && left.featureCount == right.featureCount
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(roots)
    hasher.combine(nodes)
  }

  /// The first thing wrong with them, or nil. O(nodes).
  package static func problem(roots: [UInt32], nodes: [Node], baseScore: Float, featureCount: Int) -> String?
  {
    if !baseScore.isFinite { return "has a base score that is not a number." }
    if roots.isEmpty { return "has no tree." }
    if roots.count > Limits.blendTreesMax {
      return "has \(roots.count) trees; at most \(Limits.blendTreesMax) are read."
    }
    if roots.first != 0 { return "does not begin with a root." }
    for (tree, root) in roots.enumerated() {
      let end = tree + 1 < roots.count ? Int(roots[tree + 1]) : nodes.count
      guard Int(root) < end, end <= nodes.count else { return "has no nodes for tree \(tree)." }
      // A node with two parents, or none, is no tree; children behind their parent rule out a cycle.
      var hasParent = [Bool](repeating: false, count: end - Int(root))
      for place in Int(root)..<end {
        let node = nodes[place]
        if !node.value.isFinite { return "holds \(node.value) at node \(place)." }
        if place > Int(root), !hasParent[place - Int(root)] { return "has no parent for node \(place)." }
        if node.isLeaf {
          if node.left != 0 || node.right != 0 { return "gives leaf \(place) children." }
          continue
        }
        if Int(node.featureNumber) >= featureCount {
          return "asks for feature \(node.featureNumber) of \(featureCount) at node \(place)."
        }
        for child in [Int(node.left), Int(node.right)] {
          guard child > place, child < end else { return "sends node \(place) to \(child)." }
          if hasParent[child - Int(root)] { return "gives node \(child) two parents." }
          hasParent[child - Int(root)] = true
        }
      }
    }
    return nil
  }

  /// Nil, if something is wrong: see `problem`.
  package init?(roots: [UInt32], nodes: [Node], baseScore: Float, featureCount: Int) {
    if Self.problem(roots: roots, nodes: nodes, baseScore: baseScore, featureCount: featureCount) != nil {
      return nil
    }
    self.roots = roots
    self.nodes = nodes
    self.baseScore = baseScore
    self.featureCount = featureCount
    (steps, depths) = Self.walkable(roots, nodes)
    quick = Self.quick(roots, nodes, baseScore, featureCount)
  }

  private static func quick(_ roots: [UInt32], _ nodes: [Node], _ baseScore: Float, _ featureCount: Int)
    -> QuickScorer?
  {
    guard featureCount <= QuickScorer.featuresMax else { return nil }
    var scorer = QuickScorer(featureCount: featureCount, base: baseScore)
    for root in roots {
      var leaves: [Float] = []
      var questions: [QuickScorer.Question] = []
      // Nodes to go to, the next one last, and the question whose left side ends before it.
      var stack: [(node: Int, question: Int?)] = [(Int(root), nil)]
      while let (place, question) = stack.popLast() {
        if let question {
          questions[question].leftLeaves = questions[question].leftLeaves.lowerBound..<leaves.count
        }
        let node = nodes[place]
        if node.isLeaf {
          if leaves.count == QuickScorer.leavesMax { return nil }
          leaves.append(node.value)
          continue
        }
        questions.append(
          QuickScorer.Question(
            feature: node.featureNumber, threshold: node.value, defaultsLeft: node.defaultsLeft,
            leftLeaves: leaves.count..<leaves.count))
        // The right side comes when all leaves of the left one are there.
        stack.append((Int(node.right), questions.count - 1))
        stack.append((Int(node.left), nil))
      }
      scorer.append(questions, leaves: leaves)
    }
    return scorer
  }

  private static func walkable(_ roots: [UInt32], _ nodes: [Node]) -> ([Node], [Int]) {
    var steps = nodes
    // Children come after their parents.
    var levels = [Int](repeating: 0, count: nodes.count)
    for (place, node) in nodes.enumerated() {
      if node.isLeaf {
        steps[place].feature = 0
        (steps[place].left, steps[place].right) = (UInt32(place), UInt32(place))
      } else {
        levels[Int(node.left)] = levels[place] + 1
        levels[Int(node.right)] = levels[place] + 1
      }
    }
    let depths = roots.enumerated().map { tree, root in
      let end = tree + 1 < roots.count ? Int(roots[tree + 1]) : nodes.count
      return levels[Int(root)..<end].max() ?? 0
    }
    return (steps, depths)
  }

  /// The log odds of `count` rows of features, one after the other. Leaves are added in the order of the trees. O(count · nodes)
  /// for trees of at most 32 leaves, else O(count · trees · depth); allocates nothing.
  /// REQUIRES: `features` holds count · featureCount numbers, `margins` count.
  package func evaluate(
    _ features: UnsafePointer<Float>, count: Int, into margins: UnsafeMutablePointer<Float>
  ) {
    if let quick { return quick.evaluate(features, count: count, into: margins) }
    walk(features, count: count, into: margins)
  }

  /// For trees of any size. Tree by tree, so that each stays in the first cache while all rows walk it; eight rows go down
  /// together, because one alone would wait at every node for the one before.
  private func walk(
    _ features: UnsafePointer<Float>, count: Int, into margins: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<count { margins[row] = baseScore }
    let whole = count / Self.lanes * Self.lanes
    steps.withUnsafeBufferPointer { buffer in
      guard let nodes = buffer.baseAddress else { return }
      for tree in roots.indices {
        let (root, depth) = (Int(roots[tree]), depths[tree])
        var first = 0
        while first < whole {
          var places = InlineArray<8, Int>(repeating: root)
          for _ in 0..<depth {
            for lane in 0..<Self.lanes {
              places[lane] = Self.next(nodes + places[lane], features + (first + lane) * featureCount)
            }
          }
          for lane in 0..<Self.lanes { margins[first + lane] += nodes[places[lane]].value }
          first += Self.lanes
        }
        for row in whole..<count {
          var place = root
          for _ in 0..<depth { place = Self.next(nodes + place, features + row * featureCount) }
          margins[row] += nodes[place].value
        }
      }
    }
  }

  private static let lanes = 8

  /// Where the walk goes on from a node. Without a branch: which way is not to be foreseen.
  @inline(__always)
  private static func next(_ node: UnsafePointer<Node>, _ values: UnsafePointer<Float>) -> Int {
    let value = values[Int(node.pointee.feature & Node.leaf)]
    let isBelow: UInt32 = value < node.pointee.value ? 1 : 0
    let isMissing: UInt32 = value.isNaN ? 1 : 0
    let goesLeft = isBelow | (isMissing & (node.pointee.feature >> 31))
    return Int(node.pointee.right ^ ((node.pointee.left ^ node.pointee.right) & (0 &- goesLeft)))
  }

  /// Log odds as a share between 0 and 1, never quite either, so that an order is never lost to rounding at the
  /// ends of what trees can say.
  package static func share(_ margin: Float) -> Double { 1 / (1 + exp(-Double(max(-30, min(30, margin))))) }
}
