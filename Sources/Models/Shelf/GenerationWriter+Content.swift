import Vocabulary

extension GenerationWriter {
  /// The content model; see `ContentModel`.
  /// REQUIRES: `projection` has a row of `dimensions` for each feature, `items` one for each item row, `map` has
  /// `dimensions` rows as long as `base`.
  package func addContent(
    _ weights: ContentWeights, dimensions: Int, projection: UnsafeBufferPointer<Float>,
    items: UnsafeBufferPointer<Float>, map: [Float], base: [Float], parameters: [String: Double] = [:]
  ) throws(ModelFault) {
    precondition(
      projection.count == weights.count * dimensions && items.count % dimensions == 0
        && map.count == dimensions * base.count, "arrays that do not belong together")
    var parameters = parameters
    parameters[ContentModel.textVersionKey] = Double(ContentText.version)
    try map.withUnsafeBufferPointer { (map) throws(ModelFault) in
      try add(
        ModelName.content, family: ContentModel.family, parameters: parameters,
        [
          ("features", .from(weights.numbers)),
          ("weights", .from(weights.weights)),
          (
            "projection",
            Part(.f32, [weights.count, dimensions], UnsafeRawBufferPointer(projection))
          ),
          ("items", Part(.f32, [items.count / dimensions, dimensions], UnsafeRawBufferPointer(items))),
          ("map", Part(.f32, [dimensions, base.count], UnsafeRawBufferPointer(map))),
          ("base", .from(base)),
        ])
    }
  }
}
