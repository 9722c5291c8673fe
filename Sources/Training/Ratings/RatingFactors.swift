/// What `RatingFactorTrainer` makes: samples of biases and factors whose predictions are averaged.
package struct RatingFactors: Sendable {
  /// One draw. Rows are [bias, factors…].
  package struct Sample: Sendable {
    package let users: FactorMatrix
    package let items: FactorMatrix
    /// What a user's row was drawn from before its ratings spoke.
    package let userPrior: GibbsPrior
    /// Precision of a rating around its prediction.
    package let noise: Double
  }

  package let mean: Double
  /// Ratings seen; predictions stay inside.
  package let range: ClosedRange<Double>
  package let samples: [Sample]

  /// b_u + b_i + ⟨p_u, q_i⟩.
  @inline(__always)
  static func score(_ user: UnsafePointer<Float>, _ item: UnsafePointer<Float>, _ width: Int) -> Double {
    var sum = Double(user[0]) + Double(item[0])
    for index in 1..<max(1, width) { sum += Double(user[index]) * Double(item[index]) }
    return sum
  }

  /// O(samples · d). A user or item without ratings has a draw of its prior and is predicted from it.
  /// REQUIRES: both numbers are in the training data.
  package func predict(user: Int, item: Int) -> Double {
    var sum = 0.0
    for sample in samples {
      sum += Self.score(sample.users.row(user), sample.items.row(item), sample.users.dimensions)
    }
    return clamped(samples.isEmpty ? mean : mean + sum / Double(samples.count))
  }

  /// Predictions for a user known by its ratings only, such as one that came after training: in every sample the
  /// posterior mean given those ratings. O(samples · (ratings · d² + d³ + asked · d)).
  package func predict(
    ratedItems: [UInt32], ratings: [Float], items asked: [Int]
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: asked.count)
    for sample in samples {
      let width = sample.items.dimensions
      let user = SharedArray<Float>(repeating: 0, count: width)
      GibbsSeat(width: width).solve(
        columns: ratedItems[...], ratings: ratings[...], mean: mean, prior: sample.userPrior,
        noise: sample.noise, fixed: sample.items, into: user.pointer
      ) { 0 }
      for place in asked.indices {
        sums[place] += Self.score(user.pointer, sample.items.row(asked[place]), width)
      }
    }
    return sums.map { clamped(samples.isEmpty ? mean : mean + $0 / Double(samples.count)) }
  }

  private func clamped(_ rating: Double) -> Double { min(max(rating, range.lowerBound), range.upperBound) }
}
