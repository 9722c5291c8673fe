/// Shares of several predictors whose mean is closest to the truth: least squares over shares that are not negative and sum
/// to 1 (stacking with such constraints: Breiman, "Stacked regressions", Machine Learning 1996). Such a mean stays within
/// what the parts say and cannot run away on little data.
package enum PredictionBlend {
  /// O(rows · parts² + rounds · parts²).
  ///
  /// - Parameters:
  ///   - predictions: part by part, one for each row.
  ///   - truths: one for each row, which no part has seen.
  /// - Returns: a share for each part; equal ones with fewer than ten rows.
  package static func shares(_ predictions: [[Double]], truths: [Double]) -> [Double] {
    let parts = predictions.count
    var shares = [Double](repeating: 1 / Double(max(1, parts)), count: parts)
    if truths.count < 10 || parts < 2 { return shares }
    // Errors make the constraint a help: with shares that sum to 1 the error of the mean is the mean of the errors.
    let errors = predictions.map { zip($0, truths).map { $0 - $1 } }
    let products = errors.map { a in errors.map { b in zip(a, b).reduce(0.0) { $0 + $1.0 * $1.1 } } }
    func slope(_ part: Int) -> Double { (0..<parts).reduce(0.0) { $0 + products[part][$1] * shares[$1] } }
    // Share moves between two parts at a time, each move to the exact minimum within the bounds.
    for _ in 0..<200 {
      var moved = 0.0
      for a in 0..<parts {
        for b in 0..<a {
          let curve = products[a][a] + products[b][b] - 2 * products[a][b]
          if curve <= 1e-12 { continue }
          let step = min(max((slope(b) - slope(a)) / curve, -shares[a]), shares[b])
          shares[a] += step
          shares[b] -= step
          moved += abs(step)
        }
      }
      if moved < 1e-9 { break }
    }
    return shares
  }
}
