import Glibc

/// What the models of a blend say of the best candidates of every query, rescaled in each of several ways: all that
/// trying weights needs.
///
/// The models score every query once. What no model ranks among its best cannot rank high in a sum of them, so trying a
/// vector of weights costs candidates instead of items.
struct BlendCandidates: Sendable {
  /// One query. The right items stand first.
  private struct Entry: Sendable {
    /// Scale by scale, model by model, candidate by candidate.
    var scores: [Float] = []
    var count = 0
    var right = 0
  }

  /// Unchecked because it is filled by the one task of its batch and read after the run.
  private final class Slot: @unchecked Sendable {
    var content: [Entry] = []
  }

  private let entries: [Entry]
  private let models: Int

  var count: Int { entries.count }

  /// O(queries · (models' scoring + models · scales · items)).
  ///
  /// - Parameter given: wrong candidates of each query if they are given; else the `width` best of each model.
  init(
    _ blend: LinearBlend, scales: [ScoreScale], _ set: EvaluationSet, given: [[UInt32]]?, width: Int,
    pool: ThreadPool, progress: @escaping @Sendable (Double) -> Void
  ) {
    let (items, models) = (blend.itemCount, blend.parts.count)
    self.models = models
    let seats = (0..<pool.threads).map { _ in
      (
        scratch: blend.makeScratch(), list: TopList(width: width),
        work: SharedArray<Float>(repeating: 0, count: items),
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
        }
        for (index, query) in queries.enumerated() {
          let right = set.relevant[set.relevantStart[first + index]..<set.relevantStart[first + index + 1]]
          let scores = seat.scores.map { $0.pointer + index * items }
          let seen = set.seenRule == .excluded ? Array(query.pairItems) : []
          let chosen =
            given.map { Self.given($0[first + index], right) }
            ?? Self.best(scores, items, right: right, seen: seen, list: seat.list)
          var entry = Entry(count: chosen.count, right: right.count)
          entry.scores.reserveCapacity(chosen.count * models * scales.count)
          for scale in scales {
            for score in scores {
              seat.work.pointer.update(from: score, count: items)
              scale.apply(
                seat.work.pointer, count: items, leavingOut: seen, ranks: seat.scratch.ranks)
              for item in chosen { entry.scores.append(seat.work[Int(item)]) }
            }
          }
          slots[batch].content.append(entry)
        }
      }
      if worker == 0 { progress(Double(batch) / Double(batches)) }
    }
    entries = slots.flatMap(\.content)
  }

  private static func given(_ others: [UInt32], _ right: ArraySlice<UInt32>) -> [UInt32] {
    let isRight = Set(right)
    return right + others.filter { !isRight.contains($0) }
  }

  /// The right items, and the best of each model that the user does not have.
  private static func best(
    _ scores: [UnsafeMutablePointer<Float>], _ items: Int, right: ArraySlice<UInt32>, seen: [UInt32],
    list: TopList
  ) -> [UInt32] {
    var taken = Set(right)
    taken.formUnion(seen)
    var order = Array(right)
    for model in scores {
      // What the user has must not take the places of what may be shown.
      let saved = seen.map { model[Int($0)] }
      for item in seen { model[Int(item)] = 0 }
      for item in 0..<items where model[item] != 0 {
        list.offer(UInt32(truncatingIfNeeded: item), model[item])
      }
      for (item, value) in zip(seen, saved) { model[Int(item)] = value }
      let found = list.count
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, found)) { rows in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, found)) { values in
          guard let rows = rows.baseAddress, let values = values.baseAddress else { return }
          list.drain(rows: rows, scores: values)
          for place in 0..<found where taken.insert(rows[place]).inserted { order.append(rows[place]) }
        }
      }
    }
    return order
  }

  /// Mean NDCG of the first `length` over the given queries for several vectors of weights that differ at one place
  /// only: O(queries · candidates · (models + tried)). Ties count against the sum. Queries in pieces, added in order.
  func values(
    scale: Int, weights: [Double], replacing place: Int, by tried: [Double], of queries: [Int], length: Int,
    pool: ThreadPool
  ) -> [Double] {
    if queries.isEmpty || tried.isEmpty { return tried.map { _ in 0 } }
    let pieceQueries = 64
    let pieces = ShardPass.chunks(of: queries.count, size: pieceQueries)
    let sums = SharedArray<Double>(repeating: 0, count: pieces * tried.count)
    let gains = (0..<max(1, length)).map { 1 / log2(Double($0) + 2) }
    pool.run(tasks: pieces) { _, piece in
      var base: [Float] = []
      var sum: [Float] = []
      let range = (piece * pieceQueries)..<min(queries.count, (piece + 1) * pieceQueries)
      for entry in queries[range].lazy.map({ entries[$0] }) {
        let count = entry.count
        base.removeAll(keepingCapacity: true)
        base.append(contentsOf: repeatElement(0, count: count))
        sum = base
        entry.scores.withUnsafeBufferPointer { scores in
          for model in 0..<models where model != place && weights[model] != 0 {
            let (weight, start) = (Float(weights[model]), (scale * models + model) * count)
            for candidate in 0..<count { base[candidate] += weight * scores[start + candidate] }
          }
          let start = (scale * models + place) * count
          for (attempt, value) in tried.enumerated() {
            let weight = Float(value)
            for candidate in 0..<count {
              sum[candidate] = base[candidate] + weight * scores[start + candidate]
            }
            sums[piece * tried.count + attempt] += Self.ndcg(sum, right: entry.right, gains)
          }
        }
      }
    }
    return tried.indices.map { attempt in
      (0..<pieces).reduce(0.0) { $0 + sums[$1 * tried.count + attempt] } / Double(queries.count)
    }
  }

  /// NDCG of a list as long as there are gains; the right items are the first.
  private static func ndcg(_ scores: [Float], right: Int, _ gains: [Double]) -> Double {
    scores.withUnsafeBufferPointer { scores in
      var gain = 0.0
      for item in 0..<right {
        let own = scores[item].isNaN ? -Float.infinity : scores[item]
        var ahead = 0
        for wrong in right..<scores.count { ahead += scores[wrong] < own ? 0 : 1 }
        if ahead >= gains.count { continue }
        for other in 0..<right where other != item {
          ahead += scores[other] > own || (scores[other] == own && other < item) ? 1 : 0
        }
        if ahead < gains.count { gain += gains[ahead] }
      }
      let ideal = gains.prefix(right).reduce(0, +)
      return ideal > 0 ? gain / ideal : 0
    }
  }
}
