import CKernels
import Kernels
import Testing

@Suite struct QuickScorerTests {
  /// A tree as a reader would draw it.
  private indirect enum Tree {
    case leaf(Float)
    case question(feature: Int, threshold: Float, defaultsLeft: Bool, left: Tree, right: Tree)

    func value(_ row: ArraySlice<Float>) -> Float {
      switch self {
      case .leaf(let value): return value
      case .question(let feature, let threshold, let defaultsLeft, let left, let right):
        let value = row[row.startIndex + feature]
        return value < threshold || (value.isNaN && defaultsLeft) ? left.value(row) : right.value(row)
      }
    }

    /// Its questions and leaves as the scorer takes them.
    func flat(_ questions: inout [QuickScorer.Question], _ leaves: inout [Float]) {
      switch self {
      case .leaf(let value): leaves.append(value)
      case .question(let feature, let threshold, let defaultsLeft, let left, let right):
        let first = leaves.count
        left.flat(&questions, &leaves)
        questions.append(
          QuickScorer.Question(
            feature: UInt32(feature), threshold: threshold, defaultsLeft: defaultsLeft,
            leftLeaves: first..<leaves.count))
        right.flat(&questions, &leaves)
      }
    }

    static func random(depth: Int, features: Int, _ random: inout SeededGenerator) -> Tree {
      if depth == 0 || Int.random(in: 0..<8, using: &random) == 0 {
        return .leaf(Float.random(in: -1...1, using: &random))
      }
      return .question(
        feature: Int.random(in: 0..<features, using: &random),
        threshold: Float.random(in: -1...1, using: &random), defaultsLeft: Bool.random(using: &random),
        left: self.random(depth: depth - 1, features: features, &random),
        right: self.random(depth: depth - 1, features: features, &random))
    }
  }

  @Test func asWorkedByHand() {
    var scorer = QuickScorer(featureCount: 2, base: 0.5)
    // feature 0 below 1: leaf 10; else feature 1 below 2 or missing: leaf 20, else 30.
    scorer.append(
      [
        .init(feature: 0, threshold: 1, defaultsLeft: false, leftLeaves: 0..<1),
        .init(feature: 1, threshold: 2, defaultsLeft: true, leftLeaves: 1..<2),
      ], leaves: [10, 20, 30])
    scorer.append([], leaves: [0.25])
    let rows: [Float] = [0, 0, 1, 1.5, 1, 2, .nan, .nan, .nan, .infinity]
    var margins = [Float](repeating: .nan, count: 5)
    scorer.evaluate(rows, count: 5, into: &margins)
    #expect(margins == [10.75, 20.75, 30.75, 20.75, 30.75])
    scorer.evaluate(rows, count: 0, into: &margins)
    #expect(margins[0] == 10.75, "nothing was asked")
  }

  /// Walking down one tree after the other gives the same bits, whatever the instruction set and however many rows.
  @Test(arguments: KernelSet.all) func equalsWalking(_ set: KernelSet) {
    for seed in UInt64(1)...12 {
      var random = SeededGenerator(seed: seed)
      let features = Int.random(in: 1...64, using: &random)
      let trees = (0..<Int.random(in: 1...30, using: &random)).map { _ in
        Tree.random(depth: 5, features: features, &random)
      }
      for count in [1, 15, 16, 17, 127, 128, 129, 300] {
        let rows = (0..<count * features).map { _ in
          Int.random(in: 0..<10, using: &random) == 0 ? Float.nan : Float.random(in: -1...1, using: &random)
        }
        let expected = (0..<count).map { row in
          trees.reduce(Float(0.125)) { $0 + $1.value(rows[row * features..<(row + 1) * features]) }
        }
        var nodes: [magpie_tree_node] = []
        var ranges: [UInt32] = [0]
        var leaves: [Float] = []
        var scorer = QuickScorer(featureCount: features, base: 0.125)
        for tree in trees {
          var questions: [QuickScorer.Question] = []
          var values: [Float] = []
          tree.flat(&questions, &values)
          scorer.append(questions, leaves: values)
          for isLeft in [true, false] {
            for question in questions where question.defaultsLeft == isLeft {
              nodes.append(
                magpie_tree_node(
                  threshold: question.threshold, feature: question.feature,
                  left_leaves: question.leftLeaves.reduce(0) { $0 | 1 << UInt32($1) }))
            }
            ranges.append(UInt32(nodes.count))
          }
          leaves += values + [Float](repeating: .nan, count: Int(magpie_tree_leaves) - values.count)
        }
        var margins = [Float](repeating: .nan, count: count)
        nodes.withUnsafeBufferPointer { nodes in
          ranges.withUnsafeBufferPointer { ranges in
            leaves.withUnsafeBufferPointer { leaves in
              var table = magpie_trees(
                nodes: nodes.baseAddress, ranges: ranges.baseAddress, leaves: leaves.baseAddress,
                count: trees.count, features: features, base: 0.125)
              set.trees(&table, rows, count, &margins)
            }
          }
        }
        #expect(margins == expected, "seed \(seed), \(count) rows, \(set.name)")
        var ours = [Float](repeating: .nan, count: count)
        scorer.evaluate(rows, count: count, into: &ours)
        #expect(ours == expected, "seed \(seed), \(count) rows")
      }
    }
  }
}
