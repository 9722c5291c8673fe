import Vocabulary

/// Predicts what a user would rate an item: r̂ = μ + b_u + b_i + ⟨p_u, q_i⟩ (Koren and Bell, "Advances in collaborative
/// filtering", Recommender Systems Handbook 2011), averaged over samples of the posterior (Salakhutdinov and Mnih 2008).
/// `RatingTable` says what is stored. `RatingModel+FoldIn` finds users and predicts.
package struct RatingModel: Sendable {
  static let family = "ratings"
  static let meanKey = "mean"
  static let lowKey = "low"
  static let highKey = "high"

  package let itemCount: Int
  package let samples: Int
  /// 1 + dimensions.
  package let width: Int
  package let mean: Double
  /// Predictions stay inside.
  package let range: ClosedRange<Double>
  /// Numbers it was trained with.
  package let parameters: [String: Double]
  private let memory: GenerationMemory
  private let table: ArrayView<Float>
  private let userMeanView: ArrayView<Float>
  private let userPrecisionView: ArrayView<Float>
  private let noiseView: ArrayView<Float>

  /// Checks shapes, parameters, finiteness, and that precisions are above zero. O(bytes).
  init(_ files: ModelFiles, items: UInt64) throws(ModelFault) {
    itemCount = Int(clamping: items)
    memory = files.memory
    parameters = files.info.parameters
    mean = try files.parameter(Self.meanKey, atLeast: -Limits.eventValueMax)
    let low = try files.parameter(Self.lowKey, atLeast: -Limits.eventValueMax)
    let high = try files.parameter(Self.highKey, atLeast: low)
    range = low...high
    let (table, shape) = try files.array("items", of: Float.self, shape: [nil, itemCount + 1, nil])
    (samples, width) = (shape[0], shape[2])
    guard samples >= 1, samples <= Limits.ratingSamplesMax else {
      throw files.fault("has \(samples) samples; 1 to \(Limits.ratingSamplesMax) are possible.", "items")
    }
    guard width >= 1, width <= Limits.ratingDimensionsMax + 1 else {
      throw files.fault("has rows of \(width); 1 to \(Limits.ratingDimensionsMax + 1) are possible.", "items")
    }
    self.table = table
    userMeanView = try files.array("user-means", of: Float.self, shape: [samples * width]).view
    userPrecisionView = try files.array("user-precisions", of: Float.self, shape: [samples * width]).view
    noiseView = try files.array("noise", of: Float.self, shape: [samples]).view
    try files.checkFinite(table.elements, "items")
    try files.checkFinite(userMeanView.elements, "user-means")
    for (view, role) in [(userPrecisionView, "user-precisions"), (noiseView, "noise")] {
      try files.checkFinite(view.elements, role)
      if let place = view.elements.firstIndex(where: { $0 <= 0 }) {
        throw files.fault("holds \(view[place]) at element \(place); precisions are above zero.", role)
      }
    }
  }

  /// Bias and factors of an item in one sample; of an item the model does not know if `row` is nil.
  /// REQUIRES: 0 <= sample < samples; row is nil or 0 <= row < itemCount.
  package func item(_ row: Int?, sample: Int) -> UnsafeBufferPointer<Float> {
    let row = row ?? itemCount
    precondition(sample >= 0 && sample < samples && row >= 0 && row <= itemCount, "row out of range")
    let start = (sample * (itemCount + 1) + row) * width
    return UnsafeBufferPointer(rebasing: table.elements[start..<start + width])
  }

  func userMeans(_ sample: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: userMeanView.elements[sample * width..<(sample + 1) * width])
  }

  func userPrecisions(_ sample: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: userPrecisionView.elements[sample * width..<(sample + 1) * width])
  }

  func noise(_ sample: Int) -> Float { noiseView[sample] }
}
