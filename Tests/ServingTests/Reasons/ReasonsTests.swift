import Serving
import Testing
import Vocabulary

@Suite struct ReasonsTests {
  func world() throws -> World {
    let world = try World()
    try world.put("a", "b", "c", "d", "x", "y", "z")
    try world.train(
      World.Trained(
        items: ["a", "b", "c", "d", "x", "y", "z"],
        popularity: [("y", 5), ("x", 4)],
        transitions: ["a": [("x", 0.9)], "b": [("x", 0.8)], "c": [("x", 0.7)], "d": [("x", 0.1)]],
        cooccurrence: ["c": [("z", 0.7)]]))
    try world.event("u", .view, "a", "b", "c", "d")
    world.settings.recentDecay = 0.5
    world.settings.sourceWeights[.newest] = 0
    world.settings.sourceWeights[.trending] = 0
    return world
  }

  /// x from a: 0.125 · 0.9, from b: 0.25 · 0.8, from c: 0.5 · 0.7, from d: 1 · 0.1.
  @Test func citesTheStrongestStarts() throws {
    let slate = try world().recommend("u") { $0.explain = .reasons }
    #expect(try slate.item("x").reasons == ["next_in_sequence c b"])
    #expect(try slate.item("z").reasons == ["bought_together c"])
    #expect(try slate.item("y").reasons == ["popular"])
    #expect(slate.items.allSatisfy { $0.sources.isEmpty } && slate.times.isEmpty, "those are for full")
  }

  @Test func fullTellsEverySource() throws {
    let slate = try world().recommend("u")
    #expect(try slate.item("x").reasons == ["next_in_sequence c b", "popular"])
    #expect(try slate.item("x").sourceRanks == ["popular 2", "transitions 1"])
  }

  @Test func habitsNewsAndTrends() throws {
    let world = try World()
    try world.put("a", "b")
    try world.event("u", .purchase, "a")
    world.only(.repeats, .newest)
    let slate = try world.recommend("u") {
      $0.seen = .allow
      $0.explain = .reasons
    }
    #expect(try slate.item("a").reasons == ["buy_again a"])
    #expect(try slate.item("b").reasons == ["new_item"])
    world.only(.trending)
    #expect(try world.recommend("x") { $0.explain = .reasons }.item("a").reasons == ["trending"])
  }

  /// What was taken off the catalogue is not paraded as a reason.
  @Test func citesNothingDeletedOrHidden() throws {
    let world = try world()
    try world.delete("c")
    #expect(try world.recommend("u").item("x").reasons.first == "next_in_sequence b a")
    try world.put("b") { $0.isHidden = true }
    #expect(try world.recommend("u").item("x").reasons.first == "next_in_sequence a d")
    try world.put("a") { $0.stock = 0 }
    #expect(
      try world.recommend("u").item("x").reasons.first == "next_in_sequence a d", "sold out is no secret")
  }
}
