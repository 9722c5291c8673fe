import Glibc
import Serving
import Testing
import Vocabulary

/// New items in their slots: who gets one, how often, and whether the chance that is told is the one that was used.
@Suite struct ExplorationTests {
  /// Twenty old items by popularity, eight new ones that no source names.
  func world() throws -> World {
    let world = try World()
    world.only(.popular)
    let old = (0..<20).map { "old\($0)" }
    let time = world.now.microseconds
    for name in old {
      try world.put(name) { $0.created = Timestamp(microseconds: time - 400 * 86_400_000_000) }
    }
    var trained = World.Trained(items: old)
    trained.popularity = old.enumerated().map { ($1, 100 - Float($0)) }
    try world.train(trained)
    for place in 0..<8 {
      try world.put("new\(place)") { item in
        item.created = Timestamp(microseconds: time - Int64(place + 1) * 86_400_000_000)
        item.attributes["brand"] = .text("b\(place)")
      }
    }
    return world
  }

  /// How often each item stood at each position, and the chances told.
  func tally(_ world: World, k: UInt32, requests: Int) throws -> (
    seen: [[String: Int]], chances: [[String: Set<Float>]], placements: Set<Placement>
  ) {
    var seen = [[String: Int]](repeating: [:], count: Int(k))
    var chances = [[String: Set<Float>]](repeating: [:], count: Int(k))
    var placements: Set<Placement> = []
    let (context, scratch) = (world.context(), ReadScratch())
    for number in 0..<requests {
      var request = RecommendRequest()
      request.user = Array("visitor\(number)".utf8)
      request.k = k
      request.seed = 5
      for (place, item) in try ReadPath.recommend(request, context, scratch).items.enumerated() {
        seen[place][item.item.text, default: 0] += 1
        chances[place][item.item.text, default: []].insert(item.propensity ?? -1)
        placements.insert(item.placement)
      }
    }
    return (seen, chances, placements)
  }

