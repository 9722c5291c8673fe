import Engine
import Foundation
import Models
import Testing
import Vocabulary

/// The recovery ladder for everything under `generations/`: whatever happens to one file, the daemon starts, and serves that
/// generation whole, or an older one that is whole, or none. docs/faults.md holds the outcomes.
struct GenerationLadderTests {
  private enum Damage: CustomStringConvertible {
    case flip(Int)
    case cut(Int)
    case zero
    case delete
    case duplicate
    /// The file of the same name of another directory.
    case swap

    var description: String {
      switch self {
      case .flip(let place): "flip at byte \(place)"
      case .cut(let count): "cut to \(count) bytes"
      case .zero: "zero"
      case .delete: "delete"
      case .duplicate: "duplicate"
      case .swap: "swap"
      }
    }
  }

  private static let good: UInt64 = 1
  private static let newest: UInt64 = 900

  private func rig() async throws -> (EngineRig, shelf: String, other: String) {
    let rig = try EngineRig()
    _ = await rig.ingest([("u", "a"), ("u", "b"), ("v", "b"), ("v", "c"), ("w", "c"), ("x", "d")])
    let shelf = rig.root + "/data/generations/default"
    try FullGeneration.make(Self.good, in: shelf)
    try FullGeneration.make(Self.newest, in: shelf)
    _ = try await rig.generations(.promote, Self.newest).get()
    // Another directory's generation of the same number, trained from other events.
    let other = rig.root + "/other"
    try FullGeneration.make(Self.newest, in: other, items: ["d", "c", "b", "a"], neighbourScore: 0.25)
    return (rig, shelf, other)
  }

  private func damages(to bytes: Data, named name: String, _ other: String) -> [Damage] {
    var damages: [Damage] = [.delete, .duplicate]
    if !bytes.isEmpty {
      damages += [.zero, .cut(0), .cut(bytes.count / 2), .cut(bytes.count - 1)]
      damages += Set([0, 9, bytes.count / 3, bytes.count / 2, bytes.count - 1]).sorted().map { .flip($0) }
    }
    if let stranger = FileManager.default.contents(atPath: other + "/" + name), stranger != bytes {
      damages.append(.swap)
    }
    return damages
  }

  private func inflict(_ damage: Damage, on path: String, with stranger: String) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    chmod(path, 0o600)
    switch damage {
    case .flip(let place): bytes[place] ^= 0x10
    case .cut(let count): bytes = bytes.prefix(count)
    case .zero: bytes = Data(count: bytes.count)
    case .delete: return try FileManager.default.removeItem(atPath: path)
    case .duplicate: return try FileManager.default.copyItem(atPath: path, toPath: path + ".copy")
    case .swap: bytes = try Data(contentsOf: URL(filePath: stranger))
    }
    try bytes.write(to: URL(filePath: path))
  }

  @Test func everyFileOfAGenerationAndEveryDamage() async throws {
    let (rig, shelf, other) = try await rig()
    let names = try FileManager.default.contentsOfDirectory(atPath: shelf + "/000900").sorted()
    #expect(names.count >= 8)
    var counts: [String: [String: Int]] = [:]
    for name in names {
      let path = shelf + "/000900/" + name
      let original = try Data(contentsOf: URL(filePath: path))
      for damage in damages(to: original, named: name, other + "/000900") {
        try inflict(damage, on: path, with: other + "/000900/" + name)
        try rig.restart()
        let slate = try #require(await rig.recommend("u").slate, "\(name): \(damage)")
        let family = name.hasSuffix(".array") ? "arrays" : name
        if case .duplicate = damage {
          #expect(slate.generation.value == Self.newest, "\(name): \(damage)")
          counts[family, default: [:]]["served", default: 0] += 1
        } else {
          #expect(slate.generation.value == Self.good, "\(name): \(damage)")
          counts[family, default: [:]]["an older one served", default: 0] += 1
          // The list names the file, and promoting it is refused.
          guard case .failure(let fault) = await rig.generations(.promote, Self.newest) else {
            Issue.record("\(name): \(damage): it was promoted")
            continue
          }
          #expect(
            fault.reason == .generationInvalid && fault.message.contains("000900"),
            "\(name): \(damage): \(fault)")
        }
        try? FileManager.default.removeItem(atPath: path + ".copy")
        try? FileManager.default.removeItem(atPath: path)
        try original.write(to: URL(filePath: path))
      }
    }
    for (family, outcomes) in counts.sorted(by: { $0.key < $1.key }) {
      print(
        "ladder: generations/T/N/\(family): \(outcomes.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", "))"
      )
    }
    try rig.restart()
    #expect(try #require(await rig.recommend("u").slate).generation.value == Self.newest, "put back")
  }

  @Test func theOnlyGenerationDamagedMeansNoneAndTheListSaysWhy() async throws {
    let (rig, shelf, _) = try await rig()
    try FileManager.default.removeItem(atPath: shelf + "/000001")
    try Data([1, 2, 3]).write(to: URL(filePath: shelf + "/000900/manifest.json"))
    try rig.restart()
    let slate = try #require(await rig.recommend("u").slate)
    #expect(slate.generation.value == 0)
    #expect(!slate.items.isEmpty, "live counts answer")
    let listed = try await rig.generations().get()
    #expect(listed.count == 1)
    #expect(listed.first?.problem.contains("manifest.json") == true)
  }

  @Test func everyDamageToTheLinkAndTheCounter() async throws {
    let (rig, shelf, _) = try await rig()
    let files = FileManager.default
    let link = shelf + "/current"
    let cases: [(String, expected: UInt64, () throws -> Void)] = [
      ("deleted", 0, {}),
      (
        "to a generation that is not there", Self.newest,
        { try files.createSymbolicLink(atPath: link, withDestinationPath: "000007") }
      ),
      (
        "to the older one", Self.good,
        { try files.createSymbolicLink(atPath: link, withDestinationPath: "000001") }
      ),
      (
        "to something else", Self.newest,
        { try files.createSymbolicLink(atPath: link, withDestinationPath: "../../log") }
      ),
      ("a file", Self.newest, { try Data("000900".utf8).write(to: URL(filePath: link)) }),
    ]
    for (what, expected, make) in cases {
      try files.removeItem(atPath: link)
      try make()
      try rig.restart()
      let slate = try #require(await rig.recommend("u").slate, "\(what)")
      #expect(slate.generation.value == expected, "\(what)")
      try? files.removeItem(atPath: link)
      try files.createSymbolicLink(atPath: link, withDestinationPath: "000900")
    }
    // The counter only gives out numbers: damaged, it serves nobody less, and the next training says what to do.
    let counter = shelf + "/last-number"
    for bytes in [Data(), Data([0, 0, 0, 0]), Data("90".utf8), Data("9x\n".utf8)] {
      try bytes.write(to: URL(filePath: counter))
      try rig.restart()
      #expect(try #require(await rig.recommend("u").slate).generation.value == Self.newest)
      guard case .failure(let fault) = await rig.call(.train(TrainRequest())) else {
        Issue.record("a training took a number from \(Array(bytes))")
        continue
      }
      #expect(fault.message.contains("last-number"), "\(fault)")
    }
    // Gone, or an older one: numbers go on behind the highest directory.
    for bytes in [nil, Data("5\n".utf8)] {
      try files.removeItem(atPath: counter)
      try bytes?.write(to: URL(filePath: counter))
      try rig.trainer("exit 3")
      guard case .success(.train(let started)) = await rig.call(.train(TrainRequest())) else {
        Issue.record("no training")
        continue
      }
      #expect(started.generation.value > Self.newest)
      _ = try await rig.trained()
    }
  }
}
