/// Finds the weights of a `LinearBlend` on a validation set by coordinate search.
///
/// The models score every query once; the best candidates of each, and the right items, are kept with all their
/// rescaled scores. What no model ranks among its best cannot rank high in a sum of them, so trying a vector of
/// weights costs candidates instead of items.
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

  /// What was found.
  package struct Outcome: Sendable {
    package let blend: LinearBlend
    /// Mean NDCG on the candidates of the validation set.
    package let value: Double
    /// The same for each part alone, in the order of the parts.
    package let alone: [Double]
  }

  /// O(queries · (models' scoring + tried weights · candidates)).
  /// Memory: 4 · queries · parts · width · (parts + 2) bytes at most, and the blend's scratch.
  ///
  /// - Returns: the best blend; the weights sum to 1 in magnitude. Without queries the weights are equal.
  package func tune(
    _ parts: [LinearBlend.Part], scale: ScoreScale, on set: EvaluationSet, pool: ThreadPool
  ) -> Outcome {
    let blend = LinearBlend(parts, scale: scale, seenRule: set.seenRule)
    let candidates = collect(blend, set, pool: pool)
    func value(_ weights: [Double]) -> Double { mean(candidates, weights.map { Float($0) }, pool: pool) }
    let units = parts.indices.map { place in parts.indices.map { $0 == place ? 1.0 : 0 } }
    let alone = units.map { value($0) }
    // From the equal blend and from the best single model; the better end wins.
    var starts = [[Double](repeating: 1, count: parts.count)]
    if let best = alone.indices.max(by: { alone[$0] < alone[$1] }) {
      starts.append(parts.indices.map { $0 == best ? 1 : 0.1 })
    }
    var best: (value: Double, weights: [Double]) = (-1, starts[0])
    for start in starts {
      let found = search(from: start, value)
      if found.value > best.value { best = found }
    }
    let total = best.weights.reduce(0) { $0 + abs($1) }
    let tuned = parts.indices.map { place in
      var part = parts[place]
      part.weight = total > 0 ? best.weights[place] / total : 1
      return part
    }
    return Outcome(
      blend: LinearBlend(tuned, scale: scale, seenRule: set.seenRule), value: best.value, alone: alone)
  }

  private func search(from start: [Double], _ value: ([Double]) -> Double) -> (
    value: Double, weights: [Double]
  ) {
    var weights = start
    var best = value(weights)
    for _ in 0..<roundsMax {
      let before = best
      for place in weights.indices {
        let old = weights[place]
        // A weight of zero comes back as a small share of the largest.
        let base = old > 0 ? old : 0.1 * (weights.max() ?? 1)
        var kept = old
        for tried in [0] + factors.map({ base * $0 }) + (old > 0 ? [] : [base]) {
          weights[place] = tried
          if weights.allSatisfy({ $0 == 0 }) { continue }
          let now = value(weights)
          if now > best { (best, kept) = (now, tried) }
        }
        weights[place] = kept
      }
      if best - before < 1e-6 { break }
    }
    return (best, weights)
  }

  /// Candidates of one query: rescaled scores candidate by candidate, the right ones first.
  private struct Candidates: Sendable {
    var features: [Float]
    var right: Int
  }

  private func collect(_ blend: LinearBlend, _ set: EvaluationSet, pool: ThreadPool) -> [Candidates] {
    let (items, models) = (blend.itemCount, blend.parts.count)
    let seats = (0..<pool.threads).map { _ in
      (
        scratch: blend.makeScratch(), list: TopList(width: width),
        scores: (0..<models).map { _ in
          SharedArray<Float>(repeating: 0, count: Evaluator.batchQueries * items)
        }
      )
    }
    let batches = ShardPass.chunks(of: set.count, size: Evaluator.batchQueries)
    let slots = (0..<batches).map { _ in Slot() }
    pool.run(tasks: batches) { worker, batch in
      let seat = seats[worker]
      let first = batch * Evaluator.batchQueries
      let range = first..<min(set.count, first + Evaluator.batchQueries)
      set.withQueries(range) { queries in
        for model in 0..<models {
          blend.parts[model].ranker.score(
            queries, into: seat.scores[model].pointer, scratch: seat.scratch.parts[model])
          for (index, query) in queries.enumerated() {
            blend.rescale(seat.scores[model].pointer + index * items, query, seat.scratch)
          }
        }
        for (index, query) in queries.enumerated() {
          let right = set.relevant[set.relevantStart[first + index]..<set.relevantStart[first + index + 1]]
          let chosen = choose(
            seat.scores.map { $0.pointer + index * items }, items, right: right,
            seen: set.seenRule == .excluded ? Set(query.pairItems) : [], list: seat.list)
          slots[batch].content.append(chosen)
        }
      }
    }
    return slots.flatMap(\.content)
  }

  /// Unchecked because it is filled by the one task of its batch and read after the run.
  private final class Slot: @unchecked Sendable {
    var content: [Candidates] = []
  }

  private func choose(
    _ scores: [UnsafeMutablePointer<Float>], _ items: Int, right: ArraySlice<UInt32>, seen: Set<UInt32>,
    list: TopList
  ) -> Candidates {
    var taken = Set(right)
    var order = Array(right)
    for model in scores {
      for item in 0..<items where model[item] != 0 {
        list.offer(UInt32(truncatingIfNeeded: item), model[item])
      }
      let found = list.count
      var (rows, values) = ([UInt32](repeating: 0, count: found), [Float](repeating: 0, count: found))
      rows.withUnsafeMutableBufferPointer { rows in
        values.withUnsafeMutableBufferPointer { values in
          guard let rows = rows.baseAddress, let values = values.baseAddress else { return }
          list.drain(rows: rows, scores: values)
        }
      }
      for row in rows where !seen.contains(row) && taken.insert(row).inserted { order.append(row) }
    }
    var features: [Float] = []
    features.reserveCapacity(order.count * scores.count)
    for item in order { for model in scores { features.append(model[Int(item)]) } }
    return Candidates(features: features, right: right.count)
  }

  /// Mean NDCG of the weighted sums. Queries in pieces added in order.
  private func mean(_ candidates: [Candidates], _ weights: [Float], pool: ThreadPool) -> Double {
    if candidates.isEmpty { return 0 }
    let pieceQueries = 64
    let pieces = ShardPass.chunks(of: candidates.count, size: pieceQueries)
    let sums = SharedArray<Double>(repeating: 0, count: pieces)
    let (models, length) = (weights.count, length)
    pool.run(tasks: pieces) { _, piece in
      var scores: [Float] = []
      for query in (piece * pieceQueries)..<min(candidates.count, (piece + 1) * pieceQueries) {
        let one = candidates[query]
        scores.removeAll(keepingCapacity: true)
        one.features.withUnsafeBufferPointer { features in
          for start in stride(from: 0, to: features.count, by: models) {
            var sum: Float = 0
            for model in 0..<models { sum += weights[model] * features[start + model] }
            scores.append(sum)
          }
        }
        let right = one.right
        scores.withUnsafeBufferPointer { scores in
          let ranked = RankMetrics(scores: scores, right: (0..<right).map { UInt32($0) }) { $0 >= right }
          sums[piece] += ranked.ndcg(length)
        }
      }
    }
    return sums.elements.reduce(0, +) / Double(candidates.count)
  }
}
