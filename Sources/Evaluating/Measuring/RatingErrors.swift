import Training

/// Errors of predicted ratings, kept by user because a user's errors are alike.
package struct RatingErrors: Sendable {
  private var squares: [Double]
  private var sizes: [Double]
  private var counts: [Double]

  package init(userCount: Int) {
    squares = [Double](repeating: 0, count: userCount)
    sizes = squares
    counts = squares
  }

  package mutating func add(user: Int, error: Double) {
    squares[user] += error * error
    sizes[user] += error.magnitude
    counts[user] += 1
  }

  /// √(Σ error² / ratings).
  package var rmse: Double { (squares.reduce(0, +) / max(1, counts.reduce(0, +))).squareRoot() }
  /// Σ |error| / ratings.
  package var mae: Double { sizes.reduce(0, +) / max(1, counts.reduce(0, +)) }

  package func estimates(_ bootstrap: Bootstrap, pool: ThreadPool) -> [Estimate] {
    let users = counts.indices.filter { counts[$0] > 0 }
    let intervals = bootstrap.intervals(
      users.flatMap { [squares[$0], sizes[$0]] }, columns: 2, denominators: users.map { counts[$0] },
      pool: pool)
    return [
      Estimate(
        name: "RMSE", value: rmse, low: intervals?[0].low.squareRoot(), high: intervals?[0].high.squareRoot()),
      Estimate(name: "MAE", value: mae, low: intervals?[1].low, high: intervals?[1].high),
    ]
  }
}
