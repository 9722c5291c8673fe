import Evaluating
import Glibc
import Testing
import Training

/// Scores as a table: row by user, then item.
struct TableRanker: Ranker {
  let scores: [[Float]]
  var itemCount: Int { scores[0].count }
  func makeScratch() {}
  func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    for (place, query) in queries.enumerated() {
      let row = scores[query.user ?? 0]
      for item in row.indices { output[place * itemCount + item] = row[item] }
    }
  }
}

@Suite struct MeasurerTests {
  /// Reads train and test as lists and measures one table of scores.
  static func measure(
    train: String, test: String, scores: [[Float]], k: [Int], seen: SeenRule? = nil, ideal: IdealRule = .list,
    repeats: RepeatRule? = nil, negatives: String? = nil, format: DataFormat = .adjacency
  ) throws -> [String: Double] {
    let directory = try TemporaryDirectory()
    var options = EvaluationOptions()
    options.format = format
    options.train = try directory.file("train", train.utf8)
    if let negatives {
      options.negatives = try directory.file("negatives", negatives.utf8)
    } else {
      options.test = try directory.file("test", test.utf8)
    }
    (options.seen, options.repeats, options.lengths, options.ideal) = (seen, repeats, k, ideal)
    let data = try DataSet.read(options)
    let fit = FitData(data.train, data)
    let questions = Questions(data, fit, options)
    let measured = Measurer(
      questions, statistics: ItemStatistics(fit), lengths: k, ideal: ideal,
      tellsRepeats: data.task == .basket,
      pool: ThreadPool(threads: 2)
    ).measure(TableRanker(scores: scores))
    var values = Dictionary(uniqueKeysWithValues: measured.together.map { ($0.name, $0.value) })
    for name in measured.names { values[name] = measured.mean(name) }
    return values
  }

