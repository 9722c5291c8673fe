import Checksums
import Foundation
import Models
import Testing
import Vocabulary

/// A directory of its own, removed at the end.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "magpie-models-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var shelf: GenerationShelf { GenerationShelf(path: path + "/generations/default") }
}

/// SplitMix64: the same numbers from the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// What a small generation is made of, to be spoilt one part at a time.
struct Sample {
  var items: [ItemIdentifier]
  var popularRows: [UInt32]
  var popularScores: [Float]
  var offsets: [UInt64]
  var rows: [UInt32]
  var scores: [Float]
  var factors: [Float]
  var dimensions: Int
  var regularisation = 0.01
  var unobservedWeight = 0.1
  var exponent = 0.8
  var hasTransitions = true
  var hasFactors = true
  var hasPopularity = true
  /// A user index and a linear model, where wanted.
  var users: SampleUsers?
  var linear: (offsets: [UInt64], rows: [UInt32], scores: [Float])?
  /// A learned blend, where wanted.
  var trees: TreeTable?
  var segments = SegmentTable()
  var ratings: RatingTable?
  var content: SampleContent?

  init(items count: Int = 23, dimensions: Int = 5, seed: UInt64 = 1) throws {
    var random = SeededGenerator(seed: seed)
    items = try (0..<count).map { try ItemIdentifier("item-\($0)-\(String(repeating: "x", count: $0 % 7))") }
    popularRows = (0..<UInt32(count)).shuffled(using: &random).dropLast(count / 5)
    popularScores = popularRows.map { _ in Float.random(in: 0...10, using: &random) }.sorted(by: >)
    offsets = [0]
    rows = []
    scores = []
    for item in 0..<count {
      let others = (0..<UInt32(count)).filter { $0 != UInt32(item) }.shuffled(using: &random)
      let taken = others.prefix(Int.random(in: 0...min(6, count - 1), using: &random))
      rows += taken
      scores += taken.map { _ in Float.random(in: 0...1, using: &random) }.sorted(by: >)
      offsets.append(UInt64(rows.count))
    }
    factors = (0..<count * dimensions).map { _ in Float.random(in: -1...1, using: &random) }
    self.dimensions = dimensions
    let names = [("", "cups"), ("", "tea"), ("country", "France"), ("country", "Spain")]
    for (attribute, value) in count > 0 ? names : [] {
      let taken = (0..<UInt32(count)).shuffled(using: &random).prefix(
        Int.random(in: 1...count, using: &random))
      segments.append(
        SegmentName(attribute: attribute, value: value), rows: Array(taken),
        scores: taken.map { _ in Float.random(in: 0.1...9, using: &random) }.sorted(by: >))
    }
    ratings = RatingTable(
      mean: 3.5, low: 1, high: 5, samples: 2, width: 3,
      items: (0..<2 * (count + 1) * 3).map { _ in Float.random(in: -1...1, using: &random) },
      userMeans: (0..<6).map { _ in Float.random(in: -1...1, using: &random) },
      userPrecisions: (0..<6).map { _ in Float.random(in: 0.5...9, using: &random) }, noise: [1.5, 2])
  }

  func manifest(_ number: GenerationNumber) -> Manifest {
    var manifest = Manifest(
      number: number, tenant: .default, created: Timestamp(microseconds: 1_700_000_000_000_000),
      trainedTo: Position(77), users: 9, items: UInt64(items.count), events: 400, trainingSeconds: 1.5)
    manifest.program = "magpie-train 0.1"
    manifest.settings = ["factors": String(dimensions), "seed": "1"]
    manifest.metrics = ["popularity": ["NDCG@20": 0.1], "ials": ["NDCG@20": 0.25, "Recall@20": 0.5]]
    manifest.split = Manifest.Split(
      description: "newest tenth", boundary: Timestamp(microseconds: 5), trainEvents: 360, testEvents: 40,
      testUsers: 4)
    return manifest
  }

