import Serving
import Testing
import Vocabulary

@Suite struct ScoreTests {
  func prepared(_ world: World, seed: UInt64 = 0, k: UInt32 = 10) throws -> (ReadContext, ReadScratch) {
    let scratch = ReadScratch()
    let context = world.context()
    try scratch.start(context)
    var request = RecommendRequest()
    request.seed = seed
    request.k = k
    try Look.recommend(request, context, scratch)
    return (context, scratch)
  }

  /// Two sources, weights 2 and 1, constant 10: worked by hand.
  @Test func fusesReciprocalRanks() throws {
    let world = try World()
    try world.put("a", "b", "c", "d")
    world.settings.fusionConstant = 10
    world.settings.sourceWeights = [.ials: 2, .popular: 1, .trending: 0]
    let (context, scratch) = try prepared(world)
    scratch.candidates.offer(ItemIndex(0), .ials, rank: 1, score: 5)  // 2/11
    scratch.candidates.offer(ItemIndex(1), .ials, rank: 2, score: 4)  // 2/12 + 1/11
    scratch.candidates.offer(ItemIndex(1), .popular, rank: 1, score: 9)
    scratch.candidates.offer(ItemIndex(2), .popular, rank: 2, score: 8)  // 1/12
    scratch.candidates.offer(ItemIndex(3), .trending, rank: 1, score: 8)  // switched off: 0
    scratch.candidates.verdicts[0] = .seen
    Score.run(context, scratch)
    #expect(scratch.order == [1, 2, 3], "dropped stays dropped, the rest by score")
    let expected = [2.0 / 11, 2.0 / 12 + 1.0 / 11, 1.0 / 12, 0]
    for (number, score) in expected.enumerated() {
      #expect(abs(scratch.candidates.scores[number] - score) < 1e-12)
    }
  }

  @Test func fillersComeLastInTheirOrder() throws {
    let world = try World()
    try world.put("a", "b", "c", "d")
    let (context, scratch) = try prepared(world, k: 3)
    scratch.candidates.offer(ItemIndex(3), .ials, rank: 200, score: 1)
    scratch.candidates.fillStart = 1
    for item in [2, 0, 1] as [UInt32] {
      scratch.candidates.offer(ItemIndex(item), .popular, rank: 1, score: 1)
    }
    Score.run(context, scratch)
    #expect(scratch.order == [0, 1, 2])
    #expect(scratch.candidates.scores[1] == 0)
  }

  /// Equal scores: the seed decides, always the same way, and different seeds differ.
  @Test func theSeedDecidesBetweenEquals() throws {
    let world = try World()
    for number in 0..<20 { try world.put("i\(number)") }
    var orders: Set<[Int32]> = []
    for seed in 0..<5 as Range<UInt64> {
      var same: Set<[Int32]> = []
      for _ in 0..<3 {
        let (context, scratch) = try prepared(world, seed: seed, k: 20)
        for number in 0..<20 as Range<UInt32> {
          scratch.candidates.offer(ItemIndex(number), .ials, rank: 1, score: 1)
        }
        Score.run(context, scratch)
        same.insert(scratch.order)
        orders.insert(scratch.order)
      }
      #expect(same.count == 1)
    }
    #expect(orders.count == 5)
  }
}
