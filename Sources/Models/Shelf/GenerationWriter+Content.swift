import Vocabulary

extension GenerationWriter {
  /// The content model; see `ContentModel`.
  /// REQUIRES: `projection` has a row of `dimensions` for each feature, `items` one for each item row and `landmarks` for
  /// each landmark, `map` a row as long as `base` for each landmark.
  package func addContent(
    _ weights: ContentWeights, dimensions: Int, projection: UnsafeBufferPointer<Float>,
    items: UnsafeBufferPointer<Float>, landmarks: [Float], map: [Float], base: [Float], bandwidth: Float,
    parameters: [String: Double] = [:]
  ) throws(ModelFault) {
    precondition(
      projection.count == weights.count * dimensions && items.count % dimensions == 0
        && landmarks.count % dimensions == 0 && map.count == landmarks.count / dimensions * base.count,
      "arrays that do not belong together")
    var parameters = parameters
    parameters[ContentModel.textVersionKey] = Double(ContentText.version)
    parameters[ContentModel.bandwidthKey] = Double(bandwidth)
    let count = landmarks.count / dimensions
    try landmarks.withUnsafeBufferPointer { (landmarks) throws(ModelFault) in
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
            ("landmarks", Part(.f32, [count, dimensions], UnsafeRawBufferPointer(landmarks))),
            ("map", Part(.f32, [count, base.count], UnsafeRawBufferPointer(map))),
            ("base", .from(base)),
          ])
      }
    }
  }
}
