import Kernels
import Training

/// What one model did with all questions: a column of values for each metric, and metrics of all lists together.
package struct Measurement: Sendable {
  /// Names such as `NDCG@20` with one value a question; not-a-number where a question has none.
  package let names: [String]
  /// Question q's values: `perQuestion[q * names.count ..< (q + 1) * names.count]`.
  package let perQuestion: [Double]
  /// Of all lists together: `Coverage@20` and the like, which have no value for one question.
  package let together: [(name: String, value: Double)]

  package var count: Int { names.isEmpty ? 0 : perQuestion.count / names.count }

  /// Mean over the questions that have a value. O(questions).
  package func mean(_ name: String) -> Double? {
    guard let column = names.firstIndex(of: name) else { return nil }
    let values = stride(from: column, to: perQuestion.count, by: names.count).lazy
      .map { perQuestion[$0] }.filter { !$0.isNaN }
    var (sum, count) = (0.0, 0.0)
    for value in values { (sum, count) = (sum + value, count + 1) }
    return count > 0 ? sum / count : nil
  }
}

/// Asks a model every question and measures the answers. Ties count against the model: among equal scores wrong
/// candidates stand before right ones.
package struct Measurer: Sendable {
  package let questions: Questions
  package let statistics: ItemStatistics
  package let lengths: [Int]
  package let ideal: IdealRule
  /// Whether to tell right items the user had before from new ones.
  package let tellsRepeats: Bool
  /// Whether to measure beyond accuracy; senseless where candidates are given.
  package let looksAtLists: Bool
  private let pool: ThreadPool

  package init(
    _ questions: Questions, statistics: ItemStatistics, lengths: [Int], ideal: IdealRule = .list,
    tellsRepeats: Bool = false, looksAtLists: Bool = true, pool: ThreadPool
  ) {
    self.questions = questions
    self.statistics = statistics
    self.lengths = lengths
    self.ideal = ideal
    self.tellsRepeats = tellsRepeats
    self.looksAtLists = looksAtLists && questions.candidateStart == nil
    self.pool = pool
  }

  private static let listKinds = ["AveragePopularity", "Novelty", "TailShare", "ILS"]

  package var names: [String] {
    lengths.flatMap { k in
      (ListMetrics.kinds + (tellsRepeats ? ["RepeatRecall", "ExploreRecall"] : [])
        + (looksAtLists ? Self.listKinds : [])).map { "\($0)@\(k)" }
    }
  }

  /// What a worker keeps from question to question.
  private final class Seat: @unchecked Sendable {
    // Unchecked because a seat belongs to one worker of the pool.
    let scores: SharedArray<Float>
    let isOut: SharedArray<Bool>
    let selection: TopSelection
    let sums: RowAccumulator
    var recommended: [[Int]]

    init(items: Int, users: Int, lengths: [Int], base: [Bool]) {
      scores = SharedArray(repeating: 0, count: Evaluator.batchQueries * items)
      isOut = SharedArray(repeating: false, count: items)
      for item in 0..<items { isOut[item] = base[item] }
      selection = TopSelection(capacity: lengths.last ?? 0)
      sums = RowAccumulator(count: users)
      recommended = lengths.map { _ in [Int](repeating: 0, count: items) }
    }
  }

  /// O(questions · items) and the model's own work.
  package func measure(_ model: some Ranker, progress: @escaping @Sendable (Double) -> Void = { _ in })
    -> Measurement
  {
    let names = names
    let (width, items) = (names.count, questions.itemCount)
    let values = SharedArray<Double>(repeating: 0, count: questions.count * width)
    // Items training never saw are candidates for nobody.
    let base = statistics.isKnown.map { !$0 }
    let seats = (0..<pool.threads).map { _ in
      (
        seat: Seat(items: items, users: statistics.byItem.columnCount, lengths: lengths, base: base),
        scratch: model.makeScratch()
      )
    }
    let batches = ShardPass.chunks(of: questions.count, size: Evaluator.batchQueries)
    pool.run(tasks: batches) { worker, batch in
      let (seat, scratch) = seats[worker]
      let first = batch * Evaluator.batchQueries
      let range = first..<min(questions.count, first + Evaluator.batchQueries)
      questions.withQueries(range) { model.score($0, into: seat.scores.pointer, scratch: scratch) }
      for question in range {
        let scores = UnsafeMutableBufferPointer(
          start: seat.scores.pointer + (question - first) * items, count: items)
        measure(question, scores, seat, into: values.pointer + question * width)
      }
      if worker == 0 { progress(Double(batch) / Double(batches)) }
    }
    var together: [(name: String, value: Double)] = []
    if looksAtLists {
      for (place, k) in lengths.enumerated() {
        var total = [Int](repeating: 0, count: items)
        for (seat, _) in seats { for item in 0..<items { total[item] += seat.recommended[place][item] } }
        together += [
          ("Coverage@\(k)", statistics.coverage(total)), ("Gini@\(k)", statistics.gini(total)),
          ("Entropy@\(k)", statistics.entropy(total)),
        ]
      }
    }
    return Measurement(names: names, perQuestion: values.array(), together: together)
  }

  private func measure(
    _ question: Int, _ scores: UnsafeMutableBufferPointer<Float>, _ seat: Seat,
    into target: UnsafeMutablePointer<Double>
  ) {
    let right = questions.relevant(of: question)
    let ranked = ranks(question, UnsafeBufferPointer(scores), right, seat)
    let metrics = ListMetrics(
      ranks: RankMetrics(ranks: ranked), missed: questions.missed[question], ideal: ideal)
    var lists: [[Double]] = []
    if looksAtLists { lists = beyondAccuracy(question, scores, seat) }
    var place = 0
    func write(_ value: Double) {
      target[place] = value
      place += 1
    }
    let byItem = tellsRepeats ? apart(question, UnsafeBufferPointer(scores), right, seat) : ([], [], 0)
    for (index, k) in lengths.enumerated() {
      metrics.values(k).forEach(write)
      if tellsRepeats {
        let new = byItem.1.count + byItem.2
        write(byItem.0.isEmpty ? .nan : Double(byItem.0.count { $0 <= k }) / Double(byItem.0.count))
        write(new == 0 ? .nan : Double(byItem.1.count { $0 <= k }) / Double(new))
      }
      if looksAtLists { lists[index].forEach(write) }
    }
  }

  /// Ranks of the right items, ascending.
  private func ranks(
    _ question: Int, _ scores: UnsafeBufferPointer<Float>, _ right: ArraySlice<UInt32>, _ seat: Seat
  ) -> [Int] {
    if let start = questions.candidateStart {
      // Few candidates: only those are looked at.
      let others = questions.candidates[start[question]..<start[question + 1]]
      return right.map { item in
        let own = scores[Int(item)]
        let ahead = others.count { other in
          let score = scores[Int(other)]
          return statistics.isKnown[Int(other)] && (own.isNaN || !(score < own))
        }
        return ahead + 1
      }
    }
    let out = seat.isOut.pointer
    let seen = questions.seenRule == .excluded ? questions.pairItems[questions.pairs(of: question)] : []
    for item in seen { out[Int(item)] = true }
    for item in right { out[Int(item)] = true }
    defer {
      for item in seen { out[Int(item)] = !statistics.isKnown[Int(item)] }
      for item in right { out[Int(item)] = !statistics.isKnown[Int(item)] }
    }
    return RankMetrics(scores: scores, right: right) { !out[$0] }.ranks
  }

  /// Ranks of the right items the user had before, of the new ones, and the number of new ones nobody can know.
  private func apart(
    _ question: Int, _ scores: UnsafeBufferPointer<Float>, _ right: ArraySlice<UInt32>, _ seat: Seat
  ) -> ([Int], [Int], Int) {
    let owned = Set(questions.pairItems[questions.pairs(of: question)])
    // The same order as `ranks` gives: better scores first.
    let ordered = right.sorted { Self.value(scores[Int($0)]) > Self.value(scores[Int($1)]) }
    let ranked = ranks(question, scores, right, seat)
    let pairs = zip(ordered, ranked)
    return (
      pairs.filter { owned.contains($0.0) }.map(\.1), pairs.filter { !owned.contains($0.0) }.map(\.1),
      questions.missed[question]
    )
  }

  private static func value(_ score: Float) -> Float { score.isNaN ? -.infinity : score }

  /// The list the user would see, from the scores with what is no candidate struck out.
  private func beyondAccuracy(_ question: Int, _ scores: UnsafeMutableBufferPointer<Float>, _ seat: Seat)
    -> [[Double]]
  {
    if questions.seenRule == .excluded {
      for item in questions.pairItems[questions.pairs(of: question)] { scores[Int(item)] = -.infinity }
    }
    for item in scores.indices where !statistics.isKnown[item] { scores[item] = -.infinity }
    seat.selection.start(keeping: min(lengths.last ?? 0, scores.count))
    seat.selection.offer(UnsafeBufferPointer(scores), firstIndex: 0)
    let list = Array(seat.selection.finish().indices)
    return lengths.enumerated().map { place, k in
      let shown = list.prefix(k)
      for item in shown { seat.recommended[place][Int(item)] += 1 }
      let count = Double(max(1, shown.count))
      return [
        shown.reduce(0.0) { $0 + Double(statistics.counts[Int($1)]) } / count,
        shown.reduce(0.0) { $0 + statistics.novelty[Int($1)] } / count,
        Double(shown.count { statistics.isTail[Int($0)] }) / count,
        statistics.similarity(shown, seat.sums),
      ]
    }
  }
}
