import Checksums
import Foundation
import Models
import Vocabulary

extension FuzzTarget {
  /// A whole generation, some words of its files overwritten and every checksum made right again: what is then still
  /// accepted must be safe to serve.
  static let generation = FuzzTarget(
    name: "generation", about: "array files of a generation, checksums right",
    seeds: {
      // Eight bytes say: file, kind, place, word. The first seed changes nothing.
      [[]]
        + (0..<15).flatMap { file -> [[UInt8]] in
          [
            [UInt8(file), 0, 64, 0, 0, 0, 0, 0], [UInt8(file), 0, 68, 0, 0xff, 0xff, 0xff, 0x7f],
            [UInt8(file), 1, 64, 0, 0, 0, 0, 0],
          ]
        }
    },
    make: {
      let base = try BaseGeneration()
      return { input in try base.open(input) }
    })

  /// The manifest with its digest made right.
  static let manifest = FuzzTarget(
    name: "manifest", about: "manifests of generations, digest right",
    seeds: { [try BaseGeneration().manifest, Array(#"{"formatVersion":99}"#.utf8), Array("{}".utf8)] },
    make: {
      let scratch = try Scratch()
      return { input in
        try scratch.write(input, to: "manifest.json")
        try scratch.write(Array("\(SHA256.hex(input))  manifest.json\n".utf8), to: "manifest.sha256")
        _ = try? Manifest.read(from: scratch.path)
      }
    })
}

/// A small generation on disk, put back as it was before each input.
private final class BaseGeneration {
  private let scratch: Scratch
  private let path: String
  /// The array files, by name; the manifest is not among them.
  private let files: [(name: String, bytes: [UInt8])]
  let manifest: [UInt8]

  init() throws {
    scratch = try Scratch()
    let count = 12
    let number = GenerationNumber(1)
    let writer = try GenerationWriter(in: scratch.path, number: number)
    try writer.addItems(try (0..<count).map { try ItemIdentifier("item-\($0)") })
    let rows = (0..<UInt32(count)).map { $0 }
    try writer.addPopularity(rows: rows, scores: rows.map { Float(count) - Float($0) })
    var offsets: [UInt64] = [0]
    var neighbours: [UInt32] = []
    var scores: [Float] = []
    for row in rows {
      neighbours += [(row + 1) % UInt32(count), (row + 2) % UInt32(count)]
      scores += [0.5, 0.25]
      offsets.append(UInt64(neighbours.count))
    }
    for name in [ModelName.transitions, ModelName.cooccurrence] {
      try writer.addNeighbours(name, offsets: offsets, rows: neighbours, scores: scores)
    }
    var factors: [Float] = []
    for number in 0..<(count * 4) { factors.append(Float(number % 7) / 7) }
    try factors.withUnsafeBufferPointer {
      try writer.addFactors(
        ModelName.ials, rows: $0, dimensions: 4, regularisation: 0.01, unobservedWeight: 0.1,
        regularisationExponent: 1)
    }
    let features = (0..<6).map { UInt32($0 * 9000) }
    let numbers = (0..<(6 * 3 + count * 3)).map { Float($0 % 5) / 5 }
    try numbers.withUnsafeBufferPointer { numbers in
      try writer.addContent(
        ContentWeights(numbers: features, weights: features.map { _ in 1 }), dimensions: 3,
        projection: UnsafeBufferPointer(rebasing: numbers[..<18]),
        items: UnsafeBufferPointer(rebasing: numbers[18...]), landmarks: [0, 0.2, 0.4, 1, 0, 0],
        map: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], base: [0, 0, 0.5, 1], bandwidth: 0.5)
    }
    _ = try writer.finish(
      Manifest(
        number: number, tenant: .default, created: Timestamp(microseconds: 1_700_000_000_000_000),
        trainedTo: Position(77), users: 9, items: UInt64(count), events: 400, trainingSeconds: 1.5))
    path = GenerationShelf(path: scratch.path).path(of: number)
    let directory = String(path.dropFirst(scratch.path.count + 1))
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    files = try names.filter { !$0.hasPrefix("manifest") }.map { [scratch] in
      ($0, try scratch.read(directory + "/" + $0))
    }
    manifest = try scratch.read(directory + "/manifest.json")
    self.directory = directory
  }

  private let directory: String

  func open(_ input: UnsafeRawBufferPointer) throws {
    var changed: [Int: [UInt8]] = [:]
    for start in stride(from: 0, to: input.count - input.count % 8, by: 8) {
      let file = Int(input[start]) % files.count
      var bytes = changed[file] ?? files[file].bytes
      let place = Int(input[start + 2]) | Int(input[start + 3]) << 8
      if input[start + 1] & 1 == 1 {
        if place < bytes.count {
          bytes.removeLast(bytes.count - place)
        } else {
          bytes += [UInt8](repeating: 0, count: min(64, place - bytes.count))
        }
      } else {
        for offset in 0..<4 where place + offset < bytes.count {
          bytes[place + offset] = input[start + 4 + offset]
        }
      }
      changed[file] = bytes
    }
    var text = String(decoding: manifest, as: UTF8.self)
    for (file, bytes) in changed.sorted(by: { $0.key < $1.key }) {
      var bytes = bytes
      if bytes.count >= 64 {
        let sum = CRC32C.of(Array(bytes[..<60]))
        for place in 0..<4 { bytes[60 + place] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(place))) }
      }
      try scratch.write(bytes, to: directory + "/" + files[file].name)
      let old = files[file].bytes.withUnsafeBytes { SHA256.hex($0) }
      text = text.replacingOccurrences(of: old, with: bytes.withUnsafeBytes { SHA256.hex($0) })
    }
    let manifestBytes = Array(text.utf8)
    try scratch.write(manifestBytes, to: directory + "/manifest.json")
    try scratch.write(
      Array("\(manifestBytes.withUnsafeBytes { SHA256.hex($0) })  manifest.json\n".utf8),
      to: directory + "/manifest.sha256")
    defer {
      for file in changed.keys {
        try? scratch.write(files[file].bytes, to: directory + "/" + files[file].name)
      }
    }
    guard let generation = try? Generation.open(at: path) else { return }
    try Self.check(generation)
  }

