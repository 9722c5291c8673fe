import Serving
import Testing
import Vocabulary

/// Each source alone, on examples worked by hand.
@Suite struct SourceTests {
  @Test func popularGivesTheListWithoutTheForbidden() throws {
    let world = try World()
    try world.put("a", "b", "c", "d")
    try world.train(
      World.Trained(items: ["a", "b", "c", "d"], popularity: [("c", 9), ("a", 7), ("d", 7), ("b", 1)]))
    try world.delete("a")
    world.only(.popular)
    let slate = try world.recommend("u")
    #expect(slate.names == ["c", "d", "b"])
    #expect(slate.items.map(\.sourceRanks) == [["popular 1"], ["popular 2"], ["popular 3"]])
    #expect(slate.items.map { $0.sources[0].score } == [9, 7, 1])
  }

  @Test func trendingNeedsNoGeneration() throws {
    let world = try World()
    try world.event("x", .purchase, "a", "b", "b", "c", "b", "c")
    world.only(.trending)
    #expect(try world.recommend("u") { $0.k = 2 }.names == ["b", "c"])
  }

  @Test func newestGoesByCreationTime() throws {
    let world = try World()
    for (name, seconds) in [("early", 10), ("late", 30), ("middle", 20)] {
      try world.put(name) { $0.created = Timestamp(microseconds: Int64(seconds) * 1_000_000) }
    }
    try world.put("undated 1", "undated 2")
    world.only(.newest)
    #expect(try world.recommend("u").names == ["late", "middle", "early", "undated 2", "undated 1"])
  }

  /// c = 1 · 0.5, d = 1 · 0.2 + 0.5 · 0.8, starting from b (newest) and a.
  @Test func transitionsSumOverTheNewestItems() throws {
    let world = try World()
    try world.put("a", "b", "c", "d", "e")
    try world.train(
      World.Trained(
        items: ["a", "b", "c", "d", "e"],
        transitions: ["b": [("a", 0.9), ("c", 0.5), ("d", 0.2)], "a": [("d", 0.8), ("b", 0.7)]]))
    try world.event("u", .view, "a", "b")
    world.only(.transitions)
    world.settings.recentDecay = 0.5
    let slate = try world.recommend("u") { $0.k = 2 }
    #expect(slate.names == ["d", "c"])
    #expect(abs(try #require(slate.items[0].sources.first).score - 0.6) < 1e-6)
    #expect(abs(try #require(slate.items[1].sources.first).score - 0.5) < 1e-6)
    // Only the newest is started from: c before d.
    world.settings.recentItems = 1
    #expect(try world.recommend("u") { $0.k = 2 }.names == ["c", "d"])
  }

  @Test func cooccurrenceSumsOverTheBasket() throws {
    let world = try World()
    try world.put("tea", "milk", "cup", "sugar", "spoon")
    try world.train(
      World.Trained(
        items: ["tea", "milk", "cup", "sugar", "spoon"],
        cooccurrence: [
          "tea": [("cup", 0.6), ("milk", 0.5), ("sugar", 0.4)], "milk": [("tea", 0.5), ("sugar", 0.3)],
        ]))
    world.only(.cooccurrence)
    #expect(try world.complete(["tea"]) { $0.k = 2 }.names == ["cup", "milk"])
    // 0.7 for sugar, 0.6 for the cup; the basket itself is out.
    let slate = try world.complete(["tea", "milk"]) { $0.k = 2 }
    #expect(slate.names == ["sugar", "cup"] && slate.fallbacks.isEmpty)
    #expect(try world.complete(["milk", "tea"]) { $0.k = 2 }.names == ["sugar", "cup"], "a basket is a set")
    #expect(try world.complete(["milk", "tea", "tea"]) { $0.k = 2 }.names == ["sugar", "cup"])
  }

  /// Bread three times a month ago counts 1.5, cheese twice now counts 2, wine once two months ago 0.25.
  @Test func repeatsDecay() throws {
    let world = try World()
    let month = Int64(RepeatSource.halfLifeSeconds)
    try world.event("u", .purchase, "wine", ago: 2 * month)
    for _ in 0..<3 { try world.event("u", .purchase, "bread", ago: month) }
    for _ in 0..<2 { try world.event("u", .purchase, "cheese") }
    try world.event("u", .purchase, "spoilt")
    try world.event("u", .hide, "spoilt")
    world.only(.repeats)
    let slate = try world.recommend("u") { $0.seen = .allow }
    #expect(slate.names == ["cheese", "bread", "wine"])
    for (item, score) in zip(slate.items, [2, 1.5, 0.25] as [Float]) {
      #expect(abs(try #require(item.sources.first).score - score) < 1e-4)
    }
    #expect(try world.recommend("u").items.isEmpty, "seen items are hidden by default")
    world.settings.hideSeen = false
    #expect(try world.recommend("u").names == ["cheese", "bread", "wine"], "the scenario allows them")
    #expect(try world.recommend("u") { $0.seen = .hide }.items.isEmpty)
  }

  /// In a basket the habit decides between equals and does not push in front of what goes with the basket.
  @Test func repeatsTipTheBasket() throws {
    let world = try World()
    try world.put("tea", "cup", "pot", "bread")
    try world.train(
      World.Trained(
        items: ["tea", "cup", "pot", "bread"],
        cooccurrence: ["tea": [("cup", 0.6), ("pot", 0.5)]]))
    try world.event("u", .purchase, "pot", "bread", "bread", "bread")
    #expect(try world.complete(["tea"]) { $0.k = 3 }.names.prefix(2) == ["cup", "pot"])
    let own = try world.complete(["tea"]) {
      $0.user = Array("u".utf8)
      $0.k = 3
    }
    #expect(own.names == ["pot", "cup", "bread"])
  }

  @Test func similarComparesByAngle() throws {
    let world = try World()
    let names = ["a", "near", "long", "far", "opposite"]
    for name in names { try world.put(name) }
    try world.train(
      World.Trained(
        items: names,
        factors: [
          "a": [1, 0], "near": [0.5, 0.05], "long": [9, 9], "far": [0.1, 1], "opposite": [-1, 0],
        ]))
    world.only(.ials)
    let slate = try world.similar("a") { $0.k = 3 }
    #expect(slate.names == ["near", "long", "far"])
    #expect(slate.items.map(\.reasons) == Array(repeating: ["similar_item a"], count: 3))
    #expect(slate.fallbacks.isEmpty)
    #expect(
      try world.similar("a").fallbacks == [.fewerThanK, .filledWithPopular], "opposite is no resemblance")
  }

  /// A source that is switched off says nothing, but still fills.
  @Test func switchedOff() throws {
    let world = try World()
    try world.put("a", "b")
    try world.train(World.Trained(items: ["a", "b"], popularity: [("a", 2), ("b", 1)]))
    world.only()
    let slate = try world.recommend("u")
    #expect(slate.names == ["a", "b"] && slate.items.allSatisfy { $0.score == 0 })
  }
}
