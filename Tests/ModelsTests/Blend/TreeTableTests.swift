import Foundation
import Models
import Testing
import Vocabulary

/// Trees: what they compute, what is refused, and what is written and read again.
@Suite struct TreeTableTests {
  typealias Node = TreeTable.Node

  /// Two trees: one asks twice, the other is a leaf.
  private static let nodes = [
    Node(feature: 0, threshold: 1, left: 1, right: 2, defaultsLeft: false),
    Node(leaf: -1),
    Node(feature: 2, threshold: 0.5, left: 3, right: 4, defaultsLeft: true),
    Node(leaf: 10),
    Node(leaf: 20),
    Node(leaf: 0.25),
  ]

  private func make(
    _ nodes: [Node] = Self.nodes, roots: [UInt32] = [0, 5], base: Float = 0.5,
    features: Int = BlendFeature.count
  ) -> TreeTable? {
    TreeTable(roots: roots, nodes: nodes, baseScore: base, featureCount: features)
  }

  private func problem(_ place: Int, _ node: Node) -> String? {
    var nodes = Self.nodes
    nodes[place] = node
    return TreeTable.problem(roots: [0, 5], nodes: nodes, baseScore: 0, featureCount: 3)
  }

  @Test func walksAsWorkedByHand() throws {
    let table = try #require(make(features: 3))
    // Below goes left, equal goes right, and what is no number goes to the default side.
    let rows: [Float] = [
      0.99, 7, 7, 1, 7, 0.49, 1, 7, 0.5, .nan, 7, .nan, 1, 7, .infinity,
    ]
    var margins = [Float](repeating: .nan, count: 5)
    table.evaluate(rows, count: 5, into: &margins)
    #expect(margins == [-0.25, 10.75, 20.75, 10.75, 20.75])
  }

  /// The same as a walk one tree and one row at a time, on random trees.
  @Test func matchesAPlainWalk() throws {
    for seed in UInt64(1)...5 {
      var random = SeededGenerator(seed: seed)
      let table = try #require(Self.random(trees: 20, depth: 5, &random), "seed \(seed)")
      let rows = (0..<37 * BlendFeature.count).map { _ in Float.random(in: -1...1, using: &random) }
      var margins = [Float](repeating: 0, count: 37)
      table.evaluate(rows, count: 37, into: &margins)
      for row in 0..<37 {
        var sum = table.baseScore
        for root in table.roots {
          var place = Int(root)
          while !table.nodes[place].isLeaf {
            let node = table.nodes[place]
            let value = rows[row * BlendFeature.count + Int(node.featureNumber)]
            place = Int(value < node.value ? node.left : node.right)
          }
          sum += table.nodes[place].value
        }
        #expect(margins[row] == sum, "seed \(seed), row \(row)")
      }
    }
  }

  @Test func refusesWhatIsNoTree() {
    #expect(problem(1, Node(leaf: -2)) == nil)
    #expect(problem(1, Node(leaf: .nan))?.contains("node 1") == true)
    let loop = Node(feature: 0, threshold: 0, left: 2, right: 3, defaultsLeft: false)
    #expect(problem(2, loop)?.contains("sends node 2 to 2") == true)
    let back = Node(feature: 0, threshold: 0, left: 1, right: 3, defaultsLeft: false)
    #expect(problem(2, back)?.contains("sends node 2 to 1") == true)
    let shared = Node(feature: 0, threshold: 0, left: 3, right: 3, defaultsLeft: false)
    #expect(problem(2, shared)?.contains("two parents") == true)
    let beyond = Node(feature: 0, threshold: 0, left: 3, right: 5, defaultsLeft: false)
    #expect(problem(2, beyond)?.contains("sends node 2 to 5") == true, "into the next tree")
    let strange = Node(feature: 3, threshold: 0, left: 3, right: 4, defaultsLeft: false)
    #expect(problem(2, strange)?.contains("feature 3 of 3") == true)
    let endless = Node(feature: 0, threshold: .infinity, left: 3, right: 4, defaultsLeft: false)
    #expect(problem(2, endless)?.contains("inf") == true)
    #expect(problem(2, Node(leaf: 1))?.contains("no parent for node 3") == true)
    for roots in [[], [1], [0, 9], [0, 5, 5]] as [[UInt32]] {
      #expect(make(roots: roots) == nil, "\(roots)")
    }
    #expect(make(base: .infinity) == nil)
    #expect(make(roots: [UInt32](0...UInt32(Limits.blendTreesMax))) == nil)
  }

