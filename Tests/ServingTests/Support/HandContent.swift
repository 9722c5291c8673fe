import Models
import Vocabulary

/// A content model whose words are given vectors by hand: a word's features all weigh one and have its vector as their row.
struct HandContent {
  private var rows: [UInt32: [Float]] = [:]
  private let dimensions: Int
  private var landmarks: [Float] = []
  private var map: [Float] = []
  private var items: [Float] = []
  private let factorCount: Int

  init(_ words: [String: (vector: [Float], factors: [Float])], _ names: [String], _ world: World) throws {
    dimensions = words.values.first?.vector.count ?? 1
    factorCount = words.values.first?.factors.count ?? 1
    for (word, said) in words.sorted(by: { $0.key < $1.key }) {
      var item = Item(id: try ItemIdentifier("w"))
      item.text = word
      let features = ContentText.features(of: item)
      for feature in features { rows[UInt32(feature.number)] = said.vector }
      // As many equal features scaled to length one add up to the root of their number.
      landmarks += said.vector.map { $0 * Float(features.count).squareRoot() }
      map += said.factors
    }
    let catalogue = world.tenant.catalogue()
    for name in names {
      let entry = catalogue.item(try world.index(name))
      let known = entry.map { ContentText.features(of: $0) }?.filter { rows[UInt32($0.number)] != nil } ?? []
      var vector = [Float](repeating: 0, count: dimensions)
      for feature in known {
        for place in vector.indices {
          vector[place] += (rows[UInt32(feature.number)]?[place] ?? 0) / Float(known.count).squareRoot()
        }
      }
      items += vector
    }
  }

  func write(_ writer: GenerationWriter) throws {
    let numbers = rows.keys.sorted()
    let projection = numbers.flatMap { rows[$0] ?? [] }
    try projection.withUnsafeBufferPointer { projection in
      try items.withUnsafeBufferPointer { items in
        try writer.addContent(
          ContentWeights(numbers: numbers, weights: numbers.map { _ in 1 }), dimensions: dimensions,
          projection: projection, items: items, landmarks: landmarks, map: map,
          base: [Float](repeating: 0, count: factorCount), bandwidth: 0.5)
      }
    }
  }
}
