import CAllocations
import Serving
import Testing
import Vocabulary

/// The steps before the reply is written take nothing from the heap once their memory is warm.
@Suite struct AllocationTests {
  /// Counts; otherwise a test that finds none would say nothing.
  @Test func countingWorks() {
    guard allocations_are_counted() == 1 else { return }
    let before = allocations_of_this_thread()
    var numbers: [Int] = []
    for number in 0..<100 { numbers.append(number) }
    #expect(allocations_of_this_thread() > before && numbers.count == 100)
  }

  private func world() throws -> World {
    let world = try World()
    var random = RandomNumbers(seed: 7)
    let names = (0..<300).map { "i\($0)" }
    for (place, name) in names.enumerated() {
      try world.put(name) {
        $0.text = place % 2 == 0 ? "jazz" : "metal"
        $0.location = GeoPoint(latitude: 48 + Double(place) / 1000, longitude: 9)
      }
    }
    var trained = World.Trained(items: names)
    trained.popularity = names.enumerated().map { ($1, 1000 - Float($0)) }
    func lists() -> [String: [(String, Float)]] {
      var lists: [String: [(String, Float)]] = [:]
      for name in names {
        lists[name] = random.shuffled(names).filter { $0 != name }.prefix(40).enumerated().map {
          ($1, 1 - Float($0) / 50)
        }
      }
      return lists
    }
    trained.transitions = lists()
    trained.cooccurrence = lists()
    trained.linear = lists()
    trained.users = (0..<200).map { user in
      ("v\(user)", random.shuffled(names).prefix(20).map { ($0, 1) })
    }
    // A tenth has no factors: cold.
    for name in names.dropLast(30) { trained.factors[name] = (0..<8).map { _ in random.signed() } }
    trained.words = [
      "jazz": ([1, 0], (0..<8).map { _ in random.signed() }),
      "metal": ([0, 1], (0..<8).map { _ in random.signed() }),
    ]
    try world.train(trained)
    for name in random.shuffled(names).prefix(60) { try world.event("u", .view, name) }
    return world
  }

  /// Gather and everything up to the order of the candidates, for each source alone and for all.
  @Test func gatherDropAndScoreAllocateNothing() throws {
    guard allocations_are_counted() == 1 else { return }
    let world = try world()
    var request = RecommendRequest()
    request.user = Array("u".utf8)
    request.k = 20
    for sources in SourceKind.allCases.map({ [$0] }) + [SourceKind.allCases] {
      for source in SourceKind.allCases {
        world.settings.sourceWeights[source] = sources.contains(source) ? 1 : 0
      }
      let context = world.context()
      for seen in [SeenPolicy.hide, .allow] {
        request.seen = seen
        var counts: [UInt64] = []
        for _ in 0..<4 {
          try world.scratch.start(context)
          try Look.recommend(request, context, world.scratch)
          let before = allocations_of_this_thread()
          Gather.run(context, world.scratch)
          Drop.run(context, world.scratch)
          Score.run(context, world.scratch)
          counts.append(allocations_of_this_thread() - before)
          #expect(world.scratch.candidates.count >= 20)
        }
        #expect(counts.suffix(2) == [0, 0], "\(sources.map(\.name)), seen \(seen): \(counts)")
      }
    }
  }
}