  /// Writes it as the next generation of a shelf.
  @discardableResult
  func write(_ shelf: GenerationShelf, _ edit: (inout Manifest) -> Void = { _ in }) throws -> Manifest {
    let writer = try GenerationWriter(in: shelf.path, number: try shelf.nextNumber())
    do {
      try writer.addItems(items)
      if hasPopularity { try writer.addPopularity(rows: popularRows, scores: popularScores) }
      if hasTransitions {
        try writer.addNeighbours(
          ModelName.transitions, offsets: offsets, rows: rows, scores: scores, parameters: ["window": 10])
        try writer.addNeighbours(ModelName.cooccurrence, offsets: offsets, rows: rows, scores: scores)
      }
      if hasFactors {
        try factors.withUnsafeBufferPointer {
          try writer.addFactors(
            ModelName.ials, rows: $0, dimensions: dimensions, regularisation: regularisation,
            unobservedWeight: unobservedWeight, regularisationExponent: exponent)
        }
      }
      if let linear {
        try writer.addNeighbours(
          ModelName.linear, offsets: linear.offsets, rows: linear.rows, scores: linear.scores,
          parameters: ["kind": 1])
      }
      if let users { try users.withIndex { index in try writer.addUserNeighbours(index) } }
      if segments.count > 0 { try writer.addSegments(segments) }
      if let ratings { try writer.addRatings(ratings) }
      if let content { try content.write(writer) }
      if let trees {
        try writer.addBlend(
          trees,
          statistics: BlendStatistics(
            counts: items.indices.map { UInt32($0) }, ageDays: items.indices.map { Double($0) / 2 }))
      }
      var manifest = manifest(writer.number)
      edit(&manifest)
      return try writer.finish(manifest)
    } catch {
      writer.abandon()
      throw error
    }
  }
}

func bytes(of path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Replaces a file's contents, read-only or not.
func overwrite(_ path: String, _ bytes: [UInt8]) throws {
  try? FileManager.default.removeItem(atPath: path)
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

func hex(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { SHA256.hex($0) } }

/// Makes the manifest say what `edit` wants, with a matching digest: a liar, not an accident.
func forgeManifest(_ directory: String, _ edit: (inout Manifest) -> Void) throws {
  let file = directory + "/manifest.json"
  var manifest = try JSONDecoder().decode(Manifest.self, from: Data(try bytes(of: file)))
  edit(&manifest)
  try forgeManifest(directory, text: Array(try JSONEncoder().encode(manifest)))
}

func forgeManifest(_ directory: String, text: [UInt8]) throws {
  try overwrite(directory + "/manifest.json", text)
  try overwrite(directory + "/manifest.sha256", Array("\(hex(text))  manifest.json\n".utf8))
}

/// An array file with the checksum its header should have.
func sealed(_ contents: [UInt8]) -> [UInt8] {
  guard contents.count >= 64 else { return contents }
  var contents = contents
  let checksum = CRC32C.of(Array(contents[..<60]))
  for place in 0..<4 { contents[60 + place] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(place))) }
  return contents
}

/// Replaces an array file and seals it again: header checksum, digest and size as they should be.
func forgeArray(_ directory: String, _ file: String, _ contents: [UInt8]) throws {
  let contents = sealed(contents)
  try overwrite(directory + "/" + file, contents)
  try forgeManifest(directory) { manifest in
    for place in manifest.arrays.indices where manifest.arrays[place].file == file {
      manifest.arrays[place].sha256 = hex(contents)
      manifest.arrays[place].bytes = UInt64(contents.count)
    }
  }
}

/// The fault of opening, nil if it opens.
func openingFault(_ path: String, tenant: TenantName? = nil) -> ModelFault? {
  do throws(ModelFault) {
    _ = try Generation.open(at: path, tenant: tenant)
    return nil
  } catch {
    return error
  }
}
