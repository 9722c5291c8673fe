import Models
import Serving
import Testing
import Vocabulary

/// The fold-in of a live history against the same equation solved in 64 bits, over every item.
@Suite struct FactorSourceTests {
  struct Reference {
    var scores: [Double]
    /// parts[i][j]: what history item j adds to the score of item i.
    var parts: [[Double]]
  }

  /// Solves (Σ c v vᵀ + a₀ VᵀV + λ (|H| + a₀ n) I) u = Σ c v by Gauss-Jordan elimination of the inverse.
  func solve(_ table: [[Double]], history: [(row: Int, confidence: Double)], a0: Double, lambda: Double)
    -> Reference
  {
    let d = table[0].count
    var matrix = (0..<d).map { _ in [Double](repeating: 0, count: 2 * d) }
    for row in 0..<d {
      for column in 0..<d {
        matrix[row][column] = a0 * table.reduce(0) { $0 + $1[row] * $1[column] }
        for (item, confidence) in history {
          matrix[row][column] += confidence * table[item][row] * table[item][column]
        }
      }
      matrix[row][row] += lambda * (Double(history.count) + a0 * Double(table.count))
      matrix[row][d + row] = 1
    }
    for pivot in 0..<d {
      let scale = matrix[pivot][pivot]
      for column in 0..<2 * d { matrix[pivot][column] /= scale }
      for row in 0..<d where row != pivot {
        let factor = matrix[row][pivot]
        for column in 0..<2 * d { matrix[row][column] -= factor * matrix[pivot][column] }
      }
    }
    let parts = table.map { item in
      history.map { row, confidence in
        var sum = 0.0
        for i in 0..<d { for j in 0..<d { sum += item[i] * matrix[i][d + j] * table[row][j] } }
        return sum * confidence
      }
    }
    return Reference(scores: parts.map { $0.reduce(0, +) }, parts: parts)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func foldsInAndScansExactly(seed: UInt64) throws {
    var random = RandomNumbers(seed: seed)
    let world = try World()
    let count = 60
    let names = (0..<count).map { "i\($0)" }
    for name in names { try world.put(name) }
    var trained = World.Trained(items: random.shuffled(names))
    for name in names { trained.factors[name] = (0..<5).map { _ in random.signed() } }
    try world.train(trained)

    var weights: [String: Float] = [:]
    for _ in 0..<8 {
      let name = names[random.below(count)]
      let type: EventType = random.below(2) == 0 ? .view : .purchase
      weights[name, default: 0] += EventWeights.standard[type]
      try world.event("u", type, name)
    }
    // Unshowable items near the top must not use up the width.
    for name in names where weights[name] == nil && random.below(3) == 0 {
      try world.put(name) { $0.isHidden = true }
    }
    world.only(.ials)
    world.settings.sourceWidth = 5
    let slate = try world.recommend("u") { $0.k = 12 }

    let table = names.map { (trained.factors[$0] ?? []).map(Double.init) }
    let history = names.indices.compactMap { row in
      weights[names[row]].map { (row: row, confidence: Double(Confidence.of(weight: $0, unit: 1))) }
    }
    let reference = solve(table, history: history, a0: 0.1, lambda: 0.01)
    let catalogue = world.tenant.catalogue()
    let allowed = names.indices.filter { row in
      weights[names[row]] == nil
        && catalogue.isShowable(ItemIndex(UInt32(row)), at: 0) && reference.scores[row] > 0
    }
    let best = allowed.sorted { reference.scores[$0] > reference.scores[$1] }.prefix(12)
    let personal = slate.items.filter { !$0.sources.isEmpty && $0.sources[0].source == .ials }
    #expect(personal.map(\.item.text) == best.map { names[$0] }, "seed \(seed)")
    for (item, row) in zip(personal, best) {
      #expect(abs(Double(item.sources[0].score) - reference.scores[row]) < 1e-4, "seed \(seed)")
      // The two largest positive parts are cited, largest first.
      let parts = reference.parts[row].enumerated().sorted { $0.element > $1.element }.filter {
        $0.element > 0
      }
      let cited = try #require(item.explanations.first)
      #expect(cited.code == .becauseYouInteracted)
      #expect(
        cited.items.map(\.text) == parts.prefix(2).map { names[history[$0.offset].row] }, "seed \(seed)")
    }
  }

  @Test func aLiveEventChangesTheListAtOnce() throws {
    let world = try World()
    let names = ["tea", "cup", "saw", "drill"]
    for name in names { try world.put(name) }
    try world.train(
      World.Trained(
        items: names, factors: ["tea": [1, 0], "cup": [0.9, 0.1], "saw": [0, 1], "drill": [0.1, 0.9]]))
    world.only(.ials)
    try world.event("u", .view, "tea")
    #expect(try world.recommend("u") { $0.k = 1 }.names == ["cup"])
    try world.event("u", .purchase, "saw")
    let slate = try world.recommend("u") { $0.k = 1 }
    #expect(slate.names == ["drill"])
    #expect(try slate.item("drill").reasons == ["because_you_interacted saw tea"])
  }
}
