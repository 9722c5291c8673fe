import LiveState
import Serving
import Testing
import Vocabulary

/// What an item's own fields forbid, in every list; and that what is hidden goes on teaching.
@Suite struct CatalogueRulesTests {
  /// `seed` goes with everything, and everything but `fine` and `seed` is forbidden for `asker`.
  private func world() throws -> World {
    let world = try World()
    try world.put("seed", "fine", "deleted")
    try world.put("hidden") { $0.isHidden = true }
    try world.put("sold-out") { $0.stock = 0 }
    try world.put("expired") { $0.availableUntil = world.now }
    try world.put("to-come") {
      $0.availableFrom = Timestamp(microseconds: world.now.microseconds + 1_000_000)
    }
    try world.put("own") { $0.owner = try? UserIdentifier("asker") }
    try world.delete("deleted")
    var trained = World.Trained(
      items: ["seed", "fine", "deleted", "hidden", "sold-out", "expired", "to-come", "own"])
    let others = trained.items.dropFirst().map { ($0, Float(1)) }
    trained.popularity = trained.items.map { ($0, 1) }
    trained.transitions = ["seed": others]
    trained.cooccurrence = ["seed": others]
    trained.linear = ["seed": others]
    for (place, name) in trained.items.enumerated() { trained.factors[name] = [1, Float(place) / 10] }
    try world.train(trained)
    try world.event("asker", .view, "seed")
    return world
  }

  private func names(_ slate: Slate) -> Set<String> { Set(slate.items.map(\.item.text)) }

  @Test func noListHoldsWhatIsForbidden() throws {
    let world = try world()
    let all = ["fine", "deleted", "hidden", "sold-out", "expired", "to-come", "own"]
    #expect(names(try world.recommend("asker")) == ["fine"])
    #expect(names(try world.recommend("asker") { $0.seen = .allow }) == ["fine", "seed"])
    #expect(names(try world.rank("asker", all)) == ["fine"])
    // `Similar` and a basket without a user are nobody's: what a user offers may be shown to others.
    #expect(names(try world.similar("seed")) == ["fine", "own"])
    #expect(names(try world.complete(["seed"])) == ["fine", "own"])
    #expect(names(try world.complete(["seed"]) { $0.user = Array("asker".utf8) }) == ["fine"])
    #expect(names(try world.recommend("other")) == ["seed", "fine", "own"])
  }

  @Test func timesBeginAndEndOnTheSecond() throws {
    let world = try world()
    func at(_ seconds: Int64) throws -> Set<String> {
      names(
        try world.recommend("") {
          $0.context.timeMicroseconds = (world.now.seconds + seconds) * 1_000_000
        })
    }
    #expect(try at(-1) == ["seed", "fine", "own", "expired"])
    #expect(try at(0) == ["seed", "fine", "own"])
    #expect(try at(1) == ["seed", "fine", "own", "to-come"])
  }

  /// Out of stock hides, and the events go on counting: for the user's history and for what trends.
  @Test func whatIsOutOfStockGoesOnTeaching() throws {
    let world = try world()
    for source in SourceKind.allCases {
      world.settings.sourceWeights[source] = source == .transitions || source == .trending ? 1 : 0
    }
    try world.put("seed") { $0.stock = 0 }
    try world.event("reader", .purchase, "seed")
    let slate = try world.recommend("reader")
    #expect(!names(slate).contains("seed"))
    let fine = try #require(slate.items.first { $0.item.text == "fine" })
    #expect(fine.sources.contains { $0.source == .transitions }, "what was bought still leads somewhere")
    try world.put("seed") { $0.stock = 1 }
    let back = try world.recommend("somebody")
    let seed = try #require(back.items.first { $0.item.text == "seed" })
    #expect(seed.sources.contains { $0.source == .trending }, "events meanwhile were counted")
  }

  @Test func everyFieldIsReadable() throws {
    let world = try World()
    try world.put("full") {
      $0.text = "Six of them."
      $0.categories = ["kitchen", "blue"]
      $0.price = 12.5
      $0.currency = "EUR"
      $0.stock = 3
      $0.created = Timestamp(microseconds: world.now.microseconds - 86_400_000_000)
      $0.availableFrom = Timestamp(microseconds: world.now.microseconds - 1_000_000)
      $0.availableUntil = Timestamp(microseconds: world.now.microseconds + 1_000_000)
      $0.location = GeoPoint(latitude: 48, longitude: 9)
      $0.owner = try? UserIdentifier("shop")
      $0.members = [$0.id]
      $0.attributes = [
        "colour": .text("blue"), "tags": .texts(["a"]), "new": .flag(true), "margin": .number(2),
      ]
    }
    try world.put("bare")
    for filter in [
      "item.id == \"full\"", "contains(item.text, \"Six\")", "\"blue\" in item.categories",
      "item.price == 12.5",
      "item.currency == \"EUR\"", "item.stock > 2", "item.age == 1d", "item.available_from < context.time",
      "item.available_until > context.time", "distance(item.location, point(48, 9)) < 1",
      "item.owner == \"shop\"", "item.is_bundle", "item.colour == \"blue\"", "item.tags overlaps [\"a\"]",
      "item.new", "item.margin >= 2",
    ] {
      let slate = try world.recommend("") { $0.filter = Array(filter.utf8) }
      #expect(names(slate) == ["full"], "\(filter)")
      let opposite = try world.recommend("") { $0.filter = Array("not (\(filter))".utf8) }
      #expect(names(opposite) == ["bare"], "not \(filter)")
    }
  }
}
