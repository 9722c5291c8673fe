import Serving
import Testing
import Vocabulary

/// What a reply falls back to, and whether it says so.
@Suite struct KeepTests {
  func trained() -> World.Trained {
    World.Trained(
      items: ["a", "b", "c", "d", "e"],
      popularity: [("e", 5), ("d", 4), ("c", 3), ("b", 2), ("a", 1)],
      transitions: ["a": [("b", 0.9)]])
  }

  func world() throws -> World {
    let world = try World()
    try world.put("a", "b", "c", "d", "e")
    try world.event("somebody", .purchase, "c")
    try world.train(trained())
    return world
  }

  @Test func anEmptyCatalogue() throws {
    let world = try World()
    for slate in [try world.recommend("u"), try world.similar("x"), try world.complete(["x"])] {
      #expect(slate.items.isEmpty)
      #expect(slate.fallbacks.contains(.emptyCatalogue) && slate.fallbacks.contains(.fewerThanK))
      #expect(slate.fallbacks.contains(.noGeneration))
    }
  }

  @Test func noGenerationYet() throws {
    let world = try World()
    try world.put("old", "quiet", "loved", "young")
    try world.event("somebody", .purchase, "loved", "loved", "old")
    let slate = try world.recommend("nobody") { $0.k = 3 }
    #expect(slate.names == ["loved", "old", "young"], "what trends, then what is new")
    #expect(slate.fallbacks == [.noGeneration, .unknownUser])
    #expect(slate.generation == .none)
    #expect(try world.recommend("somebody") { $0.k = 2 }.names == ["young", "quiet"])
  }

  @Test func anUnknownUser() throws {
    let world = try world()
    let slate = try world.recommend("nobody") { $0.k = 3 }
    #expect(slate.fallbacks == [.unknownUser])
    #expect(slate.items.allSatisfy { $0.sources.contains { $0.source == .popular } })
    #expect(try world.recommend("") { $0.k = 3 }.fallbacks == [.unknownUser], "nobody was named")
    // The session makes it personal.
    let session = try world.recommend("") {
      $0.k = 1
      $0.sessionItems = [Array("a".utf8)]
    }
    #expect(session.names == ["b"] && session.fallbacks == [])
  }

  @Test func aUserWithoutUsableHistory() throws {
    let world = try world()
    try world.event("shy", .impression, "a", "b")
    #expect(try world.recommend("shy") { $0.k = 2 }.fallbacks == [.noHistory])
    try world.event("grump", .dislike, "a")
    let slate = try world.recommend("grump") { $0.k = 5 }
    #expect(slate.fallbacks == [.noHistory, .fewerThanK] && !slate.names.contains("a"))
  }

  @Test func fewerThanK() throws {
    let world = try world()
    let slate = try world.recommend("nobody") { $0.k = 1000 }
    #expect(Set(slate.names) == ["a", "b", "c", "d", "e"] && slate.fallbacks.contains(.fewerThanK))
    #expect(try world.recommend("nobody") { $0.k = 5 }.fallbacks == [.unknownUser], "exactly enough")
  }

  @Test func popularityFillsWhatPersonalSourcesLeave() throws {
    let world = try world()
    try world.event("u", .view, "a")
    world.only(.transitions)
    let slate = try world.recommend("u") { $0.k = 3 }
    #expect(slate.names == ["b", "e", "d"])
    #expect(slate.fallbacks == [.filledWithPopular])
    #expect(try slate.item("e").sourceRanks == ["popular 1"] && slate.items[1].score == 0)
    #expect(try world.recommend("u") { $0.k = 1 }.fallbacks == [])
  }

  @Test func unknownItems() throws {
    let world = try world()
    try world.put("new")
    for name in ["missing", "new"] {
      let similar = try world.similar(name) { $0.k = 2 }
      #expect(similar.names == ["e", "d"] && similar.fallbacks == [.unknownItem], "\(name)")
      let complete = try world.complete([name]) { $0.k = 2 }
      #expect(complete.names == ["e", "d"] && complete.fallbacks == [.unknownItem], "\(name)")
    }
    let mixed = try world.complete(["missing", "a"]) { $0.k = 1 }
    #expect(mixed.names == ["b"] && mixed.fallbacks == [.unknownItem])
    // The item asked about is not in the answer, known to the generation or not.
    #expect(try !world.similar("new") { $0.k = 10 }.names.contains("new"))
  }

  @Test func namesWhatItWasMadeOf() throws {
    let world = try world()
    let slate = try world.recommend("u") {
      $0.seed = 7
      $0.includeTitles = true
    }
    #expect(slate.generation == GenerationNumber(1) && slate.position == Position(world.position))
    #expect(slate.configurationHash == 42 && slate.seed == 7 && slate.recommendation.count == 32)
    #expect(
      RecommendationIdentifier(checked: slate.recommendation) != nil,
      "an event must be able to name the answer")
    #expect(slate.items.allSatisfy { $0.title == "The " + $0.item.text })
    #expect(slate.times.map(\.step) == StepKind.allCases)
    #expect(world.scratch.times == slate.times)
    let plain = try world.recommend("u") { $0.explain = .none }
    #expect(plain.times.isEmpty && plain.items.allSatisfy { $0.sources.isEmpty && $0.explanations.isEmpty })
    #expect(plain.items.allSatisfy { $0.title.isEmpty })
  }

  /// The same question on the same state has the same name, any other another.
  @Test func recommendationNames() throws {
    let world = try world()
    let changes: [(inout RecommendRequest) -> Void] = [
      { _ in }, { $0.seed = 1 }, { $0.k = 3 }, { $0.exclude = [[65]] }, { $0.sessionItems = [[65]] },
      { $0.user = [65] }, { $0.seen = .allow }, { $0.exclude = [[65], [66]] },
    ]
    var names: [[UInt8]] = []
    for change in changes {
      let name = try world.recommend("u", change).recommendation
      #expect(try world.recommend("u", change).recommendation == name)
      names.append(name)
    }
    names.append(try world.similar("a").recommendation)
    names.append(try world.complete(["a"]).recommendation)
    try world.put("later")
    names.append(try world.recommend("u").recommendation)
    #expect(Set(names).count == names.count)
  }
}