  /// What was told is what happened: each item's frequency at each position is its propensity, within five standard
  /// errors, and the propensities of a position sum to 1.
  @Test(arguments: [ExplorationMethod.thompson, .uniform], [1, 0.3])
  func propensitiesAreFrequencies(method: ExplorationMethod, rate: Double) throws {
    let world = try world()
    // What was learned so far: new0 did well, new1 badly.
    for number in 0..<40 {
      try world.event("p\(number)", .impression, "new0", "new1", "old3")
      if number % 4 == 0 { try world.event("p\(number)", .click, "new0") }
      if number % 10 == 0 { try world.event("p\(number)", .click, "old3") }
    }
    world.settings.exploration.slots = [2, 4]
    world.settings.exploration.method = method
    world.settings.exploration.rate = rate
    let requests = 6_000
    let (seen, chances, placements) = try tally(world, k: 6, requests: requests)
    #expect(placements == [.ranked, .explored])
    for place in seen.indices {
      var sum = 0.0
      for (name, count) in seen[place] {
        let told = try #require(chances[place][name])
        #expect(told.count == 1, "position \(place + 1), \(name): one chance for everybody")
        let chance = Double(try #require(told.first))
        sum += chance
        let error = (chance * (1 - chance) / Double(requests)).squareRoot()
        #expect(
          abs(Double(count) / Double(requests) - chance) <= 5 * error + 1e-9,
          "position \(place + 1), \(name): \(count) of \(requests), told \(chance)")
      }
      // Rare ones may not have come up at all.
      #expect(sum <= 1.0001 && sum > 0.98, "position \(place + 1): \(sum)")
    }
    #expect(Set(seen[0].keys) == ["old0"], "before the first slot nothing is by chance")
    #expect(chances[0]["old0"] == [1])
    // Slots have arms of their own: no new item comes into both.
    let arms = { (place: Int) in Set(seen[place].keys.filter { $0.hasPrefix("new") }) }
    #expect(arms(1).isDisjoint(with: arms(3)) && arms(1).count + arms(3).count == 8)
    if method == .uniform { #expect(chances[1]["new0"] == [Float(rate) / 4]) }
    if method == .thompson {
      let (good, fresh) = (try #require(chances[1]["new0"]?.first), try #require(chances[1]["new2"]?.first))
      #expect(good > 1.5 * fresh, "what did well is tried more: \(good) against \(fresh)")
    }
  }

  /// Old, well-known, forbidden and ranked items take no part; the seed alone changes the draw.
  @Test func whoTakesPart() throws {
    let world = try world()
    world.settings.exploration.slots = [1]
    world.settings.exploration.ageDays = 4.5
    world.settings.exploration.impressions = 3
    for number in 0..<3 { try world.event("p\(number)", .impression, "new1") }
    try world.put("new2") { item in
      item.isHidden = true
      item.created = world.now
    }
    let (seen, _, _) = try tally(world, k: 3, requests: 300)
    #expect(Set(seen[0].keys) == ["new0", "new3"])
    let first = try world.recommend("u") { $0.seed = 1 }
    #expect(try world.recommend("u") { $0.seed = 1 }.timeless == first.timeless)
    let draws = try (0..<20 as Range<UInt64>).map { seed in
      try world.recommend("u") { $0.seed = seed }.names[0]
    }
    #expect(Set(draws) == ["new0", "new3"])
    #expect(first.items[0].reasons.first == "explored")
    // A user who turned one away is not shown it.
    try world.event("u", .hide, "new0")
    #expect(try world.recommend("u") { $0.k = 3 }.names[0] == "new3")
    // Only Recommend explores.
    #expect(try world.rank("u", ["old1", "new3"]).items.allSatisfy { $0.propensity == nil })
  }

  /// Caps hold whatever is drawn.
  @Test func exploredItemsObeyCaps() throws {
    let world = try world()
    for place in 0..<8 {
      try world.put("new\(place)") { item in
        item.created = world.now
        item.categories = place < 6 ? ["fresh"] : []
      }
    }
    try world.put("old0", "old1") { $0.categories = ["fresh"] }
    world.settings.exploration.slots = [2, 4]
    world.settings.spread.caps = [try #require(AttributeCap("category:2"))]
    let (seen, _, _) = try tally(world, k: 6, requests: 200)
    #expect(seen[1].count == 1 && seen[3].count == 1, "two of the kind stand already: only the other two may")
    #expect(Set(seen[1].keys).union(seen[3].keys) == ["new6", "new7"])
  }

  /// The best of two and three rates, by hand: a uniform one against Beta(2, 1): ∫ 2x · x = 2/3; Beta(n, 1) against
  /// Beta(m, 1) wins with n / (n + m).
  @Test func chancesByHand() {
    let memory = BestArm.Memory()
    func chances(_ alphas: [Double], _ betas: [Double]) -> [Double] {
      BestArm.work(alphas[...], betas[...], memory)
      return memory.chances
    }
    #expect(abs(chances([1, 2], [1, 1])[1] - 2.0 / 3) < 0.002)
    #expect(abs(chances([3, 5], [1, 1])[1] - 5.0 / 8) < 0.002)
    // Three independent x^(1/n): n over the sum.
    let three = chances([1, 2, 4], [1, 1, 1])
    for (chance, exact) in zip(three, [1.0 / 7, 2.0 / 7, 4.0 / 7]) { #expect(abs(chance - exact) < 0.003) }
    #expect(chances([7], [3]) == [1])
    let alike = chances([1, 1, 1, 1], [20, 20, 20, 20])
    #expect(alike.allSatisfy { abs($0 - 0.25) < 1e-12 })
  }

  /// The same chances by drawing: 200,000 times a rate for each of five arms, as Thompson did.
  @Test func chancesByDrawing() {
    var random = RandomNumbers(seed: 44)
    func unit() -> Double { (Double(random.below(1 << 53)) + 0.5) * 0x1p-53 }
    // Gamma of a whole number is a sum of exponentials.
    func gamma(_ shape: Int) -> Double { (0..<shape).reduce(0) { sum, _ in sum - log(unit()) } }
    let (alphas, betas) = ([1, 3, 2, 6, 1], [20, 55, 30, 94, 24])
    var wins = [Double](repeating: 0, count: 5)
    let draws = 100_000
    for _ in 0..<draws {
      let rates = zip(alphas, betas).map { alpha, beta in
        let (a, b) = (gamma(alpha), gamma(beta))
        return a / (a + b)
      }
      if let best = rates.indices.max(by: { rates[$0] < rates[$1] }) { wins[best] += 1 / Double(draws) }
    }
    let memory = BestArm.Memory()
    BestArm.work(alphas.map(Double.init)[...], betas.map(Double.init)[...], memory)
    for (chance, share) in zip(memory.chances, wins) {
      #expect(abs(chance - share) < 0.008, "seed 44: \(memory.chances) against \(wins)")
    }
  }
}
