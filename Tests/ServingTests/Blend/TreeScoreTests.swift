import Models
import Serving
import Testing
import Vocabulary

/// Trees in the score step: when they have a say, what they order, and what stays as fusion has it.
@Suite struct TreeScoreTests {
  /// A single tree: what transitions named ranks above what they did not.
  private func preferTransitions() throws -> TreeTable {
    try #require(
      TreeTable(
        roots: [0],
        nodes: [
          TreeTable.Node(
            feature: UInt32(BlendFeature.transitionsPresent.rawValue), threshold: 0.5, left: 1, right: 2,
            defaultsLeft: true),
          TreeTable.Node(leaf: -1), TreeTable.Node(leaf: 1),
        ], baseScore: 0, featureCount: BlendFeature.count))
  }

  private func world(_ trees: TreeTable?, calibration: Manifest.Calibration? = nil) throws -> World {
    let world = try World()
    try world.put("a", "b", "c", "d", "e")
    world.settings.sourceWeights = [.popular: 1, .transitions: 0.1, .newest: 0.0001]
    // "e" came after the training: only the newest list names it.
    try world.train(
      World.Trained(
        items: ["a", "b", "c", "d"], popularity: [("a", 9), ("b", 8), ("c", 7)],
        transitions: ["a": [("d", 0.9)]], trees: trees, calibration: calibration))
    try world.event("u", .purchase, "a")
    return world
  }

  @Test func orderByTreesWhereThereAreSome() throws {
    let plain = try world(nil).recommend("u") { $0.k = 4 }
    #expect(plain.names == ["b", "c", "d", "e"])
    let blended = try world(preferTransitions()).recommend("u") { $0.k = 4 }
    #expect(blended.names.first == "d", "trees rank what transitions named above the rest")
    #expect(blended.names.last == "e", "what no source of the generation named stays behind")
    let one = try #require(blended.items.first)
    #expect(abs(one.score - 0.7310586) < 1e-6, "the share of log odds 1")
    #expect(one.reasons.first == "next_in_sequence a")
    let scores = blended.items.map(\.score)
    #expect(scores == scores.sorted(by: >))
    #expect(scores.allSatisfy { $0 > 0 })
  }

  /// A scenario may do without them.
  @Test func fusionOrdersWhereTreesAreSwitchedOff() throws {
    let world = try world(preferTransitions())
    #expect(try world.recommend("u") { $0.k = 4 }.names.first == "d")
    world.settings.blend = false
    #expect(try world.recommend("u") { $0.k = 4 }.names == ["b", "c", "d", "e"])
  }

  /// Lists that trees did not learn to order are the same with and without them.
  @Test func staysOutOfOtherLists() throws {
    let (plain, blended) = (try world(nil), try world(preferTransitions()))
    for ask in [
      { (world: World) in
        try world.recommend("u") {
          $0.seen = .allow; $0.k = 4
        }
      },
      { world in try world.recommend("nobody") { $0.k = 4 } },
      { world in try world.similar("a") { $0.k = 4 } },
      { world in try world.complete(["a"]) { $0.k = 4 } },
    ] {
      let (left, right) = (try ask(plain), try ask(blended))
      #expect(left.names == right.names)
      #expect(left.items.map(\.score) == right.items.map(\.score))
    }
  }

  /// A probability stands where trees spoke and the calibration holds, and nowhere else; it changes no order.
  @Test func calibratedWhereItHolds() throws {
    func calibration(_ observed: Double) -> Manifest.Calibration {
      Manifest.Calibration(
        slope: 2, intercept: -3, users: 100, candidates: 10_000, right: 500,
        bins: [Manifest.Calibration.Bin(predicted: 0.05, observed: observed, candidates: 10_000)],
        error: 0.001,
        errorBefore: 0.4)
    }
    let world = try world(preferTransitions(), calibration: calibration(0.051))
    let slate = try world.recommend("u") { $0.k = 4 }
    // Log odds 1 and −1: 1 / (1 + e^1) and 1 / (1 + e^5).
    let (first, second) = (
      try #require(slate.items[0].calibrated), try #require(try slate.item("b").calibrated)
    )
    #expect(slate.names.first == "d" && abs(first - 0.2689414) < 1e-6)
    #expect(abs(second - 0.0066929) < 1e-6)
    #expect(try slate.item("e").calibrated == nil, "trees did not judge it")
    #expect(try world.similar("a") { $0.k = 4 }.items.allSatisfy { $0.calibrated == nil })
    #expect(try world.recommend("nobody") { $0.k = 4 }.items.allSatisfy { $0.calibrated == nil })
    // Objectives change scores, not probabilities.
    world.settings.objectives.weights = [try #require(Objective("purchase:1"))]
    #expect(try world.recommend("u") { $0.k = 4 }.item("d").calibrated == slate.items[0].calibrated)
    let wrong = try self.world(preferTransitions(), calibration: calibration(0.09))
    #expect(try wrong.recommend("u") { $0.k = 4 }.items.allSatisfy { $0.calibrated == nil })
  }

  @Test func answersTheSameAgain() throws {
    let world = try world(preferTransitions())
    let first = try world.recommend("u") { $0.seed = 3 }.timeless
    for _ in 0..<20 { #expect(try world.recommend("u") { $0.seed = 3 }.timeless == first) }
  }

  /// More candidates than the pool: those beyond it follow in fusion's order.
  @Test func leavesTheTailToFusion() throws {
    let names = (0..<(BlendRules.poolSize + 60)).map { "i\($0)" }
    func ask(_ trees: TreeTable?) throws -> [String] {
      let world = try World()
      for name in names { world.apply(.putItem(Item(id: try ItemIdentifier(name)))) }
      world.publish()
      world.settings.sourceWeights = [.popular: 1]
      world.settings.sourceWidth = names.count
      try world.train(
        World.Trained(
          items: names, popularity: names.enumerated().map { ($1, 1000 - Float($0)) }, trees: trees))
      try world.event("u", .purchase, "i0")
      return try world.recommend("u") { $0.k = UInt32(names.count - 1) }.names
    }
    // Turns popularity upside down.
    let upsideDown = try #require(
      TreeTable(
        roots: [0],
        nodes: [
          TreeTable.Node(
            feature: UInt32(BlendFeature.popularRank.rawValue), threshold: 1.5 / 100, left: 1, right: 2,
            defaultsLeft: true),
          TreeTable.Node(leaf: 1), TreeTable.Node(leaf: -1),
        ], baseScore: 0, featureCount: BlendFeature.count))
    let (plain, blended) = (try ask(nil), try ask(upsideDown))
    #expect(plain == Array(names.dropFirst()))
    #expect(Set(blended) == Set(plain))
    #expect(Set(blended.prefix(BlendRules.poolSize)) == Set(plain.prefix(BlendRules.poolSize)))
    #expect(blended.first != plain.first)
    #expect(blended.suffix(59) == plain.suffix(59))
  }
}
