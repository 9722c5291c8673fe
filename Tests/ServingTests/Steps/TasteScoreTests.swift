import Serving
import Testing
import Vocabulary

/// `Similar` for somebody: the same items, in an order that the user's taste has a say in.
@Suite struct TasteScoreTests {
  private func world() throws -> World {
    let world = try World()
    for name in ["q", "x", "y", "h", "other"] { try world.put(name) }
    var trained = World.Trained(items: ["q", "x", "y", "h", "other"])
    trained.cooccurrence = ["q": [("x", 0.9), ("y", 0.8)]]
    trained.factors = ["x": [1, 0], "y": [0, 1], "h": [0, 1], "other": [0, 1]]
    try world.train(trained)
    world.only(.cooccurrence, .ials)
    try world.event("u", .purchase, "h")
    return world
  }

  private func names(_ world: World, _ user: String, k: UInt32 = 2) throws -> [String] {
    try world.similar("q") { request in
      request.user = Array(user.utf8)
      request.k = k
    }.names
  }

  @Test func tasteOrdersWhatIsSimilar() throws {
    let world = try world()
    #expect(try world.similar("q") { $0.k = 2 }.names == ["x", "y"])
    // 1 / 61 against 1 / 62 + 0.5 / 61.
    #expect(try names(world, "u") == ["y", "x"])
    world.settings.similarTaste = 0
    #expect(try names(world, "u") == ["x", "y"])
  }

  @Test func theLinearModelIsPartOfTaste() throws {
    let world = try world()
    var trained = World.Trained(items: ["q", "x", "y", "h"])
    trained.cooccurrence = ["q": [("x", 0.9), ("y", 0.8)]]
    trained.linear = ["h": [("y", 0.3)]]
    try world.train(trained, number: 2)
    world.only(.cooccurrence, .linear)
    #expect(try names(world, "u") == ["y", "x"])
  }

  @Test func nothingComesInThatDoesNotResemble() throws {
    let world = try world()
    let asked = try world.similar("q") { request in
      request.user = Array("u".utf8)
      request.k = 4
    }
    // Fillers follow what resembles, for everybody alike.
    #expect(asked.names.prefix(2) == ["y", "x"])
    #expect(Set(asked.names) == Set(try world.similar("q") { $0.k = 4 }.names))
  }

  @Test func seenStaysAndTurnedAwayGoes() throws {
    let world = try world()
    try world.event("u", .view, "x")
    #expect(Set(try names(world, "u")) == ["x", "y"])
    try world.event("u", .hide, "y")
    #expect(try names(world, "u").first == "x")
    #expect(!(try names(world, "u", k: 10).contains("y")))
  }

  @Test func whoIsNotKnownGetsTheListOfEverybody() throws {
    let world = try world()
    #expect(try names(world, "nobody") == ["x", "y"])
    let slate = try world.similar("q") { $0.user = Array("nobody".utf8) }
    #expect(slate.fallbacks.contains(.unknownUser))
  }
}