  @Test func isReadAsItWasWritten() throws {
    let directory = try TemporaryDirectory()
    var sample = try Sample()
    sample.trees = make()
    try sample.write(directory.shelf)
    let generation = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
    let blend = try #require(generation.blend)
    #expect(blend.trees == sample.trees)
    #expect(blend.popularity[3] == 2, "log2(1 + 3)")
    #expect(blend.age[6] == 2, "log2(1 + 6 / 2)")
  }

  @Test func opensWithoutTrees() throws {
    let directory = try TemporaryDirectory()
    try Sample().write(directory.shelf) {
      $0.ranking = Manifest.Ranking(served: ModelName.fusion, reason: "Too little data.")
    }
    let generation = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
    #expect(generation.blend == nil)
    #expect(generation.manifest.ranking?.served == "fusion")
  }

  /// Everything a file can say that is no tree over this program's features.
  @Test func refusesSpoiltFiles() throws {
    func check(_ says: String, _ spoil: (String) throws -> Void) throws {
      let directory = try TemporaryDirectory()
      var sample = try Sample()
      sample.trees = make()
      try sample.write(directory.shelf)
      let path = directory.shelf.path(of: GenerationNumber(1))
      try spoil(path)
      let fault = try #require(openingFault(path), "it opened: \(says)")
      #expect(fault.kind == .inconsistent, "\(fault)")
      #expect(fault.message.contains(says), "\(fault)")
    }
    func element(_ role: String, _ place: Int, _ value: UInt32) -> (String) throws -> Void {
      { path in
        var contents = try bytes(of: path + "/blend.\(role).array")
        for byte in 0..<4 {
          contents[64 + 4 * place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte)))
        }
        try forgeArray(path, "blend.\(role).array", contents)
      }
    }
    func model(_ edit: @escaping (inout Manifest.ModelInfo) -> Void) -> (String) throws -> Void {
      { path in
        try forgeManifest(path) { manifest in
          for place in manifest.models.indices where manifest.models[place].name == ModelName.blend {
            edit(&manifest.models[place])
          }
        }
      }
    }
    try check("two parents", element("right", 0, 1))
    try check("sends node 0", element("left", 0, 0))
    try check("sends node 0", element("left", 0, .max))
    try check("asks for feature", element("features", 0, UInt32(BlendFeature.count)))
    try check("children", element("left", 1, 2))
    try check("holds nan", element("values", 0, Float.nan.bitPattern))
    try check("no nodes for tree", element("roots", 1, 77))
    try check("holds", element("defaults", 0, 2))
    try check("holds inf", element("popularity", 0, Float.infinity.bitPattern))
    try check("baseScore", model { $0.parameters["baseScore"] = nil })
    try check("another order", model { $0.parameters["feature-sources"] = 0 })
    try check("such as feature-sources", model { $0.parameters["feature-sources"] = nil })
    try check("such as feature-weather", model { $0.parameters["feature-weather"] = 21 })
    try check("role age", model { $0.arrays["age"] = nil })
  }

  /// Full trees with thresholds and leaves in −1 ... 1.
  static func random(trees: Int, depth: Int, _ random: inout SeededGenerator) -> TreeTable? {
    var roots: [UInt32] = []
    var nodes: [Node] = []
    for _ in 0..<trees {
      let start = nodes.count
      roots.append(UInt32(start))
      let inner = (1 << depth) - 1
      for place in 0..<inner {
        nodes.append(
          Node(
            feature: UInt32.random(in: 0..<UInt32(BlendFeature.count), using: &random),
            threshold: Float.random(in: -1...1, using: &random), left: UInt32(start + 2 * place + 1),
            right: UInt32(start + 2 * place + 2), defaultsLeft: Bool.random(using: &random)))
      }
      for _ in 0...inner { nodes.append(Node(leaf: Float.random(in: -1...1, using: &random))) }
    }
    return TreeTable(roots: roots, nodes: nodes, baseScore: -2, featureCount: BlendFeature.count)
  }

  /// Prints what a request costs: 150 candidates by 50 trees of depth 5.
  @Test func speed() throws {
    var random = SeededGenerator(seed: 9)
    let table = try #require(Self.random(trees: 50, depth: 5, &random))
    let rows = (0..<150 * BlendFeature.count).map { _ in Float.random(in: -1...1, using: &random) }
    var margins = [Float](repeating: 0, count: 150)
    var best = UInt64.max
    for _ in 0..<50 {
      let began = ContinuousNanoseconds.now
      table.evaluate(rows, count: 150, into: &margins)
      best = min(best, ContinuousNanoseconds.now - began)
    }
    print("150 candidates, 50 trees of depth 5: \(Double(best) / 1000) µs")
    #expect(margins.allSatisfy { $0.isFinite })
    // Generous, for debug builds on a busy machine; a walk that is quadratic in anything takes seconds.
    #expect(best < 100_000_000)
  }
}
