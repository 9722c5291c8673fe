import Serving
import Testing
import Vocabulary

/// `Complete` with bundles for an answer, on worlds small enough to count by hand.
@Suite struct CompleteBundlesTests {
  private func bundle(_ world: World, _ name: String, of members: String..., price: Double? = nil) throws {
    try world.put(name) { item in
      item.members = members.compactMap { try? ItemIdentifier($0) }
      item.price = price
      item.currency = price == nil ? "" : "EUR"
    }
  }

  /// x = a b, y = c d, z = a c; c goes with a.
  private func world() throws -> World {
    let world = try World()
    for (place, name) in ["a", "b", "c", "d"].enumerated() {
      try world.put(name) { item in
        item.price = Double(10 * (place + 1))
        item.currency = "EUR"
      }
    }
    try bundle(world, "x", of: "a", "b")
    try bundle(world, "y", of: "c", "d")
    try bundle(world, "z", of: "a", "c", price: 25)
    var trained = World.Trained(items: ["a", "b", "c", "d"])
    trained.cooccurrence = ["a": [("c", 0.8)], "c": [("a", 0.8)]]
    try world.train(trained)
    world.only(.members)
    return world
  }

  private func complete(
    _ world: World, _ basket: [String], user: String = "",
    _ change: (inout CompleteRequest) -> Void = { _ in }
  ) throws -> Slate {
    try world.complete(basket) { request in
      request.answer = .bundles
      request.user = Array(user.utf8)
      change(&request)
    }
  }

  @Test func whatIsInTheBasketAndWhatGoesWithItCount() throws {
    let world = try world()
    let slate = try complete(world, ["a"])
    // m(a) = 1, m(c) = 1: z has 2 / 2, x and y have 1 / 2; x came first.
    #expect(slate.names == ["z", "x", "y"])
    #expect(try slate.item("z").sources.map(\.score) == [1])
    #expect(try slate.item("x").sources.map(\.score) == [0.5])
    #expect(try slate.item("z").members.map(\.text) == ["a", "c"])
    #expect(try slate.item("x").reasons == ["bought_together a"])
    #expect(try slate.item("y").reasons == ["bought_together a"])
    #expect(slate.fallbacks == [.fewerThanK])
  }

  @Test func onlyBundlesAnswer() throws {
    let world = try world()
    world.only(.popular, .newest, .cooccurrence, .members)
    #expect(Set(try complete(world, ["a"]).names) == ["x", "y", "z"])
    // Items are answered with items, as ever.
    #expect(try world.complete(["a"]).items.allSatisfy { $0.members.isEmpty })
  }

  @Test(arguments: ["hidden", "deleted", "out of stock", "excluded", "turned away", "own"])
  func aBundleWithAMemberThatMayNotBeShownIsNoAnswer(_ why: String) throws {
    let world = try world()
    switch why {
    case "hidden": try world.put("c") { $0.isHidden = true }
    case "deleted": try world.delete("c")
    case "out of stock": try world.put("c") { $0.stock = 0 }
    case "turned away": try world.event("u", .hide, "c")
    case "own": try world.put("c") { $0.owner = try? UserIdentifier("u") }
    default: break
    }
    let slate = try complete(world, ["a"], user: "u") {
      if why == "excluded" { $0.exclude = [Array("c".utf8)] }
    }
    #expect(slate.names == ["x"])
  }

  @Test func aMemberThatNobodyKnowsIsWaitedFor() throws {
    let world = try world()
    try bundle(world, "w", of: "a", "later")
    #expect(!(try complete(world, ["a"]).names.contains("w")))
    try world.put("later")
    #expect(try complete(world, ["a"]).names.contains("w"))
  }

  @Test func whatTheUserHasWholeIsLeftOut() throws {
    let world = try world()
    // Looking at something is not having it.
    try world.event("u", .view, "a", "b")
    #expect(try complete(world, ["c"], user: "u").names.contains("x"))
    try world.event("u", .purchase, "a", "b")
    #expect(try complete(world, ["d"], user: "u").names == ["y", "z"])
    // What is in the basket counts as had: with a bought and c in it, nothing of z is left to add.
    #expect(try complete(world, ["c"], user: "u").names == ["y"])
    #expect(try complete(world, ["c", "d"]).names == ["z", "x"])
    #expect(try complete(world, ["c", "d"], user: "u").names == [])
  }

  @Test func pricesBoundBundles() throws {
    let world = try world()
    // z costs 25 as put; x is 10 + 20, y is 30 + 40.
    func names(_ least: Double?, _ most: Double?, _ currency: String = "") throws -> Set<String> {
      Set(
        try complete(world, ["a"]) {
          ($0.price.least, $0.price.most, $0.price.currency) = (least, most, Array(currency.utf8))
        }.names)
    }
    #expect(try names(nil, 30) == ["x", "z"])
    #expect(try names(nil, 29.99) == ["z"])
    #expect(try names(26, nil, "EUR") == ["x", "y"])
    #expect(try names(nil, nil, "USD") == [])
    // Without a price nothing is known to be cheap enough.
    try world.put("a")
    #expect(try names(nil, 1000) == ["y", "z"])
  }

  @Test func aUserWithoutABasketIsAnsweredByTheHistory() throws {
    let world = try world()
    try world.event("u", .purchase, "a")
    #expect(try complete(world, [], user: "u").names.first == "z")
    #expect(throws: Fault.self) { try complete(world, []) }
  }

  @Test func membersThatSuitTheUserCount() throws {
    let world = try world()
    var trained = World.Trained(items: ["a", "b", "c", "d", "x", "y"])
    trained.factors = ["a": [1, 0], "b": [1, 0], "c": [0, 1], "d": [0, 1]]
    trained.popularity = [("x", 2), ("y", 1)]
    try world.train(trained, number: 2)
    world.only(.popular, .memberTaste)
    world.settings.sourceWeights[.memberTaste] = 2
    try world.event("u", .view, "d")
    let slate = try complete(world, [], user: "u")
    #expect(slate.names.first == "y")
    #expect(try Set(slate.item("y").sources.map(\.source)) == [.popular, .memberTaste])
    #expect(try slate.item("y").reasons.first == "because_you_interacted d")
  }

  @Test func boundsThatAreNoneAreRefused() throws {
    let world = try world()
    for (least, most) in [(-1.0, 2.0), (3, 2), (.nan, 2)] {
      #expect(throws: Fault.self) {
        try complete(world, ["a"]) { ($0.price.least, $0.price.most) = (least, most) }
      }
    }
    #expect(throws: Fault.self) { try world.complete(["a"]) { $0.price.most = 5 } }
  }
}
