import Foundation
import Models
import Training

/// The parts of XGBoost's JSON model (format of 1.7) that trees are made of.
struct SavedModel: Decodable {
  struct Learner: Decodable {
    let gradientBooster: GradientBooster
    let parameters: Parameters

    enum CodingKeys: String, CodingKey {
      case gradientBooster = "gradient_booster"
      case parameters = "learner_model_param"
    }
  }

  struct Parameters: Decodable {
    /// A probability as text, such as `5E-1`.
    let baseScore: String

    enum CodingKeys: String, CodingKey { case baseScore = "base_score" }
  }

  struct GradientBooster: Decodable {
    let model: Model
  }

  struct Model: Decodable {
    let trees: [Tree]
  }

  struct Tree: Decodable {
    let left: [Int]
    let right: [Int]
    let features: [Int]
    /// Thresholds, and the values of leaves.
    let values: [Float]
    let defaults: [Truth]

    enum CodingKeys: String, CodingKey {
      case left = "left_children"
      case right = "right_children"
      case features = "split_indices"
      case values = "split_conditions"
      case defaults = "default_left"
    }
  }

  /// 0 or 1 in some versions, true or false in others.
  struct Truth: Decodable {
    let isTrue: Bool

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        isTrue = number != 0
      } else {
        isTrue = try container.decode(Bool.self)
      }
    }
  }

  let learner: Learner

  /// The first trees, each renumbered so that children follow their parents: XGBoost reuses the numbers of nodes
  /// it pruned.
  /// - Throws: `numbers_failed` if they are no trees over `BlendFeature`s.
  func table(trees count: Int) throws(TrainingFault) -> TreeTable {
    guard let base = Float(learner.parameters.baseScore), base > 0, base < 1 else {
      throw TrainingFault(
        .numbersFailed, "XGBoost's base score is '\(learner.parameters.baseScore)', no probability.")
    }
    var roots: [UInt32] = []
    var nodes: [TreeTable.Node] = []
    for tree in learner.gradientBooster.model.trees.prefix(count) {
      roots.append(UInt32(truncatingIfNeeded: nodes.count))
      try tree.append(to: &nodes)
    }
    // In 32 bits and in this form, as the library does it.
    let margin = -logf(1 / base - 1)
    let problem = TreeTable.problem(
      roots: roots, nodes: nodes, baseScore: margin, featureCount: BlendFeature.count)
    guard problem == nil,
      let table = TreeTable(
        roots: roots, nodes: nodes, baseScore: margin, featureCount: BlendFeature.count)
    else { throw TrainingFault(.numbersFailed, "XGBoost's model \(problem ?? "is empty.")") }
    return table
  }
}

extension SavedModel.Tree {
  /// Appends the nodes reached from the root, breadth first.
  fileprivate func append(to nodes: inout [TreeTable.Node]) throws(TrainingFault) {
    let count = left.count
    guard count > 0, right.count == count, features.count == count, values.count == count,
      defaults.count == count
    else { throw TrainingFault(.numbersFailed, "XGBoost's model has a tree of uneven arrays.") }
    let start = nodes.count
    var order = [0]
    var next = 0
    while next < order.count {
      let node = order[next]
      next += 1
      if left[node] == -1 {
        nodes.append(TreeTable.Node(leaf: values[node]))
        continue
      }
      // More nodes than there are means that they go round in a circle.
      guard left[node] > 0, left[node] < count, right[node] > 0, right[node] < count,
        order.count + 2 <= count,
        let feature = UInt32(exactly: features[node])
      else { throw TrainingFault(.numbersFailed, "XGBoost's model has a node without children.") }
      let place = UInt32(truncatingIfNeeded: start + order.count)
      order.append(left[node])
      order.append(right[node])
      nodes.append(
        TreeTable.Node(
          feature: feature, threshold: values[node], left: place, right: place + 1,
          defaultsLeft: defaults[node].isTrue))
    }
  }
}
