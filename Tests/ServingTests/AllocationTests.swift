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

  /// What the steps from gather on take in each of four runs of one request.
  /// - Parameter look: the look step, which may allocate: it copies what the request says.
  private func allocations(
    of world: World, _ context: ReadContext, spreads: Bool = false, look: () throws -> Void
  ) throws -> [UInt64] {
    var counts: [UInt64] = []
    for _ in 0..<4 {
      try world.scratch.start(context)
      try look()
      let before = allocations_of_this_thread()
      Gather.run(context, world.scratch)
      Drop.run(context, world.scratch)
      Score.run(context, world.scratch)
      if spreads { Spread.run(context, world.scratch) }
      counts.append(allocations_of_this_thread() - before)
    }
    return counts
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

  /// The same for `Similar` with a user's taste, and for bundles.
  @Test func tasteAndBundlesAllocateNothing() throws {
    guard allocations_are_counted() == 1 else { return }
    let world = try world()
    for number in 0..<40 {
      try world.put("bundle\(number)") { item in
        item.members = (0..<4).compactMap { try? ItemIdentifier("i\(3 * number + $0)") }
      }
    }
    var similar = SimilarRequest()
    (similar.item, similar.user, similar.k) = (Array("i7".utf8), Array("u".utf8), 20)
    var complete = CompleteRequest()
    (complete.basket, complete.user, complete.k) = (
      [Array("i7".utf8), Array("i9".utf8)], Array("u".utf8), 20
    )
    complete.answer = .bundles
    complete.price.least = 0
    for number in 0..<300 {
      try world.put("i\(number)") { ($0.price, $0.currency) = (1, "EUR") }
    }
    let context = world.context()
    for isSimilar in [true, false] {
      let counts = try allocations(of: world, context) {
        if isSimilar {
          try Look.similar(similar, context, world.scratch)
        } else {
          try Look.complete(complete, context, world.scratch)
        }
      }
      #expect(world.scratch.candidates.count >= 20)
      #expect(counts.suffix(2) == [0, 0], "similar \(isSimilar): \(counts)")
    }
  }

  /// Filters and boosts take nothing either, whether they read the item alone or user, time and place, too.
  @Test func filtersAndBoostsAllocateNothing() throws {
    guard allocations_are_counted() == 1 else { return }
    let world = try world()
    for name in ["i3", "i9", "i27", "i81"] {
      try world.put(name) {
        $0.price = 3
        $0.categories = ["a category with a long name", "b"]
        $0.attributes["colour"] = .text("a colour that is longer than fifteen bytes")
      }
    }
    world.settings.rules.filter = "not (\"b\" in item.categories and item.price < 2)"
    world.settings.rules.boost = "if(item.age < 7d, 2, 1)"
    let context = world.context()
    var request = RecommendRequest()
    request.user = Array("u".utf8)
    request.k = 20
    request.boost = Array("item.price ?? 1".utf8)
    for filter in [
      "item.colour != \"red\"", "text(item.colour) != user.colour and context.time > 0",
      "not (distance(item.location, context.location) < 5)",
    ] {
      request.filter = Array(filter.utf8)
      let counts = try allocations(of: world, context) {
        try Look.recommend(request, context, world.scratch)
      }
      #expect(world.scratch.candidates.count >= 20)
      #expect(counts.suffix(2) == [0, 0], "\(filter): \(counts)")
    }
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
        let counts = try allocations(of: world, context) {
          try Look.recommend(request, context, world.scratch)
        }
        #expect(world.scratch.candidates.count >= 20)
        #expect(counts.suffix(2) == [0, 0], "\(sources.map(\.name)), seen \(seen): \(counts)")
      }
    }
  }

  /// Spread with all it can do, gathering included, for both methods.
  @Test func spreadAllocatesNothing() throws {
    guard allocations_are_counted() == 1 else { return }
    let world = try world()
    for name in ["fresh1", "fresh2", "fresh3"] { try world.put(name) { $0.categories = ["new"] } }
    for number in 0..<300 where number % 2 == 0 {
      try world.put("i\(number)") { item in
        item.categories = ["c\(number % 7)", "a category with quite a long name \(number % 3)"]
        item.attributes["brand"] = .text("b\(number % 11)")
      }
    }
    world.settings.spread.caps = [
      try #require(AttributeCap("category:4")), try #require(AttributeCap("brand:1/3")),
    ]
    world.settings.spread.shares = [
      try #require(ExposureShare("brand=b2:0.2")),
      try #require(ExposureShare("(item.brand == \"b5\" or \"c3\" in item.categories):0.1")),
    ]
    world.settings.spread.pins = [try #require(Pin("i17@2"))]
    world.settings.spread.promotions = [
      try #require(Promotion("brand=b3@4")), try #require(Promotion("item=i9@6")),
    ]
    world.settings.exploration.slots = [3, 8]
    world.settings.exploration.rate = 0.5
    var request = RecommendRequest()
    request.user = Array("u".utf8)
    request.k = 20
    for method in SpreadMethod.allCases {
      world.settings.spread.method = method
      let context = world.context()
      for seed in 0..<4 as Range<UInt64> {
        request.seed = seed
        let counts = try allocations(of: world, context, spreads: true) {
          try Look.recommend(request, context, world.scratch)
        }
        #expect(world.scratch.order.count == 20)
        #expect(counts.suffix(2) == [0, 0], "\(method), seed \(seed): \(counts)")
      }
    }
  }
}
