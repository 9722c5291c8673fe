import Vocabulary

extension GenerationWriter {
  /// The user index, as its arrays lie.
  package func addUserNeighbours(_ index: UserIndex, parameters: [String: Double] = [:]) throws(ModelFault) {
    var parameters = parameters
    parameters[UserNeighbourModel.neighboursKey] = Double(index.neighbours)
    func part<Element>(_ type: ElementType, _ elements: UnsafeBufferPointer<Element>) -> Part {
      Part(type, [elements.count], UnsafeRawBufferPointer(elements))
    }
    try add(
      ModelName.userNeighbours, family: UserNeighbourModel.family, parameters: parameters,
      [
        ("keys", part(.u64, index.keys)),
        ("user-offsets", part(.u64, index.userOffsets)),
        ("user-rows", part(.u32, index.userRows)),
        ("user-scores", part(.f32, index.userScores)),
        ("item-offsets", part(.u64, index.itemOffsets)),
        ("item-users", part(.u32, index.itemUsers)),
        ("item-scores", part(.f32, index.itemScores)),
        ("item-weights", part(.f32, index.itemWeights)),
      ])
  }
}
