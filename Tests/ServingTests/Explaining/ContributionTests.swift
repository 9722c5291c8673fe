import Models
import Serving
import Testing
import Vocabulary

/// Every number of a reply is the sum of its parts.
@Suite struct ContributionTests {
  /// Parts are added in double precision, what they explain was added in single: a millionth of what was added.
  private func check(
    _ contribution: Contribution, _ what: String, tolerance: Double = 1e-5,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let sum = contribution.parts.reduce(0.0) { $0 + $1.value }
    let size = contribution.parts.reduce(1.0) { $0 + $1.value.magnitude }
    #expect(
      (sum - contribution.total).magnitude <= tolerance * size,
      "\(what): \(sum) instead of \(contribution.total)", sourceLocation: sourceLocation)
  }

  private func world() throws -> World {
    let world = try World()
    for name in ["a", "b", "c", "d", "e"] {
      try world.put(name) { $0.categories = [name == "e" ? "tea" : "cups"] }
    }
    try world.train(
      World.Trained(
        items: ["a", "b", "c", "d", "e"], popularity: [("c", 9), ("d", 4), ("e", 2)],
        transitions: ["a": [("c", 0.9), ("d", 0.1)], "b": [("c", 0.5), ("e", 0.25)]],
        cooccurrence: ["b": [("d", 0.75)]],
        linear: ["a": [("c", 0.4), ("d", -0.1)], "b": [("d", 0.6), ("c", 0.2)]],
        users: [("v", [("a", 1), ("c", 1)]), ("w", [("a", 1), ("b", 1), ("d", 0.5)])],
        factors: ["a": [1, 0.2], "b": [0.3, 1], "c": [0.9, 0.4], "d": [0.2, 0.8], "e": [-0.5, 0.1]],
        segments: [("", "cups", [("c", 4), ("d", 2)])]))
    try world.event("u", .purchase, "b", "a")
    return world
  }

  /// Numbers from the rule: weight of the newest item 1, of the one before 0.8.
  @Test func workedExample() throws {
    let slate = try world().recommend("u") { $0.k = 3 }
    let c = try slate.item("c")
    let transitions = try #require(c.contributions.first { $0.source == .transitions })
    #expect(transitions.parts.map { $0.item?.text } == ["a", "b"])
    #expect((transitions.parts[0].value - 0.9).magnitude < 1e-6)
    #expect((transitions.parts[1].value - 0.4).magnitude < 1e-6)
    #expect((transitions.total - 1.3).magnitude < 1e-6)
    let linear = try #require(c.contributions.first { $0.source == .linear })
    #expect((linear.total - 0.6).magnitude < 1e-6)
    let fusion = try #require(c.contributions.first { $0.kind == .fusion })
    #expect((fusion.total - Double(c.score)).magnitude < 1e-6)
    #expect(fusion.parts.allSatisfy { SourceKind.allCases.map(\.name).contains($0.name) })
    #expect(slate.dropped == [DropCount(rule: "seen", count: 2)])
  }

  @Test func everySourceAddsUp() throws {
    let world = try world()
    var seen: Set<SourceKind> = []
    for request in [SeenPolicy.hide, .allow] {
      let slate = try world.recommend("u") {
        $0.k = 5
        $0.seen = request
      }
      for item in slate.items {
        for contribution in item.contributions {
          check(contribution, "\(item.item.text) \(contribution.source?.name ?? contribution.kind.name)")
          if let source = contribution.source { seen.insert(source) }
        }
        // Every source that named the item is taken apart.
        #expect(Set(item.contributions.compactMap(\.source)) == Set(item.sources.map(\.source)))
      }
    }
    #expect(
      seen.isSuperset(of: [.popular, .transitions, .cooccurrence, .ials, .linear, .similarUsers, .repeats]))
    let similar = try world.similar("a")
    for contribution in similar.items.flatMap(\.contributions) { check(contribution, "similar") }
    #expect(!similar.items.flatMap(\.contributions).isEmpty)
  }

  /// A stump over two features: the parts by hand.
  @Test func treesAddUpToTheLogOdds() throws {
    let world = try World()
    try world.put("a", "b", "c", "d", "e")
    world.settings.sourceWeights = [.popular: 1, .transitions: 0.1, .newest: 0.0001]
    let trees = try #require(
      TreeTable(
        roots: [0, 3],
        nodes: [
          TreeTable.Node(
            feature: UInt32(BlendFeature.transitionsPresent.rawValue), threshold: 0.5, left: 1, right: 2,
            defaultsLeft: true),
          TreeTable.Node(leaf: -1), TreeTable.Node(leaf: 2),
          TreeTable.Node(
            feature: UInt32(BlendFeature.popularRank.rawValue), threshold: 0.7, left: 4, right: 5,
            defaultsLeft: true),
          TreeTable.Node(leaf: 0.25), TreeTable.Node(leaf: 0.75),
        ], baseScore: 0.125, featureCount: BlendFeature.count))
    try world.train(
      World.Trained(
        items: ["a", "b", "c", "d"], popularity: [("a", 9), ("b", 8), ("c", 7)],
        transitions: ["a": [("d", 0.9)]], trees: trees))
    try world.event("u", .purchase, "a")
    let slate = try world.recommend("u") { $0.k = 4 }
    let d = try slate.item("d")
    let blend = try #require(d.contributions.first { $0.kind == .blend })
    let parts = Dictionary(uniqueKeysWithValues: blend.parts.map { ($0.name, $0.value) })
    // Means: 0.5 and 0.5; d goes right (+1.5) in the first tree and left (−0.25) in the second.
    #expect(parts["base"] == 1.125)
    #expect(parts["transitions-present"] == 1.5)
    #expect(parts["popular-rank"] == -0.25)
    #expect((blend.total - 2.375).magnitude < 1e-6)
    #expect((TreeTable.share(Float(blend.total)) - Double(d.score)).magnitude < 1e-6)
    // "e" is new: trees did not judge it, and fusion's parts add up to its smaller score.
    let e = try slate.item("e")
    #expect(!e.contributions.contains { $0.kind == .blend })
    let fusion = try #require(e.contributions.first { $0.kind == .fusion })
    #expect((fusion.total - Double(e.score)).magnitude < 1e-6)
    for contribution in slate.items.flatMap(\.contributions) { check(contribution, "trees") }
  }

  /// A long history: what is not told one by one is in the rest, and the sum stays.
  @Test func longHistoriesKeepTheirSum() throws {
    var random = RandomNumbers(seed: 11)
    let world = try World()
    let names = (0..<80).map { "i\($0)" }
    for name in names { try world.put(name) }
    var trained = World.Trained(items: names)
    for name in names {
      trained.factors[name] = (0..<6).map { _ in random.signed() }
      trained.linear[name] = random.shuffled(names).filter { $0 != name }.prefix(30).enumerated().map {
        ($1, 1 - Float($0) / 20)
      }
    }
    try world.train(trained)
    for name in names.prefix(50) { try world.event("u", .view, name) }
    let slate = try world.recommend("u") { $0.k = 20 }
    let all = slate.items.flatMap(\.contributions)
    #expect(all.contains { $0.parts.last?.name == "rest" })
    for contribution in all {
      #expect(contribution.parts.count <= Limits.contributionPartsMax + 1)
      check(contribution, contribution.source?.name ?? contribution.kind.name, tolerance: 1e-4)
    }
  }

  @Test func onlyFullExplanationsPayForThem() throws {
    let slate = try world().recommend("u") { $0.explain = .reasons }
    #expect(slate.items.allSatisfy { $0.contributions.isEmpty })
    #expect(slate.dropped.isEmpty)
  }

  /// The score that was served, from what is told of it: the trees' sum or fusion's, times all factors.
  private func served(_ item: SlateItem) -> Double? {
    func total(_ kind: ContributionKind) -> Double? {
      item.contributions.first { $0.kind == kind }?.total
    }
    guard let fusion = total(.fusion) else { return nil }
    let base = total(.blend).map { Double(TreeTable.share(Float($0))) } ?? fusion
    return base * (total(.factors) ?? 1)
  }

  /// Random weights, boosts, objectives, fatigue and taste, with and without trees: what is told makes exactly the score.
  @Test(arguments: 1...40 as ClosedRange<UInt64>) func whatIsToldMakesTheScore(seed: UInt64) throws {
    var random = RandomNumbers(seed: seed)
    let world = try World()
    let names = (0..<24).map { "i\($0)" }
    for (place, name) in names.enumerated() {
      try world.put(name) { item in
        item.price = Double(1 + place % 7)
        if place % 3 > 0 { item.attributes["margin"] = .number(Double(place % 5) - 1) }
        item.categories = ["c\(place % 4)"]
      }
    }
    func neighbours() -> [(String, Float)] {
      random.shuffled(names).prefix(8).map { ($0, abs(random.signed())) }.sorted { $0.1 > $1.1 }
    }
    var trained = World.Trained(items: Array(names.prefix(20)))
    trained.popularity = trained.items.enumerated().map { ($1, 30 - Float($0)) }
    for name in trained.items {
      let known = neighbours().filter { $0.0 != name && trained.items.contains($0.0) }
      trained.transitions[name] = known
      trained.cooccurrence[name] = known
      trained.linear[name] = known
      trained.factors[name] = (0..<4).map { _ in random.signed() }
    }
    if seed % 2 == 0 {
      let trees = try #require(
        TreeTable(
          roots: [0],
          nodes: [
            TreeTable.Node(
              feature: UInt32(BlendFeature.popularRank.rawValue), threshold: 0.5, left: 1, right: 2,
              defaultsLeft: true),
            TreeTable.Node(leaf: 2 * random.signed()), TreeTable.Node(leaf: 2 * random.signed()),
          ], baseScore: random.signed(), featureCount: BlendFeature.count))
      trained.trees = trees
    }
    try world.train(trained)
    for name in random.shuffled(names).prefix(6) { try world.event("u", .purchase, name) }
    for name in random.shuffled(names).prefix(9) {
      for _ in 0..<3 { try world.event("u", .impression, name) }
      try world.event("v", .view, name)
    }
    for source in SourceKind.allCases where seed % 3 == 0 {
      world.settings.sourceWeights[source] = Double(abs(random.signed()))
    }
    if seed % 5 != 0 { world.settings.rules.boost = "if(item.price < 4, 1.75, 0.5)" }
    if seed % 4 != 0 {
      world.settings.fatigue.impressions = 2
      world.settings.fatigue.factor = 0.25
    }
    if seed % 3 != 1 {
      world.settings.objectives.weights = [
        try #require(Objective("purchase*margin:1.5")), try #require(Objective("view:0.25")),
      ]
      world.settings.objectives.share = Double(abs(random.signed()))
    }
    var factors = 0
    let slates = [
      try world.recommend("u") { request in
        request.k = 20
        request.boost = seed % 2 == 0 ? Array("if(\"c1\" in item.categories, 2, 1)".utf8) : []
      },
      try world.recommend("u") { request in
        request.k = 20
        request.seen = .allow
      },
      try world.similar("i3") { request in
        request.k = 20
        request.user = Array("u".utf8)
      }, try world.complete(["i1", "i2"]) { $0.k = 20 },
    ]
    for item in slates.flatMap(\.items) {
      guard let expected = served(item) else {
        // A filler: no source spoke for it.
        #expect(item.score == 0, "seed \(seed), \(item.item.text)")
        continue
      }
      #expect(
        abs(expected - Double(item.score)) <= 1e-6 * max(1e-3, abs(expected)),
        "seed \(seed), \(item.item.text): \(expected) is told, \(item.score) served")
      for contribution in item.contributions {
        if contribution.kind == .factors {
          factors += 1
          let product = contribution.parts.reduce(1.0) { $0 * $1.value }
          #expect(abs(product - contribution.total) <= 1e-12 * max(1, abs(product)))
        } else {
          check(contribution, "seed \(seed), \(contribution.kind.name)", tolerance: 1e-4)
        }
      }
      // What the objectives make of an item is told beside the factor.
      let isWorth = item.contributions.contains { $0.kind == .worth }
      let hasFactor = item.contributions.first { $0.kind == .factors }?.parts.contains {
        $0.name == "objectives"
      }
      #expect(isWorth == (hasFactor ?? false))
    }
    if seed % 5 != 0 { #expect(factors > 0, "seed \(seed)") }
  }
}
