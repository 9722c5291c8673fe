import Serving
import Testing
import Vocabulary

/// What was seen, what may come again, what tires, and how a scenario weighs events.
@Suite struct SeenTests {
  private static let day: Int64 = 86_400

  private func names(_ slate: Slate) -> Set<String> { Set(slate.items.map(\.item.text)) }

  private func world() throws -> World {
    let world = try World()
    try world.put("old", "fresh", "other")
    try world.put("soap") { $0.attributes["consumable"] = .flag(true) }
    try world.event("u", .purchase, "old", ago: 10 * Self.day)
    try world.event("u", .purchase, "soap", ago: 2 * Self.day)
    try world.event("u", .purchase, "fresh", ago: Self.day)
    return world
  }

  @Test func whatWasSeenComesBackAfterSomeDays() throws {
    let world = try world()
    #expect(names(try world.recommend("u")) == ["other"])
    world.settings.seen.hideDays = 5
    #expect(names(try world.recommend("u")) == ["other", "old"])
    world.settings.seen.hideDays = 1.5
    #expect(names(try world.recommend("u")) == ["other", "old", "soap"])
    #expect(names(try world.recommend("u") { $0.seen = .allow }) == ["other", "old", "soap", "fresh"])
    // What the session holds was seen just now.
    #expect(names(try world.recommend("u") { $0.sessionItems = [Array("old".utf8)] }) == ["other", "soap"])
  }

  @Test func whatMayBeRepeatedIsShownAtOnce() throws {
    let world = try world()
    world.settings.seen.repeatable = "item.consumable"
    let slate = try world.recommend("u")
    #expect(names(slate) == ["other", "soap"])
    let soap = try #require(slate.items.first { $0.item.text == "soap" })
    #expect(soap.sources.contains { $0.source == .repeats }, "what comes back is what repeats speak for")
    try world.event("u", .dislike, "soap")
    #expect(names(try world.recommend("u")) == ["other"], "turned away stays turned away")
  }

  @Test func whatIsShownInVainTires() throws {
    let world = try World()
    try world.put("a", "b", "c")
    for hours in [30, 20, 10] as [Int64] { try world.event("u", .impression, "a", ago: hours * 3_600) }
    try world.event("u", .impression, "b", ago: 3_600)
    #expect(names(try world.recommend("u")) == ["a", "b", "c"], "off unless configured")
    world.settings.fatigue.impressions = 3
    #expect(names(try world.recommend("u")) == ["b", "c"])
    #expect(world.scratch.dropped[Int(DropReason.tired.rawValue)] == 0, "sources do not spend width on it")
    world.settings.fatigue.days = 1
    #expect(names(try world.recommend("u")) == ["a", "b", "c"], "only two within a day")
    world.settings.fatigue.days = 7
    // A click begins the count anew.
    try world.event("u", .click, "a", ago: 15 * 3_600)
    #expect(names(try world.recommend("u") { $0.seen = .allow }) == ["a", "b", "c"])
    for minutes in [50, 40] as [Int64] { try world.event("u", .impression, "a", ago: minutes * 60) }
    #expect(names(try world.recommend("u") { $0.seen = .allow }) == ["b", "c"])
    #expect(names(try world.recommend("v")) == ["a", "b", "c"], "others are not tired of it")
  }

  @Test func aFactorDemotesInsteadOfHiding() throws {
    let world = try World()
    try world.put("a", "b", "c")
    var trained = World.Trained(items: ["a", "b", "c"])
    trained.popularity = [("a", 3), ("b", 2), ("c", 1)]
    try world.train(trained)
    for source in SourceKind.allCases { world.settings.sourceWeights[source] = source == .popular ? 1 : 0 }
    try world.event("u", .impression, "a", "a")
    let plain = try world.recommend("u").items
    world.settings.fatigue.impressions = 2
    world.settings.fatigue.factor = 0.25
    let tired = try world.recommend("u").items
    #expect(tired.map(\.item.text) == ["b", "c", "a"])
    #expect(tired.last?.score == (plain.first?.score ?? 0) * 0.25)
  }

  /// Where a scenario weighs events differently, the sums of the live state are corrected by the events that are kept.
  @Test func aScenarioMayWeighEventsDifferently() throws {
    let world = try World()
    try world.put("a", "b", "c", "d")
    var trained = World.Trained(items: ["a", "b", "c", "d"])
    trained.linear = ["a": [("c", 1)], "b": [("d", 1)]]
    try world.train(trained)
    for source in SourceKind.allCases { world.settings.sourceWeights[source] = source == .linear ? 1 : 0 }
    try world.event("u", .view, "a", "b", "b")
    try world.event("u", .like, "a")
    func sources(_ name: String) throws -> Bool {
      try world.recommend("u").items.contains { item in
        item.item.text == name && item.sources.contains { $0.source == .linear }
      }
    }
    #expect(try sources("c") && sources("d"))
    // Views say nothing here: b is no part of the history, and a is by its like.
    world.settings.weights[.view] = 0
    #expect(try sources("c"))
    #expect(try !sources("d"))
    // Likes put off here: a is turned away.
    world.settings.weights[.view] = 1
    world.settings.weights[.like] = -5
    #expect(try !sources("c"))
    #expect(try sources("d"))
  }
}
