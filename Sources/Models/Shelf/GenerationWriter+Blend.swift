import Vocabulary

extension GenerationWriter {
  /// The learned blend: trees over `BlendFeature`s, and one number of each kind for each item row.
  package func addBlend(
    _ trees: TreeTable, statistics: BlendStatistics, parameters: [String: Double] = [:]
  ) throws(ModelFault) {
    var parameters = parameters
    parameters[BlendModel.baseScoreKey] = Double(trees.baseScore)
    parameters.merge(BlendModel.featureParameters) { $1 }
    let nodes = trees.nodes
    try add(
      ModelName.blend, family: BlendModel.family, parameters: parameters,
      [
        ("roots", .from(trees.roots)),
        ("features", .from(nodes.map { $0.isLeaf ? BlendModel.storedLeaf : $0.featureNumber })),
        ("values", .from(nodes.map(\.value))),
        ("left", .from(nodes.map(\.left))),
        ("right", .from(nodes.map(\.right))),
        ("defaults", .from(nodes.map { $0.defaultsLeft ? UInt8(1) : 0 })),
        ("popularity", .from(statistics.popularity)),
        ("age", .from(statistics.age)),
      ])
  }
}
