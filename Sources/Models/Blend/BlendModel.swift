import Vocabulary

/// The learned blend of a generation: trees over `BlendFeature`s, and what they need to know of each item.
///
/// Gradient-boosted trees after Friedman, "Greedy function approximation: a gradient boosting machine" (2001),
/// trained with XGBoost (Chen and Guestrin 2016) on labels that the sources did not see.
package struct BlendModel: Sendable {
  static let family = "blend"
  static let baseScoreKey = "baseScore"
  /// Parameters with this prefix name the features; the value is the feature's number.
  static let featurePrefix = "feature-"

  package let trees: TreeTable
  private let memory: GenerationMemory
  private let popularityView: ArrayView<Float>
  private let ageView: ArrayView<Float>

  /// Checks that features are this program's, and that trees are trees. O(nodes + items).
  init(_ files: ModelFiles, items: UInt64) throws(ModelFault) {
    memory = files.memory
    let found = files.info.parameters.filter { $0.key.hasPrefix(Self.featurePrefix) }
    let wanted = Self.featureParameters
    guard found == wanted else {
      let strange = Set(found.keys).symmetricDifference(wanted.keys).sorted().first
      throw files.fault(
        strange.map { "was trained on other features than this program computes, such as \($0)." }
          ?? "numbers its features in another order than this program.")
    }
    let base = try files.parameter(Self.baseScoreKey, atLeast: -1e6)
    let (roots, _) = try files.array("roots", of: UInt32.self, shape: [nil])
    let (features, shape) = try files.array("features", of: UInt32.self, shape: [nil])
    let values = try files.array("values", of: Float.self, shape: [shape[0]]).view
    let left = try files.array("left", of: UInt32.self, shape: [shape[0]]).view
    let right = try files.array("right", of: UInt32.self, shape: [shape[0]]).view
    let defaults = try files.array("defaults", of: UInt8.self, shape: [shape[0]]).view
    let rows = Int(clamping: items)
    popularityView = try files.array("popularity", of: Float.self, shape: [rows]).view
    ageView = try files.array("age", of: Float.self, shape: [rows]).view
    try files.checkFinite(popularityView.elements, "popularity")
    try files.checkFinite(ageView.elements, "age")
    var nodes: [TreeTable.Node] = []
    nodes.reserveCapacity(shape[0])
    for place in 0..<shape[0] {
      guard defaults[place] <= 1 else { throw files.fault("holds \(defaults[place]).", "defaults") }
      if features[place] == Self.storedLeaf {
        guard left[place] == 0, right[place] == 0 else {
          throw files.fault("gives leaf \(place) children.", "left")
        }
        nodes.append(TreeTable.Node(leaf: values[place]))
        continue
      }
      guard features[place] < UInt32(BlendFeature.count) else {
        throw files.fault("asks for feature \(features[place]) of \(BlendFeature.count).", "features")
      }
      nodes.append(
        TreeTable.Node(
          feature: features[place], threshold: values[place], left: left[place], right: right[place],
          defaultsLeft: defaults[place] == 1))
    }
    let rootList = Array(roots.elements)
    if let problem = TreeTable.problem(
      roots: rootList, nodes: nodes, baseScore: Float(base), featureCount: BlendFeature.count)
    {
      throw files.fault(problem)
    }
    guard
      let trees = TreeTable(
        roots: rootList, nodes: nodes, baseScore: Float(base), featureCount: BlendFeature.count)
    else { throw files.fault("holds no trees.") }
    self.trees = trees
  }

  /// A leaf in the array `features`.
  static let storedLeaf = UInt32.max

  /// The parameters that say which number each feature has.
  static var featureParameters: [String: Double] {
    Dictionary(
      uniqueKeysWithValues: BlendFeature.allCases.map { (featurePrefix + $0.name, Double($0.rawValue)) })
  }

  /// `BlendFeature.itemPopularity` of each row.
  package var popularity: UnsafeBufferPointer<Float> { popularityView.elements }
  /// `BlendFeature.itemAge` of each row.
  package var age: UnsafeBufferPointer<Float> { ageView.elements }
}
