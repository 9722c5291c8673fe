import Models
import Testing
import Vocabulary

@Suite struct ContentModelTests {
  @Test func whatIsWrittenIsRead() throws {
    let directory = try TemporaryDirectory()
    var sample = try Sample()
    let content = SampleContent(items: sample.items.count, factors: sample.dimensions)
    sample.content = content
    let manifest = try sample.write(directory.shelf)
    let generation = try Generation.open(at: directory.shelf.path(of: manifest.generation))
    let model = try #require(generation.content)
    #expect(model.dimensions == content.dimensions && model.factorDimensions == sample.dimensions)
    #expect(Array(model.rows) == content.items)
    // One feature of weight 2, the only text: scaled to length one, so its row of the projection.
    var item = Item(id: try ItemIdentifier("new"))
    item.title = "tea"
    let number = content.numbers[0]
    #expect(ContentText.features(of: item).contains { $0.number == Int(number) })
    var vector = [Float](repeating: 9, count: content.dimensions)
    let isKnown = vector.withUnsafeMutableBufferPointer {
      model.project(ContentText.features(of: item), into: $0)
    }
    #expect(isKnown && vector == Array(content.projection[..<content.dimensions]))
    // base + Σ exp(−β |z − z_m|²) w_m, by hand.
    var expected = content.base.map { Double($0) }
    for place in 0..<2 {
      var square = 0.0
      for column in 0..<content.dimensions {
        let difference =
          Double(vector[column]) - Double(content.landmarks[place * content.dimensions + column])
        square += difference * difference
      }
      for column in expected.indices {
        expected[column] +=
          Double(content.map[place * expected.count + column]) * exponential(-0.5 * square)
      }
    }
    var factors = [Float](repeating: 9, count: expected.count)
    let isPredicted = vector.withUnsafeBufferPointer { vector in
      factors.withUnsafeMutableBufferPointer { model.predictFactors(of: vector, into: $0) }
    }
    #expect(isPredicted)
    for column in expected.indices { #expect(abs(Double(factors[column]) - expected[column]) < 1e-5) }
    // What nobody knows has no content.
    item.title = "zzz"
    let isUnknown = vector.withUnsafeMutableBufferPointer {
      !model.project(ContentText.features(of: item), into: $0)
    }
    #expect(isUnknown && vector.allSatisfy { $0 == 0 })
  }

  /// e^x by its series; the arguments here are small.
  private func exponential(_ x: Double) -> Double {
    var (sum, term) = (1.0, 1.0)
    for place in 1..<60 {
      term *= x / Double(place)
      sum += term
    }
    return sum
  }

  @Test func whatBreaksARuleIsRefused() throws {
    let cases: [(String, (inout SampleContent) -> Void)] = [
      ("features.array", { $0.numbers[1] = $0.numbers[0] }),
      ("features.array", { $0.numbers[2] = UInt32(2 * ContentText.buckets) }),
      ("weights.array", { $0.weights[0] = 0 }),
      ("weights.array", { $0.weights[0] = -1 }),
      ("weights.array", { $0.weights[1] = .nan }),
      ("projection.array", { $0.projection[0] = .infinity }),
      ("items.array", { $0.items[3] = .nan }),
      ("items.array", { $0.items.removeLast($0.dimensions) }),
      ("landmarks.array", { $0.landmarks[1] = .nan }),
      ("map.array", { $0.map[0] = .infinity }),
      ("base.array", { $0.base[0] = .nan }),
      ("manifest.json", { $0.bandwidth = -1 }),
      ("manifest.json", { $0.bandwidth = .infinity }),
      ("manifest.json", { ($0.base, $0.map) = ([1], [1, 1]) }),
    ]
    for (place, (file, spoil)) in cases.enumerated() {
      let directory = try TemporaryDirectory()
      var sample = try Sample()
      var content = SampleContent(items: sample.items.count, factors: sample.dimensions)
      spoil(&content)
      sample.content = content
      let fault = #expect(throws: ModelFault.self, "case \(place)") { try sample.write(directory.shelf) }
      #expect(fault?.file.hasSuffix(file) == true, "case \(place): \(fault as Any)")
    }
  }

  @Test func anotherVersionOfTheTextIsRefused() throws {
    let directory = try TemporaryDirectory()
    var sample = try Sample()
    sample.content = SampleContent(items: sample.items.count, factors: sample.dimensions)
    let manifest = try sample.write(directory.shelf)
    let path = directory.shelf.path(of: manifest.generation)
    try forgeManifest(path) { manifest in
      for place in manifest.models.indices where manifest.models[place].name == ModelName.content {
        manifest.models[place].parameters["textVersion"] = 2
      }
    }
    let fault = #expect(throws: ModelFault.self) { try Generation.open(at: path) }
    #expect(fault?.kind == .inconsistent)
  }
}

/// A content model written by hand: three features, the first the word tea, two landmarks.
struct SampleContent {
  let dimensions = 2
  var numbers: [UInt32]
  var weights: [Float] = [2, 1, 0.3]
  var projection: [Float] = [0.6, 0.8, 1, 0, 0, 1]
  var items: [Float]
  var landmarks: [Float] = [0.6, 0.8, -1, 0]
  var map: [Float]
  var base: [Float]
  var bandwidth: Float = 0.5

  init(items count: Int, factors: Int) {
    var item = ItemIdentifier(checked: Array("i".utf8)).map { Item(id: $0) }
    item?.title = "tea"
    let known = item.map { ContentText.features(of: $0).map { UInt32($0.number) } } ?? []
    // One of the word's features, and two that it does not have.
    let first = known.first ?? 0
    let others = (0..<UInt32(2 * ContentText.buckets)).reversed().filter { !known.contains($0) }.prefix(2)
    numbers = [first] + others.reversed()
    items = (0..<count * dimensions).map { Float($0 % 5) / 5 }
    map = (0..<2 * factors).map { Float($0 % 7) / 7 - 0.5 }
    base = (0..<factors).map { Float($0) / 10 }
  }

  func write(_ writer: GenerationWriter) throws {
    try projection.withUnsafeBufferPointer { projection in
      try items.withUnsafeBufferPointer { items in
        try writer.addContent(
          ContentWeights(numbers: numbers, weights: weights), dimensions: dimensions, projection: projection,
          items: items, landmarks: landmarks, map: map, base: base, bandwidth: bandwidth)
      }
    }
  }
}