  /// What serving takes for granted.
  private static func check(_ generation: Generation) throws {
    let count = generation.itemCount
    var names: Set<[UInt8]> = []
    for row in 0..<count { names.insert(generation.identifier(of: row).bytes) }
    try expect(names.count == count, "two rows have one identifier")
    if let model = generation.popularity {
      try expect(model.rows.allSatisfy { Int($0) < count }, "popularity names a row that is not there")
      try expect(model.scores.allSatisfy(\.isFinite), "a popularity is not finite")
    }
    for model in [generation.transitions, generation.cooccurrence] {
      guard let model else { continue }
      for row in 0..<count {
        let (rows, scores) = model.neighbours(of: row)
        try expect(rows.allSatisfy { Int($0) < count }, "a neighbour is not there")
        try expect(scores.allSatisfy(\.isFinite), "a neighbour's score is not finite")
      }
    }
    if let model = generation.factors {
      for row in 0..<count { try expect(model.row(row).allSatisfy(\.isFinite), "a factor is not finite") }
    }
    if let model = generation.content {
      var item = Item(id: generation.identifier(of: 0))
      (item.title, item.text, item.categories) = ("Blue tea cup", "for tea", ["tea"])
      var vector = [Float](repeating: 0, count: model.dimensions)
      var factors = [Float](repeating: 0, count: model.factorDimensions)
      vector.withUnsafeMutableBufferPointer { vector in
        factors.withUnsafeMutableBufferPointer { factors in
          _ = model.project(ContentText.features(of: item), into: vector)
          for row in 0..<count { _ = model.predictFactors(of: model.row(row), into: factors) }
        }
      }
      try expect((vector + factors).allSatisfy(\.isFinite), "content is not finite")
    }
  }
}
