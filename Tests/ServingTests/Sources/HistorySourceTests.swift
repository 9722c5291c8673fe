import LiveState
import Serving
import Testing
import Vocabulary

/// The sources that look at a whole history, each alone, on examples worked by hand.
@Suite struct HistorySourceTests {
  private let names = ["a", "b", "c", "d", "e"]

  private func isNear(_ left: Float?, _ right: Float) -> Bool { abs((left ?? .nan) - right) < 1e-5 }

  /// c = 0.5 - 0.1, d = 0.4 + 0.3, e = 0.2 - 0.6: everything counts alike, and what speaks against an item counts.
  @Test func linearSumsOverTheWholeHistory() throws {
    let world = try World()
    for name in names { try world.put(name) }
    try world.train(
      World.Trained(
        items: names,
        linear: [
          "a": [("c", 0.5), ("d", 0.4), ("e", 0.2)], "b": [("d", 0.3), ("a", 0.2), ("c", -0.1), ("e", -0.6)],
        ]))
    try world.event("u", .view, "a", "b")
    world.only(.linear)
    world.settings.recentItems = 1
    let slate = try world.recommend("u") { $0.k = 2 }
    #expect(slate.names == ["d", "c"])
    #expect(slate.items.map(\.sourceRanks) == [["linear 1"], ["linear 2"]])
    #expect(isNear(slate.items[0].sources.first?.score, 0.7))
    #expect(isNear(slate.items[1].sources.first?.score, 0.4))
    #expect(slate.items.map(\.reasons) == [["because_you_interacted a b"], ["because_you_interacted a"]])
    #expect(slate.fallbacks.isEmpty)
    // e is only a filler: its sum is below zero.
    #expect(try world.recommend("u") { $0.k = 3 }.item("e").score == 0)
    // A session alone is a history too.
    let session = try world.recommend {
      $0.sessionItems = [Array("b".utf8)]; $0.k = 1
    }
    #expect(session.names == ["d"] && session.items[0].reasons == ["because_you_interacted b"])
  }

  private func sharing() throws -> World {
    let world = try World()
    for name in names { try world.put(name) }
    try world.train(
      World.Trained(
        items: names,
        users: [
          ("p", [("a", 1), ("b", 1), ("c", 0.5)]), ("q", [("a", 1), ("d", 1)]), ("r", [("e", 1), ("b", 1)]),
        ]))
    world.only(.similarUsers)
    return world
  }

  /// p shares a with 1/√3, q with 1/√2, r nothing: weights 0.4495 and 0.5505.
  @Test func similarUsersVoteByLikeness() throws {
    let world = try sharing()
    // u came after the generation.
    try world.event("u", .view, "a")
    let slate = try world.recommend("u") { $0.k = 3 }
    #expect(slate.names == ["d", "b", "c"])
    let p = 1 / Float(3).squareRoot()
    let q = 1 / Float(2).squareRoot()
    let wanted: [Float] = [q / (p + q), p / (p + q), 0.5 * p / (p + q)]
    for (item, wanted) in zip(slate.items, wanted) {
      #expect(isNear(item.sources.first?.score, wanted))
      #expect(item.reasons == ["similar_users a"])
    }
    #expect(slate.fallbacks.isEmpty)
  }

  @Test func nobodyIsTheirOwnNeighbour() throws {
    let world = try sharing()
    try world.event("p", .view, "a", "b")
    // p's own c is in the index; only q and r are like p.
    let slate = try world.recommend("p") { $0.k = 2 }
    #expect(Set(slate.names) == ["d", "e"])
    #expect(try slate.item("e").reasons == ["similar_users b"])
    try world.event("stranger", .view, "a", "b")
    let stranger = try world.recommend("stranger") { $0.k = 3 }
    #expect(Set(stranger.names) == ["c", "d", "e"])
    #expect(try stranger.item("c").reasons == ["similar_users a b"], "p is a neighbour of others")
  }

  @Test func onlyTheNearestCount() throws {
    let world = try World()
    for name in names { try world.put(name) }
    try world.train(
      World.Trained(
        items: names, users: [("p", [("a", 1), ("b", 1)]), ("q", [("a", 1), ("c", 1), ("d", 1)])],
        similarUsers: 1))
    world.only(.similarUsers)
    try world.event("u", .view, "a")
    let slate = try world.recommend("u") { $0.k = 5 }
    #expect(slate.names.first == "b" && isNear(slate.items[0].sources.first?.score, 1))
    #expect(slate.items.dropFirst().allSatisfy { $0.score == 0 })
  }

  /// What was seen comes back where the list may show it, and a basket is compared like a history.
  @Test func baskets() throws {
    let world = try sharing()
    try world.event("u", .view, "a")
    let slate = try world.recommend("u") {
      $0.seen = .allow
      $0.k = 1
    }
    #expect(slate.names == ["a"] && isNear(slate.items[0].sources.first?.score, 1))
    #expect(slate.items[0].reasons == ["similar_users"], "that one had it is no reason to show it")
    let completion = try world.complete(["a"]) { $0.k = 2 }
    #expect(completion.names == ["d", "b"])
    #expect(completion.items[0].reasons == ["similar_users a"])
  }

  /// A search that took long lately is skipped when less time than that is left, and the reply says so.
  @Test func skipsTheSearchWhenTimeIsShort() throws {
    let world = try sharing()
    try world.event("u", .view, "a")
    var request = RecommendRequest()
    request.user = Array("u".utf8)
    let minute: UInt64 = 60_000_000_000
    world.scratch.similarUsersTime.took(100 * minute)
    let short = try ReadPath.recommend(
      request, world.context(deadline: ContinuousNanoseconds.now + minute), world.scratch)
    #expect(short.degraded == [.gather])
    world.scratch.similarUsersTime.took(100 * minute)
    let long = try ReadPath.recommend(
      request, world.context(deadline: ContinuousNanoseconds.now + 200 * minute), world.scratch)
    #expect(long.degraded == [] && long.names.first == "d")
  }

  /// One confidence is a day older than the other: with a half-life of a day it counts half in fold-in.
  @Test(arguments: [nil, 1.0]) func confidencesFadeAsTrained(halfLife: Double?) throws {
    let world = try World()
    for name in names { try world.put(name) }
    try world.train(
      World.Trained(items: names, factors: ["a": [1, 0], "b": [0, 1]], halfLifeDays: halfLife))
    try world.event("u", .view, "a", ago: 86_400)
    try world.event("u", .view, "b")
    _ = try world.recommend("u")
    #expect(world.scratch.taste.items == [try world.index("b"), try world.index("a")])
    #expect(world.scratch.taste.confidences == [1, halfLife == nil ? 1 : 0.5])
  }
}
