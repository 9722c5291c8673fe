import Testing
import Training
import Vocabulary

@Suite struct EvaluatorTests {
  private func set(_ rule: SeenRule) -> EvaluationSet {
    EvaluationSet(
      users: [0, nil, 2], histories: [[0], [], [4, 3]],
      pairs: [[(item: 0, confidence: 1)], [], [(item: 4, confidence: 1), (item: 3, confidence: 2)]],
      relevant: [[2, 2, 0], [1], [3]], itemCount: 5, seenRule: rule)
  }

  @Test func leavesOutWhatIsOwnedAndWhoHasNothingLeft() {
    let excluded = set(.excluded)
    #expect(excluded.users == [0, nil])
    #expect(excluded.relevant == [2, 1])
    #expect(excluded.pairs.columns == [0])
    let allowed = set(.allowed)
    #expect(allowed.users == [0, nil, 2])
    #expect(allowed.relevant == [0, 2, 1, 3])
    #expect(allowed.pairs.columns == [0, 3, 4])
  }

  @Test func handWorkedMeans() {
    let ranker = FixedRanker(scores: [9, 3, 5, 8, 1])
    let pool = ThreadPool(threads: 2)
    // First query: candidates 1 2 3 4, right 2, rank 2. Second: all, right 1, rank 4.
    let excluded = Evaluator(set(.excluded), lengths: [2, 4], pool: pool).measure(ranker).means
    #expect(excluded["HR@2"] == 0.5)
    #expect(excluded["Recall@4"] == 1)
    #expect(excluded["MRR@4"] == 0.375)
    #expect(excluded["Precision@4"] == 0.25)
    // Third query: right 3, rank 2. First: right 0 and 2, ranks 1 and 3.
    let allowed = Evaluator(set(.allowed), lengths: [2], pool: pool).measure(ranker)
    #expect(allowed.means["Recall@2"] == 0.5)
    #expect(allowed.perQuery.count == 3 * Evaluator.kinds.count)
  }

  @Test func aConstantModelScoresNothing() throws {
    let data = try Sample.interactions(Sample.random(seed: 61))
    let split = try #require(TemporalSplit(data, share: 0.2, seenRule: .allowed, seed: 1))
    let result = Evaluator(split.test, lengths: [3], pool: ThreadPool(threads: 2))
      .measure(FixedRanker(scores: [Float](repeating: 1, count: data.itemCount)))
    #expect(result.means["HR@3"] == 0)
  }

  @Test func temporalSplitPartsTrainFromTest() throws {
    let data = try Sample.interactions(Sample.random(seed: 62), shards: 4)
    let split = try #require(TemporalSplit(data, share: 0.25, seenRule: .excluded, seed: 1))
    #expect(split.train.eventTime.allSatisfy { $0 < split.boundary })
    let positive = (0..<data.eventCount).filter { data.eventWeight[$0] > 0 }
    #expect(split.testEvents == positive.filter { data.eventTime[$0] >= split.boundary }.count)
    #expect(Double(split.testEvents) >= 0.25 * Double(positive.count))
    #expect(split.test.count > 0)
    for query in 0..<split.test.count {
      let user = try #require(split.test.users[query])
      let before = Set(split.train.events(of: user).map { split.train.eventItem[$0] })
      let history = split.test.history[split.test.historyStart[query]..<split.test.historyStart[query + 1]]
      #expect(Set(history).isSubset(of: before))
      let owned = Set(split.test.pairs.columns[split.test.pairs.pairs(of: query)])
      let right = split.test.relevant[split.test.relevantStart[query]..<split.test.relevantStart[query + 1]]
      #expect(owned.isDisjoint(with: right))
    }
  }

  @Test func dataOfOneMomentHasNoTemporalSplit() throws {
    let data = try Sample.interactions((0..<9).map { Row(user: "u\($0 % 3)", item: "i\($0)", seconds: 5) })
    #expect(TemporalSplit(data, share: 0.3, seenRule: .excluded, seed: 1) == nil)
  }

  @Test func neighbourRankerSumsOverDistinctRecentItems() {
    let table = NeighbourTable(rowStart: [0, 2, 3, 3], rows: [1, 2, 2], scores: [0.5, 0.25, 1])
    let ranker = NeighbourRanker(table, recentItems: 2, decay: 0.5)
    let scores = SharedArray<Float>(repeating: 7, count: 3)
    let history: [UInt32] = [2, 0, 1, 1]
    let set = EvaluationSet(
      users: [nil], histories: [history], pairs: [[]], relevant: [[0]], itemCount: 3, seenRule: .allowed)
    set.withQueries(0..<1) { ranker.score($0, into: scores.pointer, scratch: ()) }
    #expect(scores.array() == [0, 0.25, 1.125])
  }
}
