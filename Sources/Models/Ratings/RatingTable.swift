/// A model of ratings as the trainer hands it over:
///
///     r̂ = mean + average over samples of (b_u + b_i + ⟨p_u, q_i⟩)
///
/// Items are stored. A user's row is found when it is asked for: in every sample the mean of the normal posterior that
/// follows from `userMeans`, `userPrecisions` and `noise` and the user's ratings. One sample of width 1 is the model of
/// biases alone.
package struct RatingTable: Sendable, Hashable {
  package var mean: Double
  /// Ratings seen; predictions stay inside.
  package var low: Double
  package var high: Double
  package var samples: Int
  /// 1 + dimensions. A row is the bias, then the factors.
  package var width: Int
  /// Sample by sample, row by row. Each sample has one row more than there are items: the last stands for an item
  /// that nobody had rated.
  package var items: [Float]
  /// Of each sample: what a user's row is before their ratings speak, and how firmly.
  package var userMeans: [Float]
  package var userPrecisions: [Float]
  /// Of each sample: precision of a rating around its prediction.
  package var noise: [Float]

  package init(
    mean: Double, low: Double, high: Double, samples: Int, width: Int, items: [Float], userMeans: [Float],
    userPrecisions: [Float], noise: [Float]
  ) {
    self.mean = mean
    self.low = low
    self.high = high
    self.samples = samples
    self.width = width
    self.items = items
    self.userMeans = userMeans
    self.userPrecisions = userPrecisions
    self.noise = noise
  }
}

extension GenerationWriter {
  /// The model of ratings.
  /// REQUIRES: samples >= 1, width >= 1, `items` made of whole samples of whole rows.
  package func addRatings(_ table: RatingTable, parameters: [String: Double] = [:]) throws(ModelFault) {
    let rows = table.items.count / max(1, table.samples * table.width)
    var parameters = parameters
    parameters[RatingModel.meanKey] = table.mean
    parameters[RatingModel.lowKey] = table.low
    parameters[RatingModel.highKey] = table.high
    try table.items.withUnsafeBufferPointer { (items) throws(ModelFault) in
      try add(
        ModelName.ratings, family: RatingModel.family, parameters: parameters,
        [
          ("items", Part(.f32, [table.samples, rows, table.width], UnsafeRawBufferPointer(items))),
          ("user-means", .from(table.userMeans)), ("user-precisions", .from(table.userPrecisions)),
          ("noise", .from(table.noise)),
        ])
    }
  }
}
