import LiveState
import Models
import Serving
import Testing
import Vocabulary

/// The caller's own candidates, through the same steps.
@Suite struct RankTests {
  private func world() throws -> World {
    let world = try World()
    try world.put("a", "b", "c", "d", "e")
    try world.train(
      World.Trained(
        items: ["a", "b", "c", "d", "e"], popularity: [("e", 9), ("d", 8), ("c", 2)],
        transitions: ["a": [("c", 0.9), ("b", 0.4), ("d", 0.2)]],
        factors: ["a": [1, 0], "b": [0.9, 0.1], "c": [0.5, 0.5], "d": [0, 1], "e": [-1, 0]]))
    return world
  }

  @Test func ordersWhatIsAskedAndNothingElse() throws {
    let world = try world()
    try world.event("u", .view, "a")
    world.only(.transitions)
    let slate = try world.rank("u", ["d", "e", "b"])
    #expect(slate.names == ["b", "d", "e"])
    #expect(slate.items.map(\.sourceRanks) == [["transitions 1"], ["transitions 2"], []])
    #expect(slate.items[2].score == 0, "nothing is said of it")
    #expect(slate.items[2].explanations.isEmpty)
    #expect(slate.fallbacks.isEmpty)
  }

  /// The same scores as in a recommendation, but ranks among the candidates alone.
  @Test func factorsScoreTheCandidatesAlone() throws {
    let world = try world()
    try world.event("u", .view, "a")
    world.only(.ials)
    let all = try world.recommend("u") { $0.seen = .allow }
    let some = try world.rank("u", ["c", "b", "e"])
    #expect(some.names == ["b", "c", "e"])
    #expect(some.items.map(\.sourceRanks) == [["ials 1"], ["ials 2"], []])
    for name in ["b", "c"] {
      #expect(try some.item(name).sources[0].score == all.item(name).sources[0].score)
    }
  }

  @Test func seenItemsStayAndForbiddenOnesGo() throws {
    let world = try world()
    try world.event("u", .view, "a")
    try world.event("u", .hide, "b")
    try world.put("c") { $0.isHidden = true }
    try world.delete("d")
    let slate = try world.rank("u", ["a", "b", "c", "d", "e", "missing", "a"])
    #expect(Set(slate.names) == ["a", "e"])
    #expect(slate.fallbacks.contains(.unknownItem))
    #expect(slate.fallbacks.contains(.fewerThanK))
    let dropped = try world.rank("u", ["missing"])
    #expect(dropped.items.isEmpty)
  }

  @Test func anybodyMayAskAndNobodyAsksForNothing() throws {
    let world = try world()
    let slate = try world.rank("", ["c", "d", "e"])
    #expect(slate.names == ["e", "d", "c"], "by popularity")
    #expect(slate.fallbacks.contains(.unknownUser))
    let session = try world.rank("", ["d", "b"]) { $0.sessionItems = [Array("a".utf8)] }
    #expect(session.names == ["b", "d"])
    let fault = #expect(throws: Fault.self) { try world.rank("u", []) }
    #expect(fault?.reason == .missingField)
    #expect(fault?.field == "items")
    let many = #expect(throws: Fault.self) {
      try world.rank("u", (0...Limits.slateItemsMax).map { "i\($0)" })
    }
    #expect(many?.reason == .tooMany)
    #expect(throws: Fault.self) { try world.rank("u", ["a"]) { $0.minPosition = 1_000_000 } }
  }

  @Test func theSameQuestionHasTheSameAnswerWhateverCameBetween() throws {
    let world = try world()
    try world.event("u", .view, "a")
    let first = try world.rank("u", ["b", "c", "d"]) { $0.seed = 7 }
    let list = try world.recommend("u")
    #expect(try world.rank("u", ["b", "c", "d"]) { $0.seed = 7 }.timeless == first.timeless)
    #expect(try world.recommend("u").timeless == list.timeless, "candidates of one request bind no other")
    #expect(try world.rank("u", ["b", "c"]).recommendation != first.recommendation)
  }
}
