import Testing
import Training

@Suite struct StandardPartsTests {
  /// Users of four groups, each within its own quarter of the items, in a fixed order with skips.
  private func histories(seed: UInt64, users: Int = 160, items: Int = 80) -> [[UInt32]] {
    var chance = SeededGenerator(seed: seed)
    return (0..<users).map { user in
      var place = Int.random(in: 0..<20, using: &chance)
      return (0..<10).map { _ in
        place = (place + Int.random(in: 1...2, using: &chance)) % 20
        return UInt32(place * 4 + user % 4)
      }
    }
  }

  private func matrix(_ lists: [[UInt32]], items: Int) -> PairMatrix {
    var (start, columns) = ([0], [UInt32]())
    for list in lists {
      columns.append(contentsOf: Set(list).sorted())
      start.append(columns.count)
    }
    return PairMatrix(
      rowStart: start, columns: columns, confidences: [Float](repeating: 1, count: columns.count),
      columnCount: items)
  }

  private func value(_ parts: [LinearBlend.Part], _ set: EvaluationSet, pool: ThreadPool) -> Double {
    let outcome = BlendTuner().tune(parts, scale: .deviation, on: set, pool: pool)
    return Evaluator(set, lengths: [10], pool: pool).measure(outcome.blend).means["NDCG@10"] ?? 0
  }

  @Test func everyKindBeatsPopularity() throws {
    let pool = ThreadPool(threads: 2)
    let standard = StandardParts(memoryLimit: 1 << 30)
    let lists = histories(seed: 81)
    let (before, last) = (lists.map { Array($0.dropLast()) }, lists.map { [$0[9]] })
    let pairs = matrix(before, items: 80)
    let degrees = DegreePowers(pairs).columns.map { Float($0) }
    let known = Pairs.queries(pairs, histories: before, right: last, rule: .excluded)
    let open = Pairs.queries(pairs, histories: before, right: last, rule: .allowed)
    let popular = FixedRanker(scores: degrees)
    let floors = [known, open].map {
      Evaluator($0, lengths: [10], pool: pool).measure(popular).means["NDCG@10"] ?? 1
    }
    let store = SequenceStore(before, itemCount: 80)
    let unordered = try #require(standard.pairs(pairs, pool: pool))
    #expect(unordered.map(\.name) == ["ease", "ials", "user-knn"])
    #expect(value(unordered, known, pool: pool) > 1.5 * floors[0])
    let ordered = try #require(standard.sequences(store, pairs: pairs, pool: pool))
    #expect(
      ordered.map(\.name) == [
        "sequence-regression", "short-regression", "long-regression", "transitions", "item-knn",
        "session-knn", "ease", "ials",
      ])
    #expect(value(ordered, known, pool: pool) > 2 * floors[0])
    #expect(value(standard.sessions(store, pool: pool), open, pool: pool) > 2 * floors[1])
    let baskets = BasketHistories(before.map { $0.map { [$0] } }, itemCount: 80)
    let basketParts = try #require(standard.baskets(baskets, pairs: pairs, pool: pool))
    #expect(value(basketParts, open, pool: pool) > 1.5 * floors[1])
  }

  @Test func littleMemoryTakesTheSparseRelative() throws {
    let pool = ThreadPool(threads: 2)
    let lists = histories(seed: 82)
    let pairs = matrix(lists, items: 80)
    let small = StandardParts(memoryLimit: 1000)
    #expect(try #require(small.pairs(pairs, pool: pool))[0].name == "filter")
    let names = try #require(
      small.sequences(SequenceStore(lists, itemCount: 80), pairs: pairs, pool: pool)
    ).map(\.name)
    #expect(!names.contains("sequence-regression") && names.contains("transitions"))
  }

  /// The names it announces are those of the parts it makes.
  @Test func namesAreThoseOfTheParts() throws {
    let pool = ThreadPool(threads: 2)
    let lists = histories(seed: 83)
    let pairs = matrix(lists, items: 80)
    let store = SequenceStore(lists, itemCount: 80)
    let baskets = BasketHistories(lists.map { $0.map { [$0] } }, itemCount: 80)
    let size = StandardParts.Size(
      users: pairs.rowCount, items: 80, pairs: pairs.pairCount, places: store.items.count)
    for limit in [UInt64(1000), 1 << 30] {
      let standard = StandardParts(memoryLimit: limit)
      #expect(standard.pairs(pairs, pool: pool)?.map(\.name) == standard.names(.pairs, size))
      #expect(
        standard.sequences(store, pairs: pairs, pool: pool)?.map(\.name) == standard.names(.sequences, size))
      #expect(standard.sessions(store, pool: pool).map(\.name) == standard.names(.sessions, size))
      #expect(
        standard.baskets(baskets, pairs: pairs, pool: pool)?.map(\.name) == standard.names(.baskets, size))
    }
  }

  @Test func settingsFollowTheSize() {
    #expect(StandardParts.dimensions(users: 10, items: 10) == 32)
    #expect(StandardParts.dimensions(users: 6040, items: 3706) == 224)
    #expect(StandardParts.dimensions(users: 1_000_000, items: 1_000_000) == 256)
    let standard = StandardParts(memoryLimit: 1 << 30)
    // Tables of large catalogues stay below 800 MB.
    #expect(StandardSettings.width(items: 40_981) == 512 && StandardSettings.width(items: 5) == 4)
    #expect(StandardSettings.width(items: 1_000_000) == 100 && StandardSettings.width(items: 0) == 1)
    let dense = standard.factorSettings(pairs: 994_169, users: 6040, items: 3706)
    let sparse = standard.factorSettings(pairs: 810_128, users: 29_858, items: 40_981)
    #expect(dense.unobservedWeight > 0.3 && dense.unobservedWeight < 0.6)
    #expect(sparse.unobservedWeight > 0.005 && sparse.unobservedWeight < 0.01)
    #expect(standard.factorSettings(pairs: 0, users: 0, items: 0).unobservedWeight > 0)
  }

  /// What is empty gives models that say nothing, and no trap.
  @Test func emptyDataIsNoTrap() throws {
    let pool = ThreadPool(threads: 2)
    let standard = StandardParts(memoryLimit: 1 << 30)
    let pairs = matrix([[], []], items: 3)
    let set = Pairs.queries(pairs, histories: [[], []])
    let store = SequenceStore([[], []], itemCount: 3)
    let baskets = BasketHistories([[], []], itemCount: 3)
    let all = [
      try #require(standard.pairs(pairs, pool: pool)),
      try #require(standard.sequences(store, pairs: pairs, pool: pool)), standard.sessions(store, pool: pool),
      try #require(standard.baskets(baskets, pairs: pairs, pool: pool)),
    ]
    for part in all.joined() {
      let scores = Pairs.scores(part.ranker, set)
      #expect(scores == [[0, 0, 0], [0, 0, 0]], "\(part.name)")
    }
  }
}
