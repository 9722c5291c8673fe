import Serving
import Testing
import Vocabulary

/// What a list is for, by hand.
@Suite struct ObjectiveScoreTests {
  /// a, b, c by popularity; all three shown 20 times, bought 2, 10 and 4 times, hidden 0, 8 and 0 times.
  func world() throws -> World {
    let world = try World()
    world.only(.popular)
    world.settings.fusionConstant = 0
    for (name, margin) in [("a", 1.0), ("b", 1.0), ("c", 5.0)] {
      try world.put(name) { item in
        item.attributes["margin"] = .number(margin)
        item.price = 10
      }
    }
    var trained = World.Trained(items: ["a", "b", "c"])
    trained.popularity = [("a", 3), ("b", 2), ("c", 1)]
    try world.train(trained)
    for (name, bought, hidden) in [("a", 2, 0), ("b", 10, 8), ("c", 4, 0)] {
      for visit in 0..<20 {
        try world.event("v\(visit)", .impression, name)
        if visit < bought { try world.event("v\(visit)", .purchase, name) }
        if visit < hidden { try world.event("w\(visit)", .hide, name) }
      }
    }
    return world
  }

  func scores(_ world: World) throws -> [String: Float] {
    Dictionary(uniqueKeysWithValues: try world.recommend { $0.k = 3 }.items.map { ($0.item.text, $0.score) })
  }

  @Test func withoutObjectivesRelevanceDecides() throws {
    let world = try world()
    #expect(try world.recommend { $0.k = 3 }.names == ["a", "b", "c"])
    world.settings.objectives.weights = [try #require(Objective("purchase:1"))]
    world.settings.objectives.share = 0
    #expect(try world.recommend { $0.k = 3 }.names == ["a", "b", "c"])
  }

  /// Relevance 1, 1/2, 1/3; 60 exposures, 16 purchases; κ = 20.
  /// Rates: (2 + 20 · 16/60) / 40 = 0.18333, (10 + 5.3333) / 40 = 0.38333, 0.23333.
  @Test func purchases() throws {
    let world = try world()
    world.settings.objectives.weights = [try #require(Objective("purchase:1"))]
    let rates = [2.0, 10, 4].map { ($0 + 20 * 16.0 / 60) / 40 }
    let mean = rates.reduce(0, +) / 3
    let found = try scores(world)
    for (place, name) in ["a", "b", "c"].enumerated() {
      let expected = rates[place] / mean / Double(place + 1)
      #expect(abs(Double(try #require(found[name])) - expected) < 1e-6, "\(name)")
    }
    // b: 0.19167 before a: 0.18333 before c: 0.07778.
    #expect(try world.recommend { $0.k = 3 }.names == ["b", "a", "c"])
    world.settings.objectives.share = 0.5
    let half = try scores(world)
    #expect(abs(Double(try #require(half["a"])) - (0.5 + 0.5 * rates[0] / mean)) < 1e-6)
  }

  @Test func margins() throws {
    let world = try world()
    world.settings.objectives.weights = [try #require(Objective("purchase*margin:1"))]
    #expect(try world.recommend { $0.k = 3 }.names == ["c", "b", "a"], "0.389, 0.192, 0.183")
    // An item without a margin earns nothing.
    try world.put("c")
    #expect(try world.recommend { $0.k = 3 }.names == ["b", "a", "c"])
    #expect(try scores(world)["c"] == 0)
    world.settings.objectives.weights = [try #require(Objective("purchase*price:2"))]
    try world.put("b") { $0.price = 0.1 }
    #expect(try world.recommend { $0.k = 3 }.names == ["a", "b", "c"])
  }

  /// Hides count against an item: b's hides outweigh its purchases, and it comes last with a negative score.
  @Test func hidesCountAgainst() throws {
    let world = try world()
    world.settings.objectives.weights = [
      try #require(Objective("purchase:1")), try #require(Objective("hide:-2")),
    ]
    let slate = try world.recommend { $0.k = 3 }
    #expect(slate.names == ["a", "c", "b"] && slate.items[2].score < 0)
  }
}
