import LiveState
import Models
import Serving
import Testing
import Vocabulary

/// Lists by country and category, on examples worked by hand.
@Suite struct SegmentSourceTests {
  private let items = ["a", "b", "c", "d", "e", "f"]

  private func world() throws -> World {
    let world = try World()
    for (name, categories) in [
      ("a", ["tea"]), ("b", ["tea"]), ("c", ["cups"]), ("d", ["cups", "tea"]), ("e", []), ("f", []),
    ] { try world.put(name) { $0.categories = categories } }
    try world.train(
      World.Trained(
        items: items, popularity: [("a", 9), ("b", 8), ("c", 7), ("d", 6), ("e", 5), ("f", 4)],
        segments: [
          ("country", "France", [("f", 4), ("e", 2), ("a", 1)]), ("country", "Spain", [("b", 1)]),
          ("", "tea", [("a", 10), ("d", 5), ("b", 1)]), ("", "cups", [("d", 8), ("c", 2)]),
        ]))
    return world
  }

  @Test func aNewcomerGetsTheListOfTheirCountry() throws {
    let world = try world()
    try world.put(user: "marie", ["country": .text("France")])
    let slate = try world.recommend("marie") { $0.k = 3 }
    #expect(slate.names == ["f", "e", "a"])
    #expect(slate.items.allSatisfy { $0.reasons.first == "popular_in_segment France" })
    #expect(slate.items.allSatisfy { !$0.sourceRanks.contains { $0.hasPrefix("popular ") } })
    #expect(slate.fallbacks == [.noHistory])
    // What is popular everywhere fills up, behind.
    #expect(try world.recommend("marie") { $0.k = 6 }.names.prefix(3) == ["f", "e", "a"])
    #expect(try world.recommend("marie") { $0.k = 6 }.items.count == 6)
  }

  @Test func strangersAndUnknownCountriesGetTheListOfAll() throws {
    let world = try world()
    try world.put(user: "olaf", ["country": .text("Atlantis"), "city": .text("France")])
    try world.put(user: "nemo", ["country": .number(7)])
    for user in ["olaf", "nemo", "nobody"] {
      let slate = try world.recommend(user) { $0.k = 2 }
      #expect(slate.names == ["a", "b"], "\(user)")
      #expect(slate.items.allSatisfy { $0.reasons.first == "popular" })
    }
    world.settings.sourceWeights[.segmentPopular] = 0
    try world.put(user: "marie", ["country": .text("France")])
    #expect(try world.recommend("marie") { $0.k = 2 }.names == ["a", "b"], "switched off")
  }

  /// France weighs 1; of the categories the newest item's, tea alone, weighs 1.
  @Test func categoriesOfTheNewestItemsAreMixedIn() throws {
    let world = try world()
    try world.put(user: "marie", ["country": .text("France")])
    try world.event("marie", .view, "b")
    world.only(.segmentPopular)
    let slate = try world.recommend("marie") { $0.k = 4 }
    // a: 1/4 + 10/10, f: 4/4, e: 2/4, d: 5/10; b is seen.
    #expect(slate.names.prefix(2) == ["a", "f"])
    #expect(abs(try slate.item("a").sources[0].score - 1.25) < 1e-6)
    #expect(abs(try slate.item("d").sources[0].score - 0.5) < 1e-6)
    #expect(try slate.item("a").reasons == ["popular_in_segment tea"])
    #expect(try slate.item("f").reasons == ["popular_in_segment France"])
    // A session says more about now: cups, and tea behind it.
    let session = try world.recommend("") {
      $0.sessionItems = [Array("b".utf8), Array("c".utf8)]; $0.k = 2
    }
    // Cups 1, tea 0.8, over 1.8: d has 1/1.8 + 0.4/1.8, a 0.8/1.8.
    #expect(session.names == ["d", "a"])
    #expect(abs(try session.item("d").sources[0].score - 1.4 / 1.8) < 1e-6)
  }

  @Test func onlyTheNewestItemsCountAndNothingTurnedAway() throws {
    let world = try world()
    try world.event("u", .view, "c")
    try world.event("u", .hide, "c")
    world.only(.segmentPopular)
    #expect(
      try world.recommend("u") { $0.k = 6 }.items.allSatisfy {
        $0.sources.allSatisfy { $0.source != .segmentPopular }
      })
  }

  /// Works before anything is trained: trends are live.
  @Test func trendsWithinTheCategoriesTouched() throws {
    let world = try World()
    for (name, categories) in [("a", ["tea"]), ("b", ["tea"]), ("c", ["cups"]), ("d", ["tea", "cups"])] {
      try world.put(name) { $0.categories = categories }
    }
    try world.event("x", .purchase, "a", "c", "c", "d", "a", "a")
    try world.event("u", .view, "b")
    world.only(.segmentTrending)
    let slate = try world.recommend("u") { $0.k = 2 }
    #expect(slate.names == ["a", "d"], "c is of another category, b is seen")
    #expect(try slate.item("a").reasons == ["trending_in_segment tea"])
    #expect(abs(try slate.item("a").sources[0].score - 1) < 1e-6)
    // Deleted, hidden and seen are left out as everywhere.
    try world.delete("a")
    #expect(try world.recommend("u") { $0.k = 1 }.names == ["d"])
  }
}
