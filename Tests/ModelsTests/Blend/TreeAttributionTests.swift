import Models
import Testing
import Vocabulary

/// Parts of random trees against their evaluation.
@Suite struct TreeAttributionTests {
  private struct Numbers {
    var state: UInt64
    mutating func next(_ end: Int) -> Int {
      state = StableHash.mix(state &+ 0x9e37_79b9_7f4a_7c15)
      return Int(state % UInt64(end))
    }
    mutating func unit() -> Float { Float(next(2_001) - 1_000) / 1_000 }
  }

  private func grow(_ nodes: inout [TreeTable.Node], depth: Int, _ random: inout Numbers) -> UInt32 {
    let place = UInt32(nodes.count)
    nodes.append(TreeTable.Node(leaf: random.unit()))
    if depth > 0, random.next(5) > 0 {
      let feature = UInt32(random.next(4))
      let threshold = random.unit()
      let left = grow(&nodes, depth: depth - 1, &random)
      let right = grow(&nodes, depth: depth - 1, &random)
      nodes[Int(place)] = TreeTable.Node(
        feature: feature, threshold: threshold, left: left, right: right, defaultsLeft: random.next(2) == 0)
    }
    return place
  }

  @Test func partsAndBaseAddUp() throws {
    for seed in 0..<40 {
      var random = Numbers(state: UInt64(seed))
      var nodes: [TreeTable.Node] = []
      let roots = (0..<20).map { _ in grow(&nodes, depth: 5, &random) }
      let table = try #require(
        TreeTable(roots: roots, nodes: nodes, baseScore: random.unit(), featureCount: 4))
      let attribution = TreeAttribution(table)
      for _ in 0..<20 {
        var features = (0..<4).map { _ in random.unit() }
        if random.next(4) == 0 { features[random.next(4)] = .nan }
        var margin = Float(0)
        features.withUnsafeBufferPointer { row in
          guard let base = row.baseAddress else { return }
          table.evaluate(base, count: 1, into: &margin)
          let sum = attribution.parts(base).reduce(attribution.base, +)
          #expect((sum - Double(margin)).magnitude < 1e-4, "seed \(seed)")
        }
      }
    }
  }

  /// A feature that no question on the way asks about adds nothing.
  @Test func unaskedFeaturesAddNothing() throws {
    let table = try #require(
      TreeTable(
        roots: [0],
        nodes: [
          TreeTable.Node(feature: 2, threshold: 0, left: 1, right: 2, defaultsLeft: false),
          TreeTable.Node(leaf: 3), TreeTable.Node(leaf: 1),
        ], baseScore: 0.5, featureCount: 4))
    let attribution = TreeAttribution(table)
    #expect(attribution.base == 2.5)
    #expect(
      [Float(9), 9, -1, 9].withUnsafeBufferPointer { $0.baseAddress.map(attribution.parts) } == [0, 0, 1, 0])
  }
}
