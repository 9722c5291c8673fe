import Checksums
import Foundation
import Models
import Testing
import Vocabulary

/// A small generation with every model, for the items a, b, c and d, and ways to spoil it.
enum FullGeneration {
  static let items = ["a", "b", "c", "d"]

  /// - Parameter scores: of every neighbour, best first.
  static func make(
    _ number: UInt64, in path: String, tenant: TenantName = .default, items: [String] = items,
    neighbourScore: Float = 0.5, _ edit: (inout Manifest) -> Void = { _ in }
  ) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let writer = try GenerationWriter(in: path, number: GenerationNumber(number))
    try writer.addItems(try items.map { try ItemIdentifier($0) })
    try writer.addPopularity(
      rows: items.indices.map { UInt32($0) }, scores: items.indices.map { 1 / Float($0 + 1) })
    // Everything is a neighbour of everything else.
    let rows = items.indices.flatMap { item in items.indices.filter { $0 != item }.map { UInt32($0) } }
    let offsets = (0...items.count).map { UInt64($0 * (items.count - 1)) }
    for name in [ModelName.transitions, ModelName.cooccurrence] {
      try writer.addNeighbours(
        name, offsets: offsets, rows: rows, scores: rows.map { _ in neighbourScore })
    }
    let factors = items.indices.flatMap { [Float(1 + $0) / 4, Float($0 % 2)] }
    try factors.withUnsafeBufferPointer {
      try writer.addFactors(
        ModelName.ials, rows: $0, dimensions: 2, regularisation: 0.01, unobservedWeight: 0.1,
        regularisationExponent: 1)
    }
    var manifest = Manifest(
      number: GenerationNumber(number), tenant: tenant, created: Timestamp(microseconds: 1),
      trainedTo: Position(1), users: 1, items: UInt64(items.count), events: 1, trainingSeconds: 0.1)
    edit(&manifest)
    _ = try writer.finish(manifest)
  }

  /// What a gate says that refuses.
  static let refusal = Manifest.Gate(
    passed: false, mode: "on", rule: "it must win", metric: "NDCG@10", margin: 0.02, served: "fusion",
    comparisons: [
      Manifest.Gate.Comparison(
        against: "popularity", questions: 70, value: 0.1, other: 0.2, difference: -0.1, standardError: 0.01,
        holds: false, note: "Asked on the hold-out.")
    ], reason: "It loses: fusion 0.1 against 0.2 of popularity over 70 users.")

  // MARK: Spoiling

  static func bytes(_ file: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file))) }

  /// Files of a generation are read-only.
  static func overwrite(_ file: String, _ bytes: [UInt8]) throws {
    try FileManager.default.removeItem(atPath: file)
    try Data(bytes).write(to: URL(filePath: file))
  }

  private static func hex(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { SHA256.hex($0) } }

  /// Changes the manifest and makes its digest right again: a liar, not an accident.
  static func forge(_ directory: String, _ edit: (inout Manifest) -> Void) throws {
    var manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: URL(filePath: directory + "/manifest.json")))
    edit(&manifest)
    let text = Array(try JSONEncoder().encode(manifest))
    try overwrite(directory + "/manifest.json", text)
    try overwrite(directory + "/manifest.sha256", Array("\(hex(text))  manifest.json\n".utf8))
  }

  /// Changes an array file and makes header checksum, digest and size right again, so that only the values are wrong.
  static func forgeArray(_ directory: String, _ name: String, _ edit: (inout [UInt8]) -> Void) throws {
    let file = directory + "/" + name + ".array"
    var contents = try bytes(file)
    edit(&contents)
    let checksum = CRC32C.of(Array(contents[..<60]))
    for place in 0..<4 { contents[60 + place] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(place))) }
    try overwrite(file, contents)
    let (digest, size) = (hex(contents), UInt64(contents.count))
    try forge(directory) { manifest in
      for place in manifest.arrays.indices where manifest.arrays[place].name == name {
        manifest.arrays[place].sha256 = digest
        manifest.arrays[place].bytes = size
      }
    }
  }
}

