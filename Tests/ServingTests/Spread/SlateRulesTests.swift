import Glibc
import Serving
import Testing
import Vocabulary

/// Caps, shares, pins and promotions: small examples by hand, then random worlds.
@Suite struct SlateRulesTests {
  /// a … h by popularity; a, b, c, d are books, e and f are tools, g and h have none; brands alternate.
  func world() throws -> World {
    let world = try World()
    world.only(.popular)
    for (place, name) in ["a", "b", "c", "d", "e", "f", "g", "h"].enumerated() {
      try world.put(name) { item in
        if place < 4 { item.categories = ["books"] } else if place < 6 { item.categories = ["tools"] }
        item.attributes["brand"] = .text(place % 2 == 0 ? "Acme" : "Best")
        item.attributes["size"] = .number(Double(place))
      }
    }
    var trained = World.Trained(items: ["a", "b", "c", "d", "e", "f", "g", "h"])
    trained.popularity = trained.items.enumerated().map { ($1, 9 - Float($0)) }
    try world.train(trained)
    return world
  }

  @Test func capsInTheList() throws {
    let world = try world()
    world.settings.spread.caps = [try #require(AttributeCap("category:2"))]
    #expect(try world.recommend { $0.k = 5 }.names == ["a", "b", "e", "f", "g"])
    world.settings.spread.caps = [
      try #require(AttributeCap("category:1")), try #require(AttributeCap("brand:2")),
    ]
    // a Acme, e Acme, h Best; g would be the third of Acme, b and f repeat a category.
    let slate = try world.recommend { $0.k = 5 }
    #expect(slate.names == ["a", "e", "h"] && slate.fallbacks.contains(.fewerThanK))
  }

  @Test func capsInARow() throws {
    let world = try world()
    world.settings.spread.caps = [try #require(AttributeCap("category:1/3"))]
    #expect(try world.recommend { $0.k = 6 }.names == ["a", "e", "g", "b", "f", "h"])
  }

  /// Exposures 1, 0.63, 0.5, 0.43: half of 2.56 are 1.28.
  @Test func sharesOfExposure() throws {
    let world = try world()
    world.settings.spread.shares = [try #require(ExposureShare("category=tools:0.4"))]
    // 0.4 · 2.5616 = 1.0247: places 2 and 4 give 1.0616, places 3 and 4 give 0.93.
    #expect(try world.recommend { $0.k = 4 }.names == ["a", "e", "b", "f"])
    world.settings.spread.shares = [try #require(ExposureShare("category=tools:0.35"))]
    // 0.8966: places 3 and 4 do.
    #expect(try world.recommend { $0.k = 4 }.names == ["a", "b", "e", "f"])
    world.settings.spread.shares = [try #require(ExposureShare("size=7:0.2"))]
    // 0.51: place 3 gives 0.5, so h stands second.
    #expect(try world.recommend { $0.k = 4 }.names == ["a", "h", "b", "c"])
    world.settings.spread.shares = [try #require(ExposureShare("category=tools:1"))]
    #expect(try world.recommend { $0.k = 4 }.names == ["e", "f", "a", "b"], "as far as there are any")
  }

  /// The same by expressions, of the item and of who asks; one that is true for nothing asks for nothing.
  @Test func sharesByExpression() throws {
    let world = try world()
    world.settings.spread.shares = [try #require(ExposureShare("(\"tools\" in item.categories):0.4"))]
    #expect(try world.recommend { $0.k = 4 }.names == ["a", "e", "b", "f"])
    // 0.51 of 2.5616: place 3 gives 0.5, so one of the two stands second.
    world.settings.spread.shares = [
      try #require(ExposureShare("(item.size >= 6 and item.brand == \"Best\"):0.2"))
    ]
    #expect(try world.recommend { $0.k = 4 }.names == ["a", "h", "b", "c"])
    try world.put(user: "u", ["likes": .text("Best")])
    world.settings.spread.shares = [try #require(ExposureShare("(text(item.brand) == user.likes):0.6"))]
    let names = try world.recommend("u") { $0.k = 4 }.names
    let exposures = [1, 0.6309, 0.5, 0.4307]
    let got = names.enumerated().reduce(0.0) { $0 + ("bdfh".contains($1.element) ? exposures[$1.offset] : 0) }
    #expect(got >= 0.6 * 2.5616, "\(names)")
    // Nobody likes anything: the comparison is missing, and so false.
    #expect(try world.recommend { $0.k = 4 }.names == ["a", "b", "c", "d"])
    world.settings.spread.shares = [
      try #require(ExposureShare("(item.size > 100):1")), try #require(ExposureShare("category=tools:0.35")),
    ]
    #expect(try world.recommend { $0.k = 4 }.names == ["a", "b", "e", "f"])
  }

  @Test func shareTexts() throws {
    for text in ["category=tools:0.4", "(item.price < 5):0.25", "(item.a == \"x:y\"):1.0"] {
      #expect(try #require(ExposureShare(text)).text == text)
    }
    for text in [
      "():0.5", "(item.price < 5)", "(item.price < 5):0", "(item.price < 5):1.5", "(item.price:0.5", "x:0.5",
    ] {
      #expect(ExposureShare(text) == nil, "\(text)")
    }
  }

  @Test func pinsAndPromotions() throws {
    let world = try world()
    world.settings.spread.pins = [try #require(Pin("h@1")), try #require(Pin("nobody@2"))]
    world.settings.spread.promotions = [
      try #require(Promotion("category=tools@3")), try #require(Promotion("item=g@4")),
    ]
    let slate = try world.recommend { request in
      request.k = 5
      request.explain = .reasons
    }
    #expect(slate.names == ["h", "a", "e", "g", "b"])
    #expect(slate.items.map(\.placement) == [.pinned, .ranked, .promoted, .promoted, .ranked])
    #expect(slate.items.map(\.reasons) == [["pinned"], ["popular"], ["promoted"], ["promoted"], ["popular"]])
    let full = try world.recommend { $0.k = 5 }
    #expect(full.items[0].reasons == ["pinned", "popular"])
    // What stands there or above by itself is not promoted.
    world.settings.spread.pins = []
    world.settings.spread.promotions = [try #require(Promotion("category=books@2"))]
    let books = try world.recommend { $0.k = 3 }
    #expect(books.names == ["a", "c", "b"] && books.items[1].placement == .promoted)
    world.settings.spread.promotions = [try #require(Promotion("item=a@3"))]
    #expect(try world.recommend { $0.k = 3 }.items.map(\.placement) == [.ranked, .ranked, .ranked])
  }

  /// What may not be shown is not shown because it is pinned.
  @Test func placesObeyTheRules() throws {
    let world = try world()
    try world.put("hidden") { $0.isHidden = true }
    try world.event("u", .hide, "g")
    world.settings.spread.pins = [
      try #require(Pin("hidden@1")), try #require(Pin("g@2")), try #require(Pin("h@3")),
    ]
    world.settings.spread.promotions = [try #require(Promotion("item=hidden@4"))]
    #expect(try world.recommend("u") { $0.k = 4 }.names == ["a", "b", "h", "c"])
    let excluded = try world.recommend("u") { request in
      request.k = 4
      request.exclude = [Array("h".utf8)]
    }
    #expect(excluded.names == ["a", "b", "c", "d"])
    // A pin beyond the end of what there is stands last.
    world.settings.spread.pins = [try #require(Pin("a@50"))]
    let last = try world.recommend { $0.k = 60 }
    #expect(last.names.last == "a" && last.items.last?.placement == .pinned && last.names.count == 8)
  }

  @Test func rulesAreReadAsWritten() {
    #expect(AttributeCap("brand:2/10")?.text == "brand:2/10" && AttributeCap("category:3")?.window == nil)
    for wrong in ["category", "category:0", "category:3/3", ":3", "a b:2", "c:2/3/4", "c:2/101", "c:x"] {
      #expect(AttributeCap(wrong) == nil, "\(wrong)")
    }
    #expect(ExposureShare("item=a:b:0.25")?.group == ItemGroup("item=a:b").map { .items($0) })
    for wrong in ["a=b", "a=b:0", "a=b:1.1", "a=:0.1", "=b:0.1", "a:0.1", "a=b:nan"] {
      #expect(ExposureShare(wrong) == nil, "\(wrong)")
    }
    #expect(Pin("a@b@3")?.item.text == "a@b")
    for wrong in ["a", "a@0", "a@1001", "@1", "a@x"] { #expect(Pin(wrong) == nil, "\(wrong)") }
    #expect(Promotion("item=a@2")?.item?.text == "a" && Promotion("c=a@2")?.item == nil)
    #expect(Objective("purchase*margin:1")?.text == "purchase*margin:1")
    for wrong in ["purchase", "search:1", "buy:1", "view:inf", "view*a*b:1", "view*category:1"] {
      #expect(Objective(wrong) == nil, "\(wrong)")
    }
  }

  static func exposure(_ rank: Int) -> Double { 1 / log2(Double(rank) + 1) }

  /// Random items, users, rules and requests: caps never exceeded, nothing twice, nothing forbidden, pins where they
  /// belong, a share reached where it can be, a list as long as a cap allows, the same list again.
  @Test(arguments: (1...60).map { UInt64($0) })
  func randomRules(seed: UInt64) throws {
    var random = RandomNumbers(seed: seed)
    let world = try World()
    let count = 10 + random.below(60)
    var brands: [String: String] = [:]
    var categories: [String: [String]] = [:]
    var forbidden: Set<String> = []
    let names = (0..<count).map { "i\($0)" }
    for name in names {
      brands[name] = "b\(random.below(6))"
      categories[name] = (0..<random.below(3)).map { _ in "c\(random.below(5))" }
      if random.below(8) == 0 { forbidden.insert(name) }
      try world.put(name) { item in
        item.isHidden = forbidden.contains(name)
        item.categories = categories[name] ?? []
        item.attributes["brand"] = .text(brands[name] ?? "")
      }
    }
    var trained = World.Trained(items: names)
    trained.popularity = random.shuffled(names).enumerated().map { ($1, 1000 - Float($0)) }
    for name in names where random.below(4) > 0 {
      trained.factors[name] = (0..<4).map { _ in random.signed() }
    }
    try world.train(trained)
    for _ in 0..<5 { try world.event("u", .view, names[random.below(count)]) }
    let scratch = ReadScratch()
    for round in 0..<12 {
      let comment: Comment = "seed \(seed), round \(round)"
      let most = 1 + random.below(3)
      let window = most + 1 + random.below(6)
      let kind = random.below(4)
      var settings = SpreadSettings()
      settings.method = [.none, .mmr, .dpp][random.below(3)]
      settings.strength = Double(random.below(11)) / 10
      settings.pool = [5, 50, 200][random.below(3)]
      if kind != 0 {
        settings.caps = [
          try #require(AttributeCap(kind == 1 ? "brand:\(most)" : "brand:\(most)/\(window)")),
          try #require(AttributeCap("category:\(most + 1)")),
        ]
        if kind == 1 { settings.caps.removeLast() }
      }
      let pinned = names[random.below(count)]
      let pinPosition = 1 + random.below(8)
      if random.below(2) == 0 { settings.pins = [try #require(Pin("\(pinned)@\(pinPosition)"))] }
      if random.below(2) == 0 {
        settings.promotions = [
          try #require(Promotion("brand=b\(random.below(6))@\(1 + random.below(6))")),
          try #require(Promotion("item=\(names[random.below(count)])@\(7 + random.below(4))")),
        ]
      }
      let share = Double(1 + random.below(9)) / 10
      if kind == 0 { settings.shares = [try #require(ExposureShare("brand=b1:\(share)"))] }
      world.settings.spread = settings
      world.settings.exploration.slots = random.below(2) == 0 ? [] : [2, 5]
      world.settings.exploration.rate = Double(random.below(11)) / 10

      var request = RecommendRequest()
      request.user = Array("u".utf8)
      request.seen = .allow
      let k = 1 + random.below(20)
      request.k = UInt32(k)
      request.seed = UInt64(random.below(100))
      request.explain = .full
      let context = world.context()
      let slate = try ReadPath.recommend(request, context, scratch)
      let list = slate.names
      #expect(Set(list).count == list.count && list.count <= k, comment)
      #expect(forbidden.isDisjoint(with: list), comment)
      #expect(try ReadPath.recommend(request, context, ReadScratch()).timeless == slate.timeless, comment)

      if kind == 1 {
        let tally = Dictionary(list.map { (brands[$0] ?? "", 1) }, uniquingKeysWith: +)
        #expect(tally.values.allSatisfy { $0 <= most }, comment)
        let available = names.filter { !forbidden.contains($0) }
        let possible = Dictionary(available.map { (brands[$0] ?? "", 1) }, uniquingKeysWith: +).values
          .reduce(0) { $0 + min($1, most) }
        // Pins and promotions take nothing away from the number that fits.
        #expect(list.count == min(k, possible), comment)
      } else if kind > 1 {
        for first in list.indices {
          let row = list[first..<min(first + window, list.count)]
          let tally = Dictionary(row.map { (brands[$0] ?? "", 1) }, uniquingKeysWith: +)
          #expect(tally.values.allSatisfy { $0 <= most }, comment)
        }
        let named = list.flatMap { Set(categories[$0] ?? []) }
        #expect(Dictionary(named.map { ($0, 1) }, uniquingKeysWith: +).values.allSatisfy { $0 <= most + 1 })
      } else {
        let available = names.filter { !forbidden.contains($0) }
        #expect(list.count == min(k, available.count), comment)
      }
      // A pin stands where it belongs unless it may not be shown, or too few come before it.
      if let pin = settings.pins.first, kind == 0, !forbidden.contains(pinned), pinPosition <= list.count {
        #expect(list[pinPosition - 1] == pinned, comment)
        #expect(slate.items[pinPosition - 1].placement == .pinned && pin.position == pinPosition, comment)
      }
      if kind == 0, settings.pins.isEmpty, settings.promotions.isEmpty,
        world.settings.exploration.slots.isEmpty
      {
        let members = names.filter { !forbidden.contains($0) && brands[$0] == "b1" }.count
        let all = (1...list.count).reduce(0.0) { $0 + Self.exposure($1) }
        let possible = (1...list.count).prefix(members).reduce(0.0) { $0 + Self.exposure($1) }
        let received = list.enumerated().reduce(0.0) {
          $0 + (brands[$1.element] == "b1" ? Self.exposure($1.offset + 1) : 0)
        }
        #expect(received >= min(share * all, possible) - 1e-9, comment)
      }
      for (place, item) in slate.items.enumerated() {
        let chance = item.propensity
        #expect(chance.map { $0 > 0 && $0 <= 1.0001 } ?? true, comment)
        if item.placement == .explored { #expect([2, 5].contains(place + 1) || list.count < k, comment) }
        #expect(item.placement == .ranked || item.explanations.first?.code != .popular, comment)
      }
    }
  }
}
