/// Users by items with the rating as the value of each pair.
///
/// A `PairMatrix` whose confidences are ratings: they may be zero or negative.
package typealias RatingMatrix = PairMatrix

/// Predicts a rating as mean + user's bias + item's bias, each bias pulled to zero by its regularisation (Koren and
/// Bell, "Advances in collaborative filtering", Recommender Systems Handbook 2011, section 3.1).
package struct BiasModel: Sendable {
  package struct Settings: Sendable, Hashable {
    /// Ratings added at zero deviation to each user's and item's own.
    package var userRegularisation = 8.0
    package var itemRegularisation = 4.0
    /// Rounds of solving all users, then all items.
    package var iterations = 10
    package init() {}
  }

  package let mean: Double
  package let users: [Float]
  package let items: [Float]

  /// O(ratings · iterations); every half round is an exact solution.
  package init(_ ratings: RatingMatrix, settings: Settings = Settings(), pool: ThreadPool) {
    let byItem = ratings.transposed()
    let mean =
      ratings.pairCount > 0
      ? ratings.confidences.reduce(0.0) { $0 + Double($1) } / Double(ratings.pairCount) : 0
    let users = SharedArray<Float>(repeating: 0, count: ratings.rowCount)
    let items = SharedArray<Float>(repeating: 0, count: ratings.columnCount)
    for _ in 0..<settings.iterations {
      Self.solve(byItem, mean, others: users, regularisation: settings.itemRegularisation, into: items, pool)
      Self.solve(ratings, mean, others: items, regularisation: settings.userRegularisation, into: users, pool)
    }
    self.mean = mean
    self.users = users.array()
    self.items = items.array()
  }

  private static func solve(
    _ matrix: PairMatrix, _ mean: Double, others: SharedArray<Float>, regularisation: Double,
    into biases: SharedArray<Float>, _ pool: ThreadPool
  ) {
    let chunkRows = 512
    pool.run(tasks: ShardPass.chunks(of: matrix.rowCount, size: chunkRows)) { _, chunk in
      for row in (chunk * chunkRows)..<min(matrix.rowCount, (chunk + 1) * chunkRows) {
        var sum = 0.0
        let range = matrix.pairs(of: row)
        for pair in range {
          sum += Double(matrix.confidences[pair]) - mean - Double(others[Int(matrix.columns[pair])])
        }
        biases[row] = range.isEmpty ? 0 : Float(sum / (Double(range.count) + regularisation))
      }
    }
  }

  /// Nil stands for a user or item without ratings. O(1).
  package func predict(user: Int?, item: Int?) -> Double {
    mean + (user.map { Double(users[$0]) } ?? 0) + (item.map { Double(items[$0]) } ?? 0)
  }
}
