import Serving
import Testing
import Vocabulary

/// Which step keeps an item out, one case for each.
@Suite struct TracerTests {
  private func world() throws -> World {
    let world = try World()
    try world.put("a", "b", "c", "d")
    try world.put("hidden") { $0.isHidden = true }
    try world.train(
      World.Trained(
        items: ["a", "b", "c", "d"], popularity: [("b", 9), ("c", 8), ("d", 7)],
        transitions: ["a": [("b", 0.9), ("c", 0.5), ("d", 0.1)]]))
    try world.event("u", .purchase, "a")
    world.only(.popular, .transitions)
    return world
  }

  private func trace(_ world: World, _ item: String, k: UInt32 = 2) throws -> ItemTrace {
    var request = ExplainRequest()
    request.request.user = Array("u".utf8)
    request.request.k = k
    request.items = [Array(item.utf8)]
    let reply = try ReadPath.explain(request, world.context(), world.scratch)
    return try #require(reply.items.first)
  }

  @Test func namesTheStep() throws {
    let world = try world()
    let shown = try trace(world, "c")
    #expect((shown.fate, shown.step, shown.rank, shown.scoredRank) == (.shown, .keep, 2, 2))
    let outscored = try trace(world, "d")
    #expect((outscored.fate, outscored.step) == (.outscored, .score))
    #expect((outscored.rank, outscored.scoredRank) == (0, 3))
    #expect(outscored.score < outscored.lastScore)
    let seen = try trace(world, "a")
    #expect((seen.fate, seen.step, seen.rule) == (.forbidden, .drop, "seen"))
    #expect(try trace(world, "hidden").rule == "unshowable")
    let unknown = try trace(world, "never")
    #expect((unknown.fate, unknown.step) == (.unknown, .look))
  }

  @Test func tellsWhatSourcesSay() throws {
    let world = try world()
    world.settings.sourceWidth = 2
    // Both sources give two places; "d" has a score in both and none of the places.
    let cut = try trace(world, "d")
    #expect((cut.fate, cut.step) == (.notNamed, .gather))
    let transitions = try #require(cut.sources.first { $0.source == .transitions })
    #expect(transitions.state == .cut)
    #expect((transitions.score - 0.1).magnitude < 1e-6)
    #expect(transitions.lowest == 0.5)
    #expect(transitions.count == 2)
    #expect(cut.sources.first { $0.source == .ials }?.state == .off)
    try world.put("fresh")
    let silent = try trace(world, "fresh")
    #expect(silent.fate == .notNamed)
    #expect(silent.sources.filter { $0.state != .off }.allSatisfy { $0.state == .silent })
  }

  /// The trace of each item agrees with the list that `recommend` gives.
  @Test func agreesWithTheList() throws {
    let world = try world()
    let slate = try world.recommend("u") { $0.k = 3 }
    var request = ExplainRequest()
    request.request.user = Array("u".utf8)
    request.request.k = 3
    let reply = try ReadPath.explain(request, world.context(), world.scratch)
    #expect(reply.items.map { String(decoding: $0.item, as: UTF8.self) } == slate.names)
    #expect(reply.items.map(\.score) == slate.items.map(\.score))
    #expect(reply.items.map(\.rank) == [1, 2, 3])
    #expect(reply.items.map(\.contributions) == slate.items.map(\.contributions))
    #expect(reply.recommendation == slate.recommendation)
    #expect(reply.forbidden == [DropCount(rule: "seen", count: 1), DropCount(rule: "unshowable", count: 1)])
  }

  /// Each filter says what it decides of each item, also of one that another rule forbids.
  @Test func tellsEveryFiltersDecision() throws {
    let world = try world()
    try world.put("b") { $0.price = 5 }
    try world.put("c") { $0.price = 50 }
    world.settings.rules.filter = "item.price > 1 and (item.price < 20 or item.id == \"a\")"
    var request = ExplainRequest()
    request.request.user = Array("u".utf8)
    request.request.k = 2
    request.request.filter = Array("  not (item.id in [\"a\"])  &&  item.price != 5".utf8)
    request.items = ["a", "b", "c", "never"].map { Array($0.utf8) }
    let traces = try ReadPath.explain(request, world.context(), world.scratch).items
    func decision(_ origin: FilterOrigin, _ part: String?, at character: UInt32 = 0) -> FilterTrace {
      var trace = FilterTrace(origin, passes: part == nil)
      trace.part = part ?? ""
      trace.character = character
      return trace
    }
    let dear = "(item.price < 20 or item.id == \"a\")"
    // Without a price; cheap enough, and 5; too dear.
    #expect(
      traces[0].filters == [
        decision(.scenario, "item.price > 1", at: 1), decision(.request, "not (item.id in [\"a\"])", at: 3),
      ])
    #expect(traces[0].rule == "seen")
    #expect(traces[1].filters == [decision(.scenario, nil), decision(.request, "item.price != 5", at: 31)])
    #expect(traces[1].rule == "filtered")
    #expect(traces[2].filters == [decision(.scenario, dear, at: 20), decision(.request, nil)])
    #expect(traces[2].rule == "filtered")
    #expect(traces[3].filters.isEmpty)
  }

  @Test func refusesTooMany() throws {
    let world = try world()
    var request = ExplainRequest()
    request.items = [[UInt8]](repeating: [97], count: Limits.explainedItemsMax + 1)
    let asked = request
    let fault = #expect(throws: Fault.self) {
      try ReadPath.explain(asked, world.context(), world.scratch)
    }
    #expect(fault?.reason == .tooMany)
  }
}
