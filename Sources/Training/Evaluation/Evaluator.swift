/// Asks a model every query of a set and measures the answers, ranking the whole catalogue.
package struct Evaluator: Sendable {
  /// Queries scored at a time: enough for a matrix product to be worth it.
  package static let batchQueries = 32
  /// Lengths of list that are measured unless others are asked for.
  package static let lengths = [10, 20]
  package static let kinds = ["HR", "Recall", "Precision", "NDCG", "MRR", "MAP"]
  package static let metricsPerUser = lengths.count * kinds.count

  /// What came out for one model.
  package struct Result: Sendable, Hashable {
    /// Such as `NDCG@20`.
    package let names: [String]
    /// Query q's metrics: `perQuery[q * names.count ..< (q + 1) * names.count]`.
    package let perQuery: [Double]
    /// Mean over the queries.
    package let means: [String: Double]
  }

  package let set: EvaluationSet
  package let lengths: [Int]
  private let pool: ThreadPool

  package init(_ set: EvaluationSet, lengths: [Int] = Evaluator.lengths, pool: ThreadPool) {
    self.set = set
    self.lengths = lengths
    self.pool = pool
  }

  package var names: [String] { lengths.flatMap { k in Self.kinds.map { "\($0)@\(k)" } } }

  /// O(queries · items), plus the model's own work.
  package func measure(_ model: some Ranker, progress: @escaping @Sendable (Double) -> Void = { _ in })
    -> Result
  {
    let names = names
    let (width, count) = (names.count, set.itemCount)
    let metrics = SharedArray<Double>(repeating: 0, count: set.count * width)
    let seats = (0..<pool.threads).map { _ in
      (
        scores: SharedArray<Float>(repeating: 0, count: Self.batchQueries * count),
        isTaken: SharedArray<Bool>(repeating: false, count: count), scratch: model.makeScratch()
      )
    }
    let batches = ShardPass.chunks(of: set.count, size: Self.batchQueries)
    pool.run(tasks: batches) { worker, batch in
      let seat = seats[worker]
      let first = batch * Self.batchQueries
      let queries = first..<min(set.count, first + Self.batchQueries)
      set.withQueries(queries) { model.score($0, into: seat.scores.pointer, scratch: seat.scratch) }
      for query in queries {
        let scores = UnsafeBufferPointer(
          start: UnsafePointer(seat.scores.pointer + (query - first) * count), count: count)
        let ranked = rank(query, scores: scores, isTaken: seat.isTaken)
        for (place, k) in lengths.enumerated() {
          let target = metrics.pointer + query * width + place * Self.kinds.count
          target[0] = ranked.hitRate(k)
          target[1] = ranked.recall(k)
          target[2] = ranked.precision(k)
          target[3] = ranked.ndcg(k)
          target[4] = ranked.reciprocalRank(k)
          target[5] = ranked.averagePrecision(k)
        }
      }
      if worker == 0 { progress(Double(batch) / Double(batches)) }
    }
    return Result(names: names, perQuery: metrics.array(), means: means(of: metrics, names: names))
  }

  /// `isTaken` is all false between calls.
  private func rank(_ query: Int, scores: UnsafeBufferPointer<Float>, isTaken: SharedArray<Bool>)
    -> RankMetrics
  {
    let right = set.relevant[set.relevantStart[query]..<set.relevantStart[query + 1]]
    let seen = set.seenRule == .excluded ? set.pairs.columns[set.pairs.pairs(of: query)] : []
    for item in seen { isTaken[Int(item)] = true }
    for item in right { isTaken[Int(item)] = true }
    defer {
      for item in seen { isTaken[Int(item)] = false }
      for item in right { isTaken[Int(item)] = false }
    }
    let taken = isTaken.pointer
    return RankMetrics(scores: scores, right: right) { !taken[$0] }
  }

  private func means(of metrics: SharedArray<Double>, names: [String]) -> [String: Double] {
    var sums = [Double](repeating: 0, count: names.count)
    for query in 0..<set.count {
      for place in names.indices { sums[place] += metrics[query * names.count + place] }
    }
    return Dictionary(
      uniqueKeysWithValues: zip(names, sums.map { set.count > 0 ? $0 / Double(set.count) : 0 }))
  }
}

extension EvaluationSet {
  /// Calls `body` with the given queries; their memory is valid during the call.
  package func withQueries(_ chosen: some Sequence<Int>, _ body: ([Query]) -> Void) {
    history.withUnsafeBufferPointer { history in
      pairs.columns.withUnsafeBufferPointer { items in
        pairs.confidences.withUnsafeBufferPointer { confidences in
          body(
            chosen.map { query in
              let pairs = pairs.pairs(of: query)
              return Query(
                user: users[query],
                history: UnsafeBufferPointer(
                  rebasing: history[historyStart[query]..<historyStart[query + 1]]),
                pairItems: UnsafeBufferPointer(rebasing: items[pairs]),
                pairConfidences: UnsafeBufferPointer(rebasing: confidences[pairs]))
            })
        }
      }
    }
  }
}