  private func close(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-9 } ?? false }

  /// One target, third of a list of three and not of two.
  @Test func precisionOfSessionsIsWhetherTheTargetWasHit() {
    let metrics = ListMetrics(ranks: RankMetrics(ranks: [3]), precision: .possible)
    let place = ListMetrics.kinds.firstIndex(of: "Precision") ?? 0
    #expect(metrics.values(2)[place] == 0 && metrics.values(3)[place] == 1)
    #expect(ListMetrics(ranks: RankMetrics(ranks: [3])).values(3)[place] == 1.0 / 3)
  }

  @Test func oneListByHand() throws {
    // Items a…f are 0…5. The user has a; right are c and e, ranked 2 and 4 behind b and d; f comes last.
    let values = try Self.measure(
      train: "u a\nv b c d e f\n", test: "u c e\n",
      scores: [[9, 6, 5, 4, 3, 1], [0, 0, 0, 0, 0, 0]], k: [1, 3, 5])
    #expect(close(values["HR@1"], 0) && close(values["HR@3"], 1))
    #expect(close(values["Recall@3"], 0.5) && close(values["Recall@5"], 1))
    #expect(close(values["Precision@3"], 1.0 / 3) && close(values["Precision@5"], 0.4))
    #expect(close(values["F1@3"], 0.4))
    #expect(close(values["MRR@3"], 0.5) && close(values["MRR@1"], 0))
    // Gains 1/log₂3 and 1/log₂5 against 1 + 1/log₂3.
    let gain: Double = 1 / log2(3.0) + 1 / log2(5.0)
    let ideal: Double = 1 + 1 / log2(3.0)
    #expect(close(values["NDCG@5"], gain / ideal))
    // Precisions 1/2 and 2/4 at the right ones.
    #expect(close(values["MAP@5"], 0.5) && close(values["MAP@3"], 0.25))
    // The list of 3 is b c d: each had by one of two users, log₂ 2 = 1; five of six known items have one user.
    #expect(close(values["Novelty@3"], 1) && close(values["AveragePopularity@3"], 1))
    #expect(close(values["Coverage@3"], 0.5))
    // All were taken by the same one user: cosine 1.
    #expect(close(values["ILS@3"], 1))
    // Counts 0 0 0 1 1 1: Σ (2i − 7) P = 1 + 3 + 5 = 9 over 6 · 3.
    #expect(close(values["Gini@3"], 0.5))
    let entropy: Double = log(3.0) / log(6.0)
    #expect(close(values["Entropy@3"], entropy))
  }

  @Test func idealMayCountAllRightItems() throws {
    let (train, test) = ("u a\nv b c d e f\n", "u c e\n")
    let scores: [[Float]] = [[9, 6, 5, 4, 3, 1], [0, 0, 0, 0, 0, 0]]
    let list = try Self.measure(train: train, test: test, scores: scores, k: [1])
    let all = try Self.measure(
      train: train, test: test, scores: [[9, 1, 5, 4, 3, 2], scores[1]], k: [1], ideal: .all)
    #expect(close(list["NDCG@1"], 0))
    let ideal: Double = 1 + 1 / log2(3.0)
    #expect(close(all["NDCG@1"], 1 / ideal))
  }

  @Test func aConstantScorerFindsNothing() throws {
    let values = try Self.measure(
      train: "u a\nv b c d e f\n", test: "u c\n", scores: [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]],
      k: [1, 4, 5])
    // Five candidates, all equal: the right one is the last of them.
    #expect(close(values["HR@4"], 0) && close(values["HR@5"], 1) && close(values["MRR@5"], 0.2))
    let nothing = try Self.measure(
      train: "u a\nv b c d e f\n", test: "u c\n",
      scores: [[Float](repeating: .nan, count: 6), [Float](repeating: .nan, count: 6)], k: [4])
    #expect(close(nothing["HR@4"], 0))
  }

  @Test func whatTrainingNeverSawIsMissed() throws {
    // z is a right item nobody can know; w, known to the test only, competes with nobody.
    let values = try Self.measure(
      train: "u a\nv b c\n", test: "u c z\nv w\n", scores: [[0, 1, 2, 9, 9], [0, 0, 0, 9, 9]], k: [1])
    #expect(close(values["Recall@1"], 0.25))
    #expect(close(values["HR@1"], 0.5))
    #expect(close(values["Coverage@1"], 2.0 / 3))
  }

  @Test func usersWithoutHistoryAreAsked() throws {
    let values = try Self.measure(
      train: "u a\nv b c\n", test: "u c\nnew b\n", scores: [[0, 5, 2], [0, 0, 0]], k: [1])
    // The new user gets the first row of the table: b on top. u wants c, which is second.
    #expect(close(values["HR@1"], 0.5))
  }

  @Test func rightItemsHadAlreadyAreMissedDroppedOrCandidates() throws {
    let (train, test, scores) = ("u a\nv b c\n", "u a b\n", [[9, 5, 2], [0, 0, 0]] as [[Float]])
    #expect(close(try Self.measure(train: train, test: test, scores: scores, k: [1])["Recall@1"], 0.5))
    #expect(
      close(try Self.measure(train: train, test: test, scores: scores, k: [1], repeats: .drop)["Recall@1"], 1)
    )
    let allowed = try Self.measure(train: train, test: test, scores: scores, k: [1, 2], seen: .allowed)
    #expect(close(allowed["Recall@1"], 0.5) && close(allowed["Recall@2"], 1))
  }

  @Test func sampledNegativesAreTheOnlyCandidates() throws {
    // a scores best but is no negative; d ties with the right c and stands before it.
    let values = try Self.measure(
      train: "u a\nv b c d\n", test: "", scores: [[9, 1, 3, 3], [0, 0, 0, 0]], k: [1, 2],
      negatives: "(u,c)\td\tb\tc\n")
    let second: Double = 1 / log2(3.0)
    #expect(close(values["HR@1"], 0) && close(values["HR@2"], 1))
    #expect(close(values["NDCG@2"], second))
    #expect(values["Coverage@2"] == nil)
  }

  @Test func repeatsAndNewItemsAreToldApart() throws {
    let values = try Self.measure(
      train: "{\"u\": [[\"a\", \"b\"], [\"a\"]], \"v\": [[\"c\"], [\"d\"]]}",
      test: "{\"u\": [[\"a\", \"c\"]]}",
      scores: [[9, 1, 2, 3], [0, 0, 0, 0]], k: [2], format: .baskets)
    #expect(close(values["RepeatRecall@2"], 1) && close(values["ExploreRecall@2"], 0))
    #expect(close(values["Recall@2"], 0.5))
  }
}
