import Training
import Vocabulary

/// Percentile intervals by resampling questions with replacement (Efron and Tibshirani, "An introduction to the
/// bootstrap", 1993, chapter 13).
package struct Bootstrap: Sendable {
  package let resamples: Int
  package let seed: UInt64

  package init(resamples: Int, seed: UInt64) {
    self.resamples = resamples
    self.seed = seed
  }

  /// 95 % intervals of Σ numerator / Σ denominator for each column, every resample drawing the same questions for
  /// all columns and all models. Terms that are not a number are left out. O(resamples · questions · columns).
  ///
  /// - Parameters:
  ///   - numerators: question q's values: `numerators[q * columns ..< (q + 1) * columns]`.
  ///   - denominators: one for each question; nil counts questions.
  /// - Returns: lower and upper end of each column; nil without resamples or questions.
  package func intervals(
    _ numerators: [Double], columns: Int, denominators: [Double]? = nil, pool: ThreadPool
  ) -> [(low: Double, high: Double)]? {
    let count = columns > 0 ? numerators.count / columns : 0
    if count == 0 || resamples < 2 { return nil }
    let results = SharedArray<Double>(repeating: 0, count: resamples * columns)
    let seats = (0..<pool.threads).map { _ in
      (
        sums: SharedArray<Double>(repeating: 0, count: columns),
        weights: SharedArray<Double>(repeating: 0, count: columns)
      )
    }
    pool.run(tasks: resamples) { worker, resample in
      let (sums, weights) = (seats[worker].sums.pointer, seats[worker].weights.pointer)
      sums.update(repeating: 0, count: columns)
      weights.update(repeating: 0, count: columns)
      let key = StableHash.mix(seed &+ 0x9e37_79b9_7f4a_7c15) ^ StableHash.mix(UInt64(resample) &+ 1)
      numerators.withUnsafeBufferPointer { numerators in
        for draw in 0..<count {
          let random = StableHash.mix(key &+ UInt64(draw) &* 0x9e37_79b9_7f4a_7c15)
          let question = Int(random.multipliedFullWidth(by: UInt64(count)).high)
          let weight = denominators?[question] ?? 1
          let row = question * columns
          for column in 0..<columns {
            let value = numerators[row + column]
            if value.isNaN { continue }
            sums[column] += value
            weights[column] += weight
          }
        }
      }
      for column in 0..<columns {
        results[resample * columns + column] = weights[column] > 0 ? sums[column] / weights[column] : .nan
      }
    }
    return (0..<columns).map { column in
      let sorted = (0..<resamples).map { results[$0 * columns + column] }.filter { !$0.isNaN }.sorted()
      return (Self.quantile(sorted, 0.025), Self.quantile(sorted, 0.975))
    }
  }

  /// Linear between the two nearest order statistics.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard let last = sorted.last else { return .nan }
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    if below + 1 >= sorted.count { return last }
    return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
  }
}
