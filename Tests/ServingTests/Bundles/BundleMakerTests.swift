import Serving
import Testing
import Vocabulary

/// Bundles made up from co-occurrence, the arithmetic done by hand.
@Suite struct BundleMakerTests {
  private func bundles(
    _ world: World, _ basket: [String], _ change: (inout BundlesRequest) -> Void = { _ in }
  )
    throws -> BundlesReply
  {
    var request = BundlesRequest()
    request.basket = basket.map { Array($0.utf8) }
    change(&request)
    return try ReadPath.bundles(request, world.context(), world.scratch)
  }

  private func names(_ reply: BundlesReply) -> [[String]] {
    reply.bundles.map { $0.members.map(\.item.text) }
  }

  private func world() throws -> World {
    let world = try World()
    for (place, name) in ["a", "b", "c", "d"].enumerated() {
      try world.put(name) { item in
        item.price = Double(place + 1)
        item.currency = "EUR"
        item.categories = [name == "c" ? "k1" : "k\(place)"]
      }
    }
    var trained = World.Trained(items: ["a", "b", "c", "d"])
    trained.cooccurrence = [
      "a": [("b", 0.9), ("c", 0.8), ("d", 0.1)], "b": [("a", 0.9), ("c", 0.7)],
      "c": [("a", 0.8), ("b", 0.7)], "d": [("a", 0.1)],
    ]
    trained.popularity = [("d", 4), ("a", 3)]
    try world.train(trained)
    return world
  }

  @Test func whatGoesTogetherGrowsTogether() throws {
    let reply = try bundles(try world(), ["a"]) { $0.k = 2 }
    // a b takes in c: 0.8 + 0.7 over 2 is above half of 0.9. d does not belong: 0.1 over 3. Score 2.4 / 3.
    // a d takes in b, then c: (0.1 + 0.9 + 0.8 + 0.7) / 6.
    #expect(names(reply) == [["a", "b", "c"], ["a", "d", "b", "c"]])
    #expect(abs(reply.bundles[0].score - 0.8) < 1e-6)
    #expect(abs(reply.bundles[1].score - 2.5 / 6) < 1e-6)
    #expect(reply.bundles[0].price == 6 && reply.bundles[0].currency == "EUR")
    #expect(reply.fallbacks.isEmpty)
  }

