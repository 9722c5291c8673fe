import Serving
import Testing
import Vocabulary

/// A width and a budget for each source, and attributes of somebody nobody knows.
@Suite struct SourceLimitsTests {
  private func world() throws -> World {
    let world = try World()
    try world.put("a", "b", "c", "d", "e")
    var trained = World.Trained(items: ["a", "b", "c", "d", "e"])
    trained.popularity = [("a", 5), ("b", 4), ("c", 3), ("d", 2), ("e", 1)]
    try world.train(trained)
    return world
  }

  @Test func aWidthOfItsOwn() throws {
    let world = try world()
    world.only(.popular)
    world.settings.sourceWidth = 4
    _ = try world.recommend { $0.k = 1 }
    #expect(world.scratch.candidates.count == 4)
    world.settings.sourceLimits.widths[.popular] = 2
    _ = try world.recommend { $0.k = 1 }
    #expect(world.scratch.candidates.count == 2)
    // Never fewer than are wanted.
    #expect(try world.recommend { $0.k = 5 }.names == ["a", "b", "c", "d", "e"])
    world.settings.sourceLimits.widths[.popular] = 0
    _ = try world.recommend { $0.k = 1 }
    #expect(world.scratch.candidates.count == 4)
  }

  /// A source that took too long is left out, the reply says which, the others answer, and it is asked again after a while.
  @Test func aSourceOverItsBudgetIsSkippedAndTriedAgain() throws {
    let world = try world()
    world.only(.popular, .newest)
    world.settings.sourceLimits.budgetsMicroseconds[.popular] = 1_000_000
    #expect(try world.recommend().degraded.isEmpty)
    world.scratch.took(2_000_000_000, by: .popular)
    let slate = try world.recommend()
    #expect(slate.degraded == [.gather] && slate.skipped == [.popular])
    #expect(slate.items.count == 5 && slate.items.allSatisfy { $0.sources.map(\.source) == [.newest] })
    // An eighth less each time: 2 s are below 1 s after six.
    var tries = 1
    while try !world.recommend().skipped.isEmpty { tries += 1 }
    #expect(tries == 6)
    #expect(try world.recommend().item("a").sources.map(\.source) == [.popular, .newest])
    // One budget for all that have none of their own.
    world.settings.sourceLimits.budgetsMicroseconds = [:]
    world.settings.sourceLimits.budgetMicroseconds = 1000
    world.scratch.took(1_000_000_000, by: .newest)
    #expect(try world.recommend().skipped == [.popular, .newest])
  }

  /// Expected to end after the deadline, it is not begun.
  @Test func aSourceWithABudgetLooksAtTheDeadline() throws {
    let world = try world()
    world.only(.popular)
    world.settings.sourceLimits.budgetsMicroseconds[.popular] = 10_000_000
    world.scratch.took(8_000_000_000, by: .popular)
    var request = RecommendRequest()
    request.explain = .full
    let near = world.context(deadline: ContinuousNanoseconds.now + 2_000_000_000)
    #expect(try ReadPath.recommend(request, near, world.scratch).skipped == [.popular])
  }

  @Test func aVisitorSaysWhereFrom() throws {
    let world = try world()
    var trained = World.Trained(items: ["a", "b", "c", "d", "e"])
    trained.popularity = [("a", 5), ("b", 4)]
    trained.segments = [("country", "France", [("d", 4), ("e", 2)]), ("country", "Spain", [("c", 4)])]
    try world.train(trained, number: 2)
    world.only(.segmentPopular, .popular)
    func from(_ country: String) throws -> Slate {
      try world.recommend {
        $0.k = 2
        $0.userAttributes = [
          AttributeDraft(name: Array("country".utf8), value: .text(Array(country.utf8)))
        ]
      }
    }
    #expect(try from("France").names == ["d", "e"])
    #expect(try from("France").item("d").reasons == ["popular_in_segment France"])
    #expect(try from("Spain").names.first == "c")
    #expect(try from("Atlantis").names == ["a", "b"])
    #expect(try from("France").recommendation != from("Spain").recommendation)
    // What the request says goes before what the profile says.
    try world.put(user: "u", ["country": .text("Spain")])
    let slate = try world.recommend("u") {
      $0.k = 1
      $0.userAttributes = [AttributeDraft(name: Array("country".utf8), value: .text(Array("France".utf8)))]
    }
    #expect(slate.names == ["d"])
  }
}
