import Testing
import Training
import Vocabulary

/// Users who stay within one half of the catalogue: every personal model must find that, popularity cannot.
@Suite struct PlantedStructureTests {
  @Test(arguments: [101, 102, 103] as [UInt64]) func personalModelsFindTheGroups(seed: UInt64) throws {
    let data = try Sample.interactions(Sample.planted(seed: seed), shards: 4)
    let pool = ThreadPool(threads: 2)
    let split = try #require(TemporalSplit(data, share: 0.2, seenRule: .excluded, seed: 1))
    let evaluator = Evaluator(split.test, lengths: [10], pool: pool)
    let popularity = PopularityTrainer(windowDays: 30, halfLifeDays: 10).scores(split.train, pool: pool)
    let base = evaluator.measure(FixedRanker(scores: popularity)).means["Recall@10"] ?? 0
    var settings = FactorSettings()
    settings.dimensions = 4
    settings.regularisation = 0.01
    let factors = try #require(
      FactorTrainer(settings).train(
        split.train.confidencePairs(unit: split.train.meanPositiveWeight), pool: pool))
    let ials = evaluator.measure(FactorRanker(factors)).means["Recall@10"] ?? 0
    let table = TransitionTrainer(window: 5, neighbours: 40).train(split.train, pool: pool)
    let ranker = NeighbourRanker(table, recentItems: 10, decay: 0.9)
    let transitions = evaluator.measure(ranker).means["Recall@10"] ?? 0
    #expect(ials > 1.4 * base, "seed \(seed): ials \(ials), popularity \(base)")
    #expect(transitions > 1.4 * base, "seed \(seed): transitions \(transitions), popularity \(base)")
  }

  /// One item of each basket is hidden; its companions must point to it.
  @Test(arguments: [111, 112] as [UInt64]) func cooccurrenceCompletesBaskets(seed: UInt64) throws {
    var chance = SeededGenerator(seed: seed)
    var rows: [Row] = []
    for basket in 0..<400 {
      let kit = Int.random(in: 0..<10, using: &chance)
      for _ in 0..<4 {
        let item = Int.random(in: 0..<5, using: &chance)
        rows.append(
          Row(user: "u\(basket % 50)", item: "k\(kit)-\(item)", seconds: Int64(basket) * 86_400))
      }
    }
    let data = try Sample.interactions(rows, shards: 3)
    let pool = ThreadPool(threads: 1)
    let baskets = Baskets(data)
    let lists = (0..<baskets.count).map { basket in baskets.places(of: basket).map { baskets.items[$0] } }
      .filter { $0.count >= 2 }
    let set = EvaluationSet(
      users: lists.map { _ in nil }, histories: lists.map { Array($0.dropLast()) },
      pairs: lists.map { $0.dropLast().map { (item: $0, confidence: 1) } },
      relevant: lists.map { [$0[$0.count - 1]] }, itemCount: data.itemCount, seenRule: .excluded)
    let evaluator = Evaluator(set, lengths: [5], pool: pool)
    let table = CooccurrenceTrainer(neighbours: 20).train(data, pool: pool)
    let hits = evaluator.measure(NeighbourRanker(table, recentItems: 10, decay: 1)).means["HR@5"] ?? 0
    let popularity = PopularityTrainer(windowDays: 1000, halfLifeDays: 1000).scores(data, pool: pool)
    let base = evaluator.measure(FixedRanker(scores: popularity)).means["HR@5"] ?? 0
    #expect(hits > 0.95, "seed \(seed)")
    #expect(hits > 1.3 * base, "seed \(seed)")
  }

  @Test func shardsMoveMetricsByRoundingOnly() throws {
    let rows = Sample.planted(seed: 121, users: 120, perUser: 15)
    func metrics(_ shards: Int) throws -> [Double] {
      let data = try Sample.interactions(rows, shards: shards)
      let pool = ThreadPool(threads: 2)
      let split = try #require(TemporalSplit(data, share: 0.2, seenRule: .excluded, seed: 1))
      let evaluator = Evaluator(split.test, pool: pool)
      let popularity = PopularityTrainer(windowDays: 30, halfLifeDays: 3).scores(split.train, pool: pool)
      let table = TransitionTrainer(window: 5, neighbours: 10).train(split.train, pool: pool)
      var settings = FactorSettings()
      settings.dimensions = 8
      settings.regularisation = 0.02
      let factors = try #require(
        FactorTrainer(settings).train(
          split.train.confidencePairs(unit: split.train.meanPositiveWeight), pool: pool))
      return [
        evaluator.measure(FixedRanker(scores: popularity)).means,
        evaluator.measure(NeighbourRanker(table, recentItems: 10, decay: 0.8)).means,
        evaluator.measure(FactorRanker(factors)).means,
      ].flatMap { means in evaluator.names.map { means[$0] ?? -1 } }
    }
    let one = try metrics(1)
    for shards in [2, 7] {
      for (value, wanted) in zip(try metrics(shards), one) { #expect(abs(value - wanted) < 0.01) }
    }
  }
}