  @Test func conditionsAreKept() throws {
    let world = try world()
    #expect(
      names(try bundles(world, ["a"]) { ($0.sizeMin, $0.sizeMax) = (2, 2) }) == [
        ["a", "b"], ["a", "c"], ["a", "d"],
      ])
    #expect(names(try bundles(world, ["a"]) { $0.sizeMin = 5 }) == [])
    // b and c share a category.
    #expect(
      names(try bundles(world, ["a"]) { $0.hasDistinctCategories = true }) == [
        ["a", "b"], ["a", "c"], ["a", "d", "b"],
      ])
    #expect(names(try bundles(world, ["a"]) { $0.categories = [Array("k3".utf8)] }) == [["a", "d"]])
    #expect(names(try bundles(world, ["a"]) { $0.price.most = 3 }) == [["a", "b"]])
    #expect(names(try bundles(world, ["a"]) { $0.price.least = 7 }) == [["a", "d", "b", "c"]])
    #expect(
      names(try bundles(world, ["a"]) { $0.exclude = [Array("b".utf8), Array("d".utf8)] }) == [["a", "c"]])
    #expect(names(try bundles(world, ["a"]) { $0.price.currency = Array("USD".utf8) }) == [])
  }

  @Test func whatMayNotBeShownIsNoMember() throws {
    let world = try world()
    try world.put("b") { $0.stock = 0 }
    #expect(names(try bundles(world, ["a"])) == [["a", "c"], ["a", "d", "c"]])
    try world.put("a") { $0.isHidden = true }
    #expect(names(try bundles(world, ["a"])) == [])
  }

  @Test func bundlesAreNoMembers() throws {
    let world = try world()
    try world.put("b") { $0.members = [try? ItemIdentifier("c")].compactMap { $0 } }
    #expect(names(try bundles(world, ["a"])) == [["a", "c"], ["a", "d", "c"]])
  }

  @Test func historyOrPopularityGiveTheSeeds() throws {
    let world = try world()
    try world.event("u", .view, "c")
    #expect(names(try bundles(world, []) { $0.user = Array("u".utf8) })[0][0] == "c")
    let anybody = try bundles(world, [])
    #expect(Set(names(anybody).compactMap(\.first)).isSubset(of: ["a", "d"]) && !anybody.bundles.isEmpty)
    #expect(anybody.fallbacks.contains(.unknownUser))
  }

  @Test func aRequestThatCannotBeMetIsRefused() throws {
    let world = try world()
    let wrong: [(inout BundlesRequest) -> Void] = [
      { $0.k = 0 }, { $0.k = 101 }, { $0.sizeMin = 1 }, { ($0.sizeMin, $0.sizeMax) = (4, 3) },
      { $0.sizeMax = 17 },
      { $0.price.most = -1 }, { $0.price.least = .infinity },
    ]
    for change in wrong { #expect(throws: Fault.self) { try bundles(world, ["a"], change) } }
  }

  /// Random tables and conditions: every bundle keeps them all, and the same question has the same answer.
  @Test(arguments: (1...40).map { UInt64($0) })
  func everyConditionHolds(seed: UInt64) throws {
    var random = RandomNumbers(seed: seed)
    let world = try World()
    let names = (0..<(4 + random.below(20))).map { "i\($0)" }
    var (prices, categories, forbidden) = ([String: Double](), [String: String](), Set<String>())
    for name in names {
      let (price, category, dice) = (Double(random.below(50)), "k\(random.below(4))", random.below(8))
      if random.below(6) > 0 { prices[name] = price }
      categories[name] = category
      if dice < 2 { forbidden.insert(name) }
      let given = prices[name]
      try world.put(name) { item in
        (item.price, item.currency, item.categories) = (given, given == nil ? "" : "EUR", [category])
        if dice == 0 { item.stock = 0 }
        if dice == 1 { item.isHidden = true }
      }
    }
    var trained = World.Trained(items: names)
    for name in names {
      trained.cooccurrence[name] = random.shuffled(names).filter { $0 != name }.prefix(random.below(10))
        .enumerated().map { ($1, 1 - Float($0) / 12) }
    }
    try world.train(trained)
    for round in 0..<10 {
      var request = BundlesRequest()
      request.basket = (0..<(1 + random.below(3))).map { _ in Array(names[random.below(names.count)].utf8) }
      request.k = UInt32(1 + random.below(6))
      request.sizeMin = UInt32(2 + random.below(2))
      request.sizeMax = request.sizeMin + UInt32(random.below(4))
      request.hasDistinctCategories = random.below(2) == 0
      if random.below(2) == 0 { request.price.most = Double(20 + random.below(80)) }
      if random.below(3) == 0 { request.price.least = Double(random.below(20)) }
      if random.below(3) == 0 { request.categories = [Array("k1".utf8), Array("k2".utf8)] }
      request.exclude = [Array(names[random.below(names.count)].utf8)]
      let reply = try ReadPath.bundles(request, world.context(), world.scratch)
      #expect(try ReadPath.bundles(request, world.context(), ReadScratch()) == reply, "seed \(seed)")
      #expect(reply.bundles.count <= Int(request.k))
      #expect(zip(reply.bundles, reply.bundles.dropFirst()).allSatisfy { $0.score >= $1.score })
      #expect(Set(reply.bundles.map { Set($0.members.map(\.item)) }).count == reply.bundles.count)
      for bundle in reply.bundles {
        let members = bundle.members.map(\.item.text)
        let comment: Comment = "seed \(seed), round \(round): \(members)"
        #expect(Set(members).count == members.count, comment)
        #expect((Int(request.sizeMin)...Int(request.sizeMax)).contains(members.count), comment)
        #expect(forbidden.isDisjoint(with: members), comment)
        #expect(!request.exclude.contains { members.contains(String(decoding: $0, as: UTF8.self)) }, comment)
        #expect(request.basket.contains(Array(members[0].utf8)), comment)
        if request.hasDistinctCategories {
          #expect(Set(members.compactMap { categories[$0] }).count == members.count, comment)
        }
        if !request.categories.isEmpty {
          #expect(members.dropFirst().allSatisfy { ["k1", "k2"].contains(categories[$0] ?? "") }, comment)
        }
        let sum =
          members.compactMap { prices[$0] }.count == members.count
          ? members.compactMap { prices[$0] }.reduce(0, +) : nil
        #expect(bundle.price == sum, comment)
        if let most = request.price.most { #expect(sum.map { $0 <= most } == true, comment) }
        if let least = request.price.least { #expect(sum.map { $0 >= least } == true, comment) }
      }
    }
  }
}
