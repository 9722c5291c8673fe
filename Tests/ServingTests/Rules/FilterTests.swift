import LiveState
import Serving
import Testing
import Vocabulary

/// Filters and boosts, of requests and scenarios, through the whole read path.
@Suite struct FilterTests {
  /// Items i0 … with a price that is their number, `count` of them; every source has something to say.
  private func shop(_ count: Int) throws -> World {
    let world = try World()
    var random = RandomNumbers(seed: 3)
    let names = (0..<count).map { "i\($0)" }
    for (price, name) in names.enumerated() {
      try world.put(name) {
        $0.price = Double(price)
        $0.categories = [price % 2 == 0 ? "even" : "odd"]
        $0.attributes["rare"] = .flag(price % 100 == 7)
      }
    }
    var trained = World.Trained(items: names)
    trained.popularity = names.enumerated().map { ($1, 10_000 - Float($0)) }
    for name in names { trained.factors[name] = (0..<8).map { _ in random.signed() } }
    try world.train(trained)
    try world.event("u", .purchase, "i1", "i2", "i3")
    return world
  }

  private func names(_ slate: Slate) -> [String] { slate.items.map(\.item.text) }

  /// One item in a hundred passes, and the list is full and personal all the same.
  @Test(arguments: ["item.rare", "item.rare and context.time > 0", "item.rare or user.id == \"nobody\""])
  func aSelectiveFilterStillFillsTheList(filter: String) throws {
    let world = try shop(2_000)
    let slate = try world.recommend("u") {
      $0.k = 15
      $0.filter = Array(filter.utf8)
    }
    #expect(slate.items.count == 15)
    for name in names(slate) { #expect((Int(name.dropFirst()) ?? 0) % 100 == 7, "\(name)") }
    // iALS looked through all rows for them; without the filter inside it, it would have found a few at most.
    let named = slate.items.filter { $0.sources.contains { $0.source == .ials } }
    #expect(named.count >= 5, "\(named.count)")
  }

  /// The rows that a filter lets pass are put together over several requests where the catalogue is large, and kept;
  /// lists do not depend on how far that is.
  @Test func theSameRequestGivesTheSameListHoweverWarmTheFilterIs() throws {
    let world = try shop(3_000)
    func ask() throws -> [String] {
      names(
        try world.recommend("u") {
          $0.k = 20
          $0.filter = Array("item.price % 50 == 3".utf8)
        })
    }
    let first = try ask()
    #expect(first.count == 20)
    for _ in 0..<3 { #expect(try ask() == first) }
  }

  @Test func whatIsKeptOfAFilterFollowsTheCatalogue() throws {
    let world = try shop(600)
    func cheap() throws -> Set<String> {
      Set(
        names(
          try world.recommend("u") {
            $0.k = 100
            $0.filter = Array("item.price >= 590".utf8)
            $0.seen = .allow
          }))
    }
    #expect(try cheap() == Set((590..<600).map { "i\($0)" }))
    try world.put("i595") { $0.price = 1 }
    try world.put("i300") { $0.price = 999 }
    try world.put("new") { $0.price = 700 }
    #expect(
      try cheap() == Set([590, 591, 592, 593, 594, 596, 597, 598, 599, 300].map { "i\($0)" } + ["new"]))
    try world.delete("i590")
    #expect(try !cheap().contains("i590"))
  }

  @Test func everyListTakesFilters() throws {
    let world = try shop(200)
    let filter = Array("\"even\" in item.categories".utf8)
    func check(_ slate: Slate) {
      #expect(!slate.items.isEmpty)
      for name in names(slate) { #expect((Int(name.dropFirst()) ?? 1) % 2 == 0, "\(name)") }
    }
    check(try world.recommend("u") { $0.filter = filter })
    check(try world.similar("i5") { $0.filter = filter })
    check(try world.complete(["i5"]) { $0.filter = filter })
    check(try world.rank("u", ["i10", "i11", "i12"]) { $0.filter = filter })
  }

  @Test func filtersOfScenarioAndRequestBothCount() throws {
    let world = try shop(50)
    world.settings.rules.filter = "item.price < 20"
    #expect(try world.recommend("") { $0.k = 50 }.items.count == 20)
    let both = try world.recommend("") {
      $0.k = 50
      $0.filter = Array("item.price >= 18".utf8)
    }
    #expect(Set(names(both)) == ["i18", "i19"])
  }

  /// User attributes come from the profile; those of the request hide them.
  @Test func userAndContextAreReadable() throws {
    let world = try World()
    for country in ["DE", "FR"] {
      try world.put("in-" + country) { $0.attributes["country"] = .text(country) }
    }
    try world.put("near") { $0.location = GeoPoint(latitude: 48.85, longitude: 2.35) }
    var profile = UserProfile(id: try UserIdentifier("ann"))
    profile.attributes["country"] = .text("DE")
    world.apply(.putUser(profile))
    world.publish()
    let filter = Array("text(item.country) == user.country".utf8)
    #expect(names(try world.recommend("ann") { $0.filter = filter }) == ["in-DE"])
    let french = AttributeDraft(name: Array("country".utf8), value: .text(Array("FR".utf8)))
    #expect(
      names(
        try world.recommend("ann") {
          $0.filter = filter
          $0.userAttributes = [french]
        }) == ["in-FR"])
    #expect(
      names(
        try world.recommend("") {
          $0.filter = filter
          $0.userAttributes = [french]
        }) == ["in-FR"], "an anonymous visitor may bring attributes")
    #expect(
      names(
        try world.recommend("") {
          $0.filter = Array("distance(item.location, context.location) < 20".utf8)
          $0.context.location = GeoPoint(latitude: 48.8566, longitude: 2.3522)
        }) == ["near"])
    #expect(
      names(
        try world.recommend("") {
          $0.filter = Array("item.country == \"FR\" and context.device == \"phone\"".utf8)
          $0.context.attributes = [
            AttributeDraft(name: Array("device".utf8), value: .text(Array("phone".utf8)))
          ]
        }) == ["in-FR"])
  }

  /// The moment a list is made for decides available times and ages.
  @Test func aTimeMayBeGiven() throws {
    let world = try World()
    let later = Timestamp(microseconds: world.now.microseconds + 86_400_000_000)
    try world.put("today") { $0.availableUntil = later }
    try world.put("tomorrow") { $0.availableFrom = later }
    #expect(names(try world.recommend("")) == ["today"])
    #expect(
      names(try world.recommend("") { $0.context.timeMicroseconds = later.microseconds }) == ["tomorrow"])
    #expect(throws: Fault.self) { try world.recommend("") { $0.context.timeMicroseconds = 1_700_000_000 } }
  }

  // MARK: Boosts

  @Test func boostsMultiplyScores() throws {
    let world = try shop(10)
    for source in SourceKind.allCases { world.settings.sourceWeights[source] = source == .popular ? 1 : 0 }
    let plain = try world.recommend("") { $0.k = 10 }
    #expect(names(plain).first == "i0")
    let boosted = try world.recommend("") {
      $0.k = 10
      $0.boost = Array("if(item.price == 9, 100, 1)".utf8)
    }
    #expect(names(boosted).first == "i9")
    for item in boosted.items where item.item.text != "i9" {
      #expect(plain.items.contains { $0.item == item.item && $0.score == item.score })
    }
    world.settings.rules.boost = "2"
    let twice = try world.recommend("") { $0.boost = Array("item.price / 2".utf8) }
    for item in twice.items {
      let price = Float(item.item.text.dropFirst()) ?? 0
      let before = plain.items.first { $0.item == item.item }?.score ?? 0
      #expect(abs(item.score - price * before) < 1e-6)
    }
  }

  /// A boost that is missing counts one, a negative one nothing; neither drops.
  @Test func oddBoostsDropNothing() throws {
    let world = try shop(10)
    let plain = try world.recommend("") { $0.k = 10 }
    let missing = try world.recommend("") {
      $0.k = 10
      $0.boost = Array("item.nothing * 3".utf8)
    }
    #expect(names(missing) == names(plain))
    let negative = try world.recommend("") {
      $0.k = 10
      $0.boost = Array("0 - item.price".utf8)
    }
    #expect(negative.items.count == 10 && negative.items.allSatisfy { $0.score >= 0 })
    let huge = try world.recommend("") {
      $0.k = 10
      $0.boost = Array("exp(700) * item.price".utf8)
    }
    #expect(huge.items.allSatisfy { $0.score.isFinite })
  }

  // MARK: Mistakes

  @Test func mistakesPointAtTheCharacter() throws {
    let world = try shop(3)
    func fault(_ change: (inout RecommendRequest) -> Void) -> Fault? {
      do {
        _ = try world.recommend("", change)
        return nil
      } catch { return error as? Fault }
    }
    let typed = try #require(fault { $0.filter = Array("item.price < \"ten\"".utf8) })
    #expect(typed.reason == .expressionInvalid && typed.field == "filter")
    #expect(typed.message.contains("character 14"), "\(typed.message)")
    #expect(fault { $0.boost = Array("item.price <".utf8) }?.field == "boost")
    #expect(fault { $0.filter = [0xff] }?.reason == .textInvalid)
    #expect(
      fault { $0.filter = [UInt8](repeating: 32, count: Limits.expressionBytesMax + 1) }?.reason
        == .textTooLong)
    #expect(
      fault { $0.context.location = GeoPoint(latitude: 91, longitude: 0) }?.field
        == "context.location.latitude")
    let twice = AttributeDraft(name: [97], value: .flag(true))
    #expect(fault { $0.context.attributes = [twice, twice] }?.reason == .duplicateName)
    #expect(fault { $0.scenario = Array("nowhere".utf8) }?.reason == .scenarioUnknown)
    #expect(fault { $0.scenario = Array("default".utf8) } == nil)
  }

  /// More expressions than are kept: the oldest leave, and answers stay right.
  @Test func manyExpressionsTakeTurns() throws {
    let world = try shop(60)
    for round in 0..<2 {
      for price in 0..<(Limits.compiledExpressionsMax + 8) {
        let slate = try world.recommend("") {
          $0.k = 60
          $0.filter = Array("item.price == \(price)".utf8)
        }
        #expect(names(slate) == ["i\(price)"], "round \(round)")
      }
    }
  }
}
