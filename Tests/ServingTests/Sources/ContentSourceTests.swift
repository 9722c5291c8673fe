import LiveState
import Serving
import Testing
import Vocabulary

/// Two tastes, jazz and metal, in text and in factors.
@Suite struct ContentSourceTests {
  private func world() throws -> World {
    let world = try World()
    for (name, text) in [("a", "jazz"), ("b", "metal"), ("e", "jazz"), ("old", "jazz")] {
      try world.put(name) { $0.text = text }
    }
    var trained = World.Trained(items: ["a", "b", "e", "old"])
    trained.factors = ["a": [1, 0], "b": [0, 1], "e": [1, 0]]
    trained.words = ["jazz": ([1, 0], [1, 0]), "metal": ([0, 1], [0, 1])]
    try world.train(trained)
    world.only(.content)
    return world
  }

  /// Newer than the generation, touched by nobody: its text brings it to the one who likes jazz, at once.
  @Test func aNewItemIsFoundThroughItsText() throws {
    let world = try world()
    try world.event("u", .view, "a")
    #expect(try world.recommend("u") { $0.k = 1 }.names == ["old"], "it has a row, but no factors")
    try world.put("new") { $0.text = "jazz" }
    try world.put("loud") { $0.text = "metal" }
    let slate = try world.recommend("u") { $0.k = 3 }
    #expect(Set(slate.names.prefix(2)) == ["old", "new"] && slate.names[2] == "loud")
    let item = try slate.item("new")
    #expect(item.sources.map(\.source) == [.content])
    #expect(item.reasons == ["similar_content a"])
    // Put again with other words, it is another item.
    try world.put("new") { $0.text = "metal" }
    #expect(try world.recommend("u") { $0.k = 1 }.names == ["old"])
    let scores = try world.recommend("u") { $0.k = 3 }
    #expect(try scores.item("new").sources[0].score < 0.01 * scores.item("old").sources[0].score)
    try world.delete("old")
    #expect(try !world.recommend("u") { $0.k = 3 }.names.contains("old"))
  }

  /// The score of a cold item is the user folded in times what its content predicts, and parts add up to it.
  @Test func partsSumToTheScore() throws {
    let world = try world()
    try world.event("u", .purchase, "a")
    try world.event("u", .view, "e")
    try world.event("u", .view, "b")
    let slate = try world.recommend("u") { $0.k = 1 }
    let score = try slate.item("old").sources[0].score
    let (items, parts) = try #require(try world.contentParts(of: "old", for: "u"))
    #expect(abs(parts.reduce(0, +) - score) < 1e-5 && score > 0)
    #expect(Set(items) == Set([try world.index("a"), try world.index("e"), try world.index("b")]))
    // The one bought says most.
    #expect(items[try #require(parts.indices.max { parts[$0] < parts[$1] })] == (try world.index("a")))
  }

  /// A visitor who looked at nothing but an item that came today.
  @Test func aSessionOfNewItemsAsksAllItemsByContent() throws {
    let world = try world()
    try world.put("new") { $0.text = "jazz" }
    let slate = try world.recommend { ($0.sessionItems, $0.k) = ([Array("new".utf8)], 4) }
    let byContent = slate.items.filter { $0.sources.contains { $0.source == .content } }
    #expect(Set(byContent.map(\.item.text)) == ["a", "e", "old"], "metal has nothing to do with it")
    for item in byContent {
      #expect(abs(item.sources[0].score - 1) < 1e-5, "the cosine of equal texts")
      #expect(item.reasons == ["similar_content new"])
    }
    #expect(slate.fallbacks.contains(.unknownItem))
  }

  @Test func whatResemblesAnItem() throws {
    let world = try world()
    try world.put("new") { $0.text = "jazz" }
    #expect(Set(try world.similar("a") { $0.k = 3 }.names) == ["e", "old", "new"])
    let slate = try world.similar("new") { $0.k = 3 }
    #expect(Set(slate.names) == ["a", "e", "old"])
    #expect(try slate.item("a").reasons == ["similar_content new"])
  }

  @Test func givenCandidatesAreRankedByContentToo() throws {
    let world = try world()
    try world.put("new") { $0.text = "jazz" }
    try world.put("loud") { $0.text = "metal" }
    try world.event("u", .view, "b")
    let slate = try world.rank("u", ["new", "loud", "a"])
    #expect(slate.names.first == "loud")
    #expect(try slate.item("a").sources.isEmpty, "it has factors of its own")
  }

  /// Without content, and with content but nobody's text, nothing is said and nothing fails.
  @Test func nothingToGoByIsNoFault() throws {
    let bare = try World()
    try bare.put("a", "b")
    var trained = World.Trained(items: ["a", "b"])
    trained.factors = ["a": [1, 0], "b": [0, 1]]
    try bare.train(trained)
    bare.only(.content)
    try bare.event("u", .view, "a")
    #expect(try bare.recommend("u").names == ["b"])
    let world = try world()
    try world.put("mute") { $0.title = "" }
    #expect(
      try world.similar("mute").items.allSatisfy { !$0.sources.contains { $0.source == .content } })
  }
}
