import ArgumentParser
import Models
import Vocabulary

/// Writes a generation of any size, with the product's own writer, and makes it the one that is served: a trained model of
/// ten million items would take hours of events to come by, and its speed and size do not depend on what they were.
///
/// Items are `i0`, `i1`, …, as magpie-load names them. Factors lie around 1,000 tastes, with lengths that vary, as
/// trained ones do; each item has 20 transitions and 20 neighbours in baskets.
struct GenerationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generation", abstract: "Writes a synthetic generation of many items.")

  @Option(help: "Items.") var items: Int
  @Option(help: "Factors of each.") var dimensions = 64
  @Option(help: "The tenant's directory of generations.") var to: String
  @Option(help: "Neighbours of each item in each of two lists.") var neighbours = 20
  @Option(help: "Seed of the factors.") var seed: UInt64 = 1

  func run() throws {
    guard items > neighbours, items <= Limits.itemsMax, dimensions >= 1,
      dimensions <= Limits.factorDimensionsMax,
      neighbours >= 1
    else {
      throw BenchFailure("more items than neighbours, and 1 to \(Limits.factorDimensionsMax) dimensions")
    }
    let shelf = GenerationShelf(path: to)
    let number = try shelf.nextNumber()
    let writer = try GenerationWriter(in: to, number: number)
    try writer.addItems(try (0..<items).map { try ItemIdentifier("i\($0)") })
    try writer.addPopularity(
      rows: (0..<items).map { UInt32(truncatingIfNeeded: $0) }, scores: (0..<items).map { 1 / Float($0 + 1) })
    for (name, step) in [(ModelName.transitions, 7_919), (ModelName.cooccurrence, 104_729)] {
      try writer.addNeighbours(
        name, offsets: (0...items).map { UInt64($0 * neighbours) },
        rows: (0..<items * neighbours).map { place in
          let (item, rank) = (place / neighbours, place % neighbours)
          return UInt32(truncatingIfNeeded: (item + 1 + rank * step % (items - 1)) % items)
        }, scores: (0..<items * neighbours).map { 1 / Float($0 % neighbours + 1) })
    }
    try factors().withUnsafeBufferPointer { rows in
      try writer.addFactors(
        ModelName.ials, rows: rows, dimensions: dimensions, regularisation: 0.01, unobservedWeight: 0.01,
        regularisationExponent: 1)
    }
    _ = try writer.finish(
      Manifest(
        number: number, tenant: .default, created: Timestamp(microseconds: 1), trainedTo: Position(1),
        users: 1,
        items: UInt64(items), events: 1, trainingSeconds: 0.1))
    try shelf.promote(number)
    var line = JSONLine()
    line.add("items", items)
    line.add("dimensions", dimensions)
    Session.say(line)
  }

  private func factors() -> [Float] {
    var state = seed
    func normal() -> Float {
      var sum: Float = 0
      for _ in 0..<6 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        sum += Float(state >> 40) * 0x1p-23 - 1
      }
      return sum * 0.7
    }
    let tastes = (0..<1_000 * dimensions).map { _ in normal() }
    var rows: [Float] = []
    rows.reserveCapacity(items * dimensions)
    for item in 0..<items {
      let length = 0.15 * (0.4 + abs(normal()))
      let taste = item % 1_000 * dimensions
      for column in 0..<dimensions { rows.append(length * (tastes[taste + column] + 0.5 * normal())) }
    }
    return rows
  }
}
