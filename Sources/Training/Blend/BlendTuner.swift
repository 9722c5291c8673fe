/// Finds the weights of a `LinearBlend` on a validation set: coordinate search, judged by queries it did not see.
package struct BlendTuner: Sendable {
  /// Candidates taken from each model for a query.
  package var width = 100
  /// Length of the list whose NDCG is maximised.
  package var length = 10
  /// Rounds over all coordinates.
  package var roundsMax = 12
  /// What a weight is tried to be multiplied with, besides zero.
  package var factors = [0.4, 0.7, 0.85, 1.2, 1.5, 2.5]

  package init() {}

  /// How the weights were come by.
  package enum Choice: Sendable, Hashable {
    /// By search: on queries left out it did better than the others.
    case searched
    /// All alike, because search did no better on queries left out.
    case equal
    /// All alike, because there are fewer than four queries.
    case tooFew
    /// One model alone, because nothing did better on queries left out.
    case single
  }

  /// What was found.
  package struct Outcome: Sendable {
    package let blend: LinearBlend
    /// Mean NDCG on the candidates of the validation set.
    package let value: Double
    /// The same where each half of the queries is answered with weights found on the other.
    package let heldOut: Double
    /// NDCG for each part alone, in the order of the parts.
    package let alone: [Double]
    package let choice: Choice
  }

  /// As `tune(_:scales:on:)` with one scale.
  package func tune(
    _ parts: [LinearBlend.Part], scale: ScoreScale, on set: EvaluationSet, pool: ThreadPool
  ) -> Outcome {
    tune(parts, scales: [scale], on: set, pool: pool)
  }

  /// Searched weights in each scale, equal weights in each scale and every part alone compete: each half of the queries
  /// is answered by what was found on the other half, and the winner is found again on all. So with few queries, or parts
  /// that do not add up, a blend falls back to something plainer and is not worse than its best part by more than chance.
  ///
  /// O(queries · (models' scoring + models · scales · items + tried weights · candidates)). Memory:
  /// 4 · queries · parts · width · (parts · scales + 1) bytes at most, and one row of 32 queries for each part and thread.
  ///
  /// - Parameter given: wrong candidates of each query where they are given; nil takes the best of each model.
  /// - Returns: the best blend; the weights sum to 1 in magnitude. With fewer than four queries they are equal.
  package func tune(
    _ parts: [LinearBlend.Part], scales: [ScoreScale], on set: EvaluationSet, given: [[UInt32]]? = nil,
    pool: ThreadPool, progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) -> Outcome {
    let candidates = BlendCandidates(
      LinearBlend(parts, scale: scales[0], seenRule: set.seenRule), scales: scales, set, given: given,
      width: width, pool: pool, progress: { progress(0.5 * $0) })
    let search = WeightSearch(tuner: self, candidates: candidates, parts: parts.count, pool: pool)
    let all = Array(0..<candidates.count)
    let alone = search.units.map { search.value($0, scale: 0, of: all) }
    let equal = [Double](repeating: 1, count: parts.count)
    var best = (
      heldOut: 0.0, value: 0.0, weights: equal, scale: 0, choice: Choice.equal
    )
    if candidates.count < 4 {
      best.choice = .tooFew
      best.value = search.value(equal, scale: 0, of: all)
    } else {
      let halves = [all.filter { $0 % 2 == 0 }, all.filter { $0 % 2 == 1 }]
      let share = Double(halves[0].count) / Double(all.count)
      // Answers each half with what the other half taught.
      func crossed(_ weights: (_ taught: [Int]) -> [Double], _ scale: Int) -> Double {
        share * search.value(weights(halves[1]), scale: scale, of: halves[0])
          + (1 - share) * search.value(weights(halves[0]), scale: scale, of: halves[1])
      }
      best = (-1, 0, equal, 0, .equal)
      for scale in scales.indices {
        let searched = crossed({ search.best(scale: scale, of: $0).weights }, scale)
        if searched > best.heldOut { best = (searched, 0, [], scale, .searched) }
        let plain = crossed({ _ in equal }, scale)
        if plain > best.heldOut { best = (plain, 0, equal, scale, .equal) }
        progress(0.5 + 0.4 * Double(scale + 1) / Double(scales.count))
      }
      let single = crossed({ search.bestUnit(of: $0) }, 0)
      if single > best.heldOut { best = (single, 0, search.bestUnit(of: all), 0, .single) }
      if best.choice == .searched {
        (best.value, best.weights) = search.best(scale: best.scale, of: all)
      } else {
        best.value = search.value(best.weights, scale: best.scale, of: all)
      }
    }
    progress(1)
    let total = best.weights.reduce(0) { $0 + abs($1) }
    let tuned = parts.indices.map { place in
      var part = parts[place]
      part.weight = total > 0 ? best.weights[place] / total : 1
      return part
    }
    return Outcome(
      blend: LinearBlend(tuned, scale: scales[best.scale], seenRule: set.seenRule), value: best.value,
      heldOut: best.heldOut, alone: alone, choice: best.choice)
  }
}

/// Coordinate search for weights on some of the queries.
private struct WeightSearch {
  let tuner: BlendTuner
  let candidates: BlendCandidates
  let parts: Int
  let pool: ThreadPool

  /// Each part alone.
  var units: [[Double]] { (0..<parts).map { place in (0..<parts).map { $0 == place ? 1.0 : 0 } } }

  func value(_ weights: [Double], scale: Int, of queries: [Int]) -> Double {
    candidates.values(
      scale: scale, weights: weights, replacing: 0, by: [weights[0]], of: queries, length: tuner.length,
      pool: pool)[0]
  }

  func bestUnit(of queries: [Int]) -> [Double] {
    let values = units.map { value($0, scale: 0, of: queries) }
    return units[values.indices.max { values[$0] < values[$1] } ?? 0]
  }

  /// From equal weights and from the best part alone; the better end wins.
  func best(scale: Int, of queries: [Int]) -> (value: Double, weights: [Double]) {
    let equal = [Double](repeating: 1, count: parts)
    let nearOne = bestUnit(of: queries).map { $0 > 0 ? 1 : 0.1 }
    let ends = [equal, nearOne].map { climb(from: $0, scale: scale, of: queries) }
    return ends[0].value >= ends[1].value ? ends[0] : ends[1]
  }

  private func climb(from start: [Double], scale: Int, of queries: [Int]) -> (
    value: Double, weights: [Double]
  ) {
    var weights = start
    var best = value(weights, scale: scale, of: queries)
    for _ in 0..<tuner.roundsMax {
      let before = best
      for place in weights.indices {
        let old = weights[place]
        // A weight of zero comes back as a small share of the largest.
        let base = old > 0 ? old : 0.1 * (weights.max() ?? 1)
        let others = weights.enumerated().contains { $0.offset != place && $0.element != 0 }
        let tried =
          (others ? [0] : []) + tuner.factors.map { base * $0 } + (old > 0 ? [] : [base])
        let found = candidates.values(
          scale: scale, weights: weights, replacing: place, by: tried, of: queries, length: tuner.length,
          pool: pool)
        for (value, now) in zip(tried, found) where now > best { (best, weights[place]) = (now, value) }
      }
      if best - before < 1e-6 { break }
    }
    return (best, weights)
  }
}