/// One way to spoil a generation that lies in a directory.
struct Damage: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let apply: @Sendable (String) throws -> Void

  init(_ name: String, _ apply: @escaping @Sendable (String) throws -> Void) {
    testDescription = name
    self.apply = apply
  }

  /// Everything a disk, a person or a foreign program does.
  static let all: [Damage] = [flips, truncations, values, forgeries, others].flatMap { $0 }

  private static let files =
    ["manifest.json", "manifest.sha256"] + arrays.map { $0 + ".array" }
  private static let arrays = [
    "items.offsets", "items.bytes", "popularity.rows", "popularity.scores", "transitions.offsets",
    "transitions.rows", "transitions.scores", "cooccurrence.offsets", "cooccurrence.rows",
    "cooccurrence.scores", "ials.items", "ials.gram",
  ]

  private static let flips: [Damage] = files.map { file in
    Damage("a flipped bit in \(file)") { directory in
      var bytes = try FullGeneration.bytes(directory + "/" + file)
      bytes[bytes.count * 3 / 4] ^= 4
      try FullGeneration.overwrite(directory + "/" + file, bytes)
    }
  }

  private static let cuts: [(what: String, length: @Sendable (Int) -> Int)] = [
    ("half of", { $0 / 2 }), ("all but the last byte of", { $0 - 1 }),
  ]

  private static let truncations: [Damage] = files.flatMap { file in
    cuts.map { what, length in
      Damage("\(what) \(file)") { directory in
        let bytes = try FullGeneration.bytes(directory + "/" + file)
        try FullGeneration.overwrite(directory + "/" + file, Array(bytes[..<length(bytes.count)]))
      }
    }
  }

  private static let noNumbers: [(what: String, bits: UInt32)] = [
    ("NaN", 0x7fc0_0000), ("infinity", 0x7f80_0000),
  ]

  /// Digests and checksums are right in all of these: the rules about values refuse them.
  private static let values: [Damage] = [
    "popularity.scores", "transitions.scores", "cooccurrence.scores", "ials.items", "ials.gram",
  ].flatMap { name in
    noNumbers.map { what, bits in
      Damage("\(what) in \(name)") { directory in
        try FullGeneration.forgeArray(directory, name) { bytes in
          for place in 0..<4 { bytes[64 + place] = UInt8(truncatingIfNeeded: bits >> (8 * UInt32(place))) }
        }
      }
    }
  }

  /// And in these: shapes, rows, names, and what comes of finite numbers.
  private static let forgeries: [Damage] = [
    Damage("factors with their shape turned") { directory in
      try FullGeneration.forgeArray(directory, "ials.items") { bytes in
        (bytes[24], bytes[32]) = (bytes[32], bytes[24])
      }
      try FullGeneration.forge(directory) { manifest in
        for place in manifest.arrays.indices where manifest.arrays[place].name == "ials.items" {
          manifest.arrays[place].shape.reverse()
        }
      }
    },
    Damage("a row beyond the items") { directory in
      try FullGeneration.forgeArray(directory, "transitions.rows") { $0[64] = 200 }
    },
    Damage("two items of one name") { directory in
      try FullGeneration.forgeArray(directory, "items.bytes") { $0[65] = $0[64] }
    },
    // 2 · 3e38 is no float: finite numbers of which the sum is not.
    Damage("neighbours whose sum is infinite") { directory in
      let bits = Float(3e38).bitPattern
      try FullGeneration.forgeArray(directory, "cooccurrence.scores") { bytes in
        for element in stride(from: 64, to: bytes.count, by: 4) {
          for place in 0..<4 {
            bytes[element + place] = UInt8(truncatingIfNeeded: bits >> (8 * UInt32(place)))
          }
        }
      }
    },
  ]

  private static let others: [Damage] = [
    Damage("no manifest") { try FileManager.default.removeItem(atPath: $0 + "/manifest.json") },
    Damage("no digest") { try FileManager.default.removeItem(atPath: $0 + "/manifest.sha256") },
    Damage("an array missing") { try FileManager.default.removeItem(atPath: $0 + "/ials.items.array") },
    Damage("another tenant's") { try FullGeneration.forge($0) { $0.tenant = "other" } },
    Damage("another number") { try FullGeneration.forge($0) { $0.number += 1 } },
    Damage("a newer format") { try FullGeneration.forge($0) { $0.formatVersion = 2 } },
    Damage("a manifest that is no JSON") {
      try FullGeneration.overwrite($0 + "/manifest.json", Array("not at all".utf8))
    },
    Damage("a file name that leaves the directory") {
      try FullGeneration.forge($0) { $0.arrays[0].file = "../../../../superblock" }
    },
    Damage("a link in place of a file") { directory in
      let file = directory + "/popularity.scores.array"
      try FileManager.default.moveItem(atPath: file, toPath: directory + "/elsewhere")
      try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "elsewhere")
    },
    Damage("a link in place of the directory") { directory in
      try FileManager.default.moveItem(atPath: directory, toPath: directory + ".aside")
      try FileManager.default.createSymbolicLink(
        atPath: directory, withDestinationPath: directory + ".aside")
    },
    Damage("a pipe in place of a file") { directory in
      let file = directory + "/popularity.scores.array"
      try FileManager.default.removeItem(atPath: file)
      guard mkfifo(file, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
    },
  ]
}
