import Kernels
import Vocabulary

/// Memory for `RatingModel.foldIn`, owned by the caller and reused: about 140 bytes for each dimension and sample and
/// 1 KiB for each dimension. Not sendable: one for each thread.
package final class RatingScratch {
  let samples: Int
  let width: Int
  let matrix: SymmetricMatrix
  /// The right-hand side, then the user's row, padded like the matrix.
  let solution: UnsafeMutableBufferPointer<Float>
  /// Rows of the rated items with a one in place of the bias, and the weight of each.
  let rows: UnsafeMutableBufferPointer<Float>
  let weights: UnsafeMutableBufferPointer<Float>
  /// The user's row of every sample.
  let users: UnsafeMutableBufferPointer<Float>

  package init(for model: RatingModel) {
    samples = model.samples
    width = model.width
    matrix = SymmetricMatrix(width: width)
    // Kernels write through pointers, and nothing else refers to this memory.
    solution = .allocate(capacity: matrix.padded)
    rows = .allocate(capacity: Limits.foldInRatingsMax * width)
    weights = .allocate(capacity: Limits.foldInRatingsMax)
    users = .allocate(capacity: samples * width)
    for memory in [solution, rows, weights, users] { memory.initialize(repeating: 0) }
  }

  deinit { for memory in [solution, rows, weights, users] { memory.deallocate() } }

  package func fits(_ model: RatingModel) -> Bool { samples == model.samples && width == model.width }
}

extension RatingModel {
  /// The user's row in every sample, the mean of its posterior given the ratings, into `scratch`:
  ///
  ///     (P + α Σ x xᵀ) u = P m + α Σ (r − μ − b_i) x,   x = (1, q_i)
  ///
  /// with the prior's means m and precisions P and the noise's precision α. Without ratings it is the prior's mean.
  /// Allocates nothing. O(samples · (ratings · width² + width³)).
  /// REQUIRES: as many values as rows, at most `Limits.foldInRatingsMax`; every row < itemCount; `scratch.fits(self)`.
  package func foldIn(
    rows: UnsafeBufferPointer<UInt32>, values: UnsafeBufferPointer<Float>, into scratch: RatingScratch
  ) {
    precondition(
      rows.count == values.count && rows.count <= Limits.foldInRatingsMax,
      "as many values as rows, not too many")
    precondition(scratch.fits(self), "scratch of another model")
    for sample in 0..<samples {
      let (means, precisions, noise) = (userMeans(sample), userPrecisions(sample), noise(sample))
      scratch.matrix.clear()
      scratch.solution.update(repeating: 0)
      for index in 0..<width { scratch.solution[index] = precisions[index] * means[index] }
      for (place, row) in rows.enumerated() {
        let item = item(Int(row), sample: sample)
        let rest = noise * Float(Double(values[place]) - mean - Double(item[0]))
        let input = UnsafeMutableBufferPointer(rebasing: scratch.rows[place * width..<(place + 1) * width])
        _ = input.update(from: item)
        input[0] = 1
        scratch.weights[place] = noise
        for index in 0..<width { scratch.solution[index] += rest * input[index] }
      }
      scratch.matrix.add(
        rows: UnsafeBufferPointer(rebasing: scratch.rows[..<(rows.count * width)]),
        weights: UnsafeBufferPointer(rebasing: scratch.weights[..<rows.count]))
      for index in 0..<width { scratch.matrix[index, index] += precisions[index] }
      let user = UnsafeMutableBufferPointer(rebasing: scratch.users[sample * width..<(sample + 1) * width])
      let isSolved = scratch.matrix.factor()
      if isSolved { scratch.matrix.solve(scratch.solution) }
      let found = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(scratch.solution)[..<width])
      // Ratings far outside of any scale may leave the range of numbers; then the prior answers.
      _ = user.update(from: isSolved && found.allSatisfy(\.isFinite) ? found : means)
    }
  }

  /// The rating that the user of the last `foldIn` would give an item; `row` is nil for one the model does not know.
  /// O(samples · width), allocates nothing.
  /// REQUIRES: row is nil or 0 <= row < itemCount; `scratch` was filled by this model.
  package func predict(row: Int?, _ scratch: RatingScratch) -> Float {
    var sum = 0.0
    for sample in 0..<samples {
      let item = item(row, sample: sample)
      sum += Double(scratch.users[sample * width]) + Double(item[0])
      for index in 1..<max(1, width) {
        sum += Double(scratch.users[sample * width + index]) * Double(item[index])
      }
    }
    let rating = mean + sum / Double(samples)
    return Float(min(max(rating, range.lowerBound), range.upperBound))
  }
}
