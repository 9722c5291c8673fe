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
  package let precision: PrecisionRule
  /// Whether to tell right items the user had before from new ones.
  package let tellsRepeats: Bool
  /// Whether to measure beyond accuracy; senseless where candidates are given.
  package let looksAtLists: Bool
  /// Items training never saw are candidates for nobody.
  private let unknown: [UInt32]
  private let pool: ThreadPool

  package init(
    _ questions: Questions, statistics: ItemStatistics, lengths: [Int], ideal: IdealRule = .list,
    precision: PrecisionRule = .list,
    tellsRepeats: Bool = false, looksAtLists: Bool = true, pool: ThreadPool
  ) {
    self.questions = questions
    self.statistics = statistics
    self.lengths = lengths
    self.ideal = ideal
    self.precision = precision
    self.tellsRepeats = tellsRepeats
    self.looksAtLists = looksAtLists && questions.candidateStart == nil
    unknown = statistics.isKnown.indices.filter { !statistics.isKnown[$0] }
      .map { UInt32(truncatingIfNeeded: $0) }
    self.pool = pool
  }

  private static let listKinds = ["AveragePopularity", "Novelty", "TailShare", "ILS"]

  package var names: [String] {
    lengths.flatMap { k in
      (ListMetrics.kinds + (tellsRepeats ? ["RepeatRecall", "ExploreRecall"] : [])
        + (looksAtLists ? Self.listKinds : [])).map { "\($0)@\(k)" }
    }
  }

  /// What a worker keeps from question to question. Unchecked because a seat belongs to one worker of the pool.
  private final class Seat: @unchecked Sendable {
    let scores: SharedArray<Float>
    let selection: TopSelection
    let sums: RowAccumulator
    var recommended: [[Int]]

    init(items: Int, users: Int, lengths: [Int]) {
      scores = SharedArray(repeating: 0, count: Evaluator.batchQueries * items)
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
    let seats = (0..<pool.threads).map { _ in
      (
        seat: Seat(items: items, users: statistics.byItem.columnCount, lengths: lengths),
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

  /// One ranked answer.
  private struct Answer {
    /// The right items, best first, with their ranks, ascending. Ranks beyond the longest list are only known to be
    /// beyond it.
    var right: [(item: UInt32, rank: Int)]
    /// What the user would see; equal scores by number. Empty if candidates are given.
    var list: [UInt32]
  }

  private func measure(
    _ question: Int, _ scores: UnsafeMutableBufferPointer<Float>, _ seat: Seat,
    into target: UnsafeMutablePointer<Double>
  ) {
    let answer =
      questions.candidateStart == nil
      ? rank(question, scores, seat) : rankGiven(question, UnsafeBufferPointer(scores))
    let metrics = ListMetrics(
      ranks: RankMetrics(ranks: answer.right.map(\.rank)), missed: questions.missed[question], ideal: ideal,
      precision: precision)
    let owned = tellsRepeats ? Set(questions.pairItems[questions.pairs(of: question)]) : []
    let old = answer.right.filter { owned.contains($0.item) }
    let new = answer.right.filter { !owned.contains($0.item) }
    let newCount = new.count + questions.missed[question]
    var place = 0
    func write(_ value: Double) {
      target[place] = value
      place += 1
    }
    for (index, k) in lengths.enumerated() {
      metrics.values(k).forEach(write)
      if tellsRepeats {
        write(old.isEmpty ? .nan : Double(old.count { $0.rank <= k }) / Double(old.count))
        write(newCount == 0 ? .nan : Double(new.count { $0.rank <= k }) / Double(newCount))
      }
      if looksAtLists { beyondAccuracy(answer.list.prefix(k), index, seat).forEach(write) }
    }
  }

  /// Few candidates: only those are looked at.
  private func rankGiven(_ question: Int, _ scores: UnsafeBufferPointer<Float>) -> Answer {
    guard let start = questions.candidateStart else { return Answer(right: [], list: []) }
    let others = questions.candidates[start[question]..<start[question + 1]]
    let right = questions.relevant(of: question).map { item in
      let own = scores[Int(item)]
      let ahead = others.count { other in
        statistics.isKnown[Int(other)] && (own.isNaN || !(scores[Int(other)] < own))
      }
      return (item: item, rank: ahead + 1)
    }
    return Answer(right: right, list: [])
  }

  /// Selects the best wrong candidates and sets the right ones among them, behind all wrong ones that are as good.
  /// Overwrites scores. O(items).
  private func rank(_ question: Int, _ scores: UnsafeMutableBufferPointer<Float>, _ seat: Seat) -> Answer {
    // What is not a number counts against the model: on top if wrong, at the end if right.
    for item in scores.indices { scores[item] = scores[item].isNaN ? .infinity : scores[item] }
    let relevant = questions.relevant(of: question)
    let hopeless = relevant.filter { !scores[Int($0)].isFinite }
    var right: [(item: UInt32, score: Float)] = []
    for item in relevant where scores[Int(item)].isFinite { right.append((item, scores[Int(item)])) }
    right.sort { $0.score != $1.score ? $0.score > $1.score : $0.item < $1.item }
    for item in unknown { scores[Int(item)] = -.infinity }
    if questions.seenRule == .excluded {
      for item in questions.pairItems[questions.pairs(of: question)] { scores[Int(item)] = -.infinity }
    }
    for item in relevant { scores[Int(item)] = -.infinity }
    seat.selection.start(keeping: min(lengths.last ?? 0, scores.count))
    seat.selection.offer(UnsafeBufferPointer(scores), firstIndex: 0)
    let (wrong, wrongScores) = seat.selection.finish()
    var ahead = 0
    var ranked: [(item: UInt32, rank: Int)] = []
    var list: [(item: UInt32, score: Float)] = []
    for (place, entry) in right.enumerated() {
      while ahead < wrong.count, wrongScores[ahead] >= entry.score { ahead += 1 }
      ranked.append((entry.item, ahead + place + 1))
    }
    ranked += hopeless.map { ($0, .max) }
    if looksAtLists {
      list = zip(wrong, wrongScores).map { ($0, $1) } + right
      list.sort { $0.score != $1.score ? $0.score > $1.score : $0.item < $1.item }
    }
    return Answer(
      right: ranked.sorted { ($0.rank, $0.item) < ($1.rank, $1.item) },
      list: list.prefix(lengths.last ?? 0).map(\.item))
  }

  private func beyondAccuracy(_ shown: ArraySlice<UInt32>, _ place: Int, _ seat: Seat) -> [Double] {
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
