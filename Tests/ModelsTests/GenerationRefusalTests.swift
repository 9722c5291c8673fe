import Foundation
import Models
import Testing
import Vocabulary

/// What is refused, by whom, and that the fault names the file.
@Suite struct GenerationRefusalTests {
  private func check(
    _ kind: ModelFault.Kind, file: String, says: String = "", _ spoil: (String) throws -> Void
  ) throws {
    let directory = try TemporaryDirectory()
    try Sample().write(directory.shelf)
    let path = directory.shelf.path(of: GenerationNumber(1))
    #expect(openingFault(path) == nil)
    try spoil(path)
    let fault = try #require(openingFault(path), "it opened: \(says)")
    #expect(fault.kind == kind, "\(fault)")
    #expect(fault.file.hasSuffix(file), "\(fault)")
    #expect(says.isEmpty || fault.message.contains(says), "\(fault)")
  }

  @Test func missingForeignAndNewer() throws {
    #expect(openingFault("/nonexistent/000001")?.kind == .missing)
    try check(.missing, file: "manifest.json") {
      try FileManager.default.removeItem(atPath: $0 + "/manifest.json")
    }
    try check(.missing, file: "manifest.sha256") {
      try FileManager.default.removeItem(atPath: $0 + "/manifest.sha256")
    }
    try check(.missing, file: "transitions.rows.array") {
      try FileManager.default.removeItem(atPath: $0 + "/transitions.rows.array")
    }
    try check(.foreign, file: "manifest.json") { try forgeManifest($0, text: Array("[1, 2, 3]".utf8)) }
    try check(.foreign, file: "manifest.json") { try forgeManifest($0, text: [0xff, 0, 0x7b]) }
    try check(.newerFormat, file: "manifest.json", says: "version 2") {
      try forgeManifest($0, text: Array(#"{"formatVersion": 2, "all": "different"}"#.utf8))
    }
    try check(.inconsistent, file: "manifest.json", says: "number is missing") {
      try forgeManifest($0, text: Array(#"{"formatVersion": 1}"#.utf8))
    }
    try check(.foreign, file: "manifest.json") {
      try forgeManifest($0, text: [UInt8](repeating: UInt8(ascii: "["), count: 3_000_000))
    }
    try check(.corrupt, file: "manifest.json", says: "at most") {
      try overwrite($0 + "/manifest.json", [UInt8](repeating: 32, count: Limits.manifestBytesMax + 1))
    }
    try check(.foreign, file: "items.bytes.array", says: "symbolic link") {
      let file = $0 + "/items.bytes.array"
      try FileManager.default.moveItem(atPath: file, toPath: $0 + "/elsewhere")
      try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "elsewhere")
    }
    try check(.foreign, file: "items.bytes.array", says: "regular file") {
      try FileManager.default.removeItem(atPath: $0 + "/items.bytes.array")
      #expect(mkfifo($0 + "/items.bytes.array", 0o600) == 0)
    }
    try check(.newerFormat, file: "items.bytes.array") {
      var contents = try bytes(of: $0 + "/items.bytes.array")
      contents[8] = 2
      try forgeArray($0, "items.bytes.array", contents)
    }
    try check(.foreign, file: "items.bytes.array") {
      var contents = try bytes(of: $0 + "/items.bytes.array")
      contents[0] = 0
      try forgeArray($0, "items.bytes.array", contents)
    }
  }

  @Test func aGenerationInTheWrongPlace() throws {
    let directory = try TemporaryDirectory()
    try Sample().write(directory.shelf)
    let path = directory.shelf.path(of: GenerationNumber(1))
    #expect(openingFault(path, tenant: try TenantName("other"))?.kind == .foreign)
    let moved = directory.shelf.path(of: GenerationNumber(2))
    try FileManager.default.moveItem(atPath: path, toPath: moved)
    #expect(openingFault(moved)?.kind == .foreign)
  }

  @Test func aManifestThatLies() throws {
    let lies: [(String, (inout Manifest) -> Void)] = [
      ("more items", { $0.items += 1 }),
      ("too many items", { $0.items = .max }),
      ("bad tenant", { $0.tenant = "../x" }),
      ("path outside", { $0.arrays[0].file = "../items.offsets.array" }),
      ("hidden file", { $0.arrays[0].file = ".array" }),
      ("empty file", { $0.arrays[0].file = "" }),
      ("same file twice", { $0.arrays[1].file = $0.arrays[0].file }),
      ("same name twice", { $0.arrays[1].name = $0.arrays[0].name }),
      (
        "too many arrays",
        { $0.arrays = Array(repeating: $0.arrays[0], count: Limits.generationArraysMax + 1) }
      ),
      ("no shape", { $0.arrays[0].shape = [] }),
      ("four dimensions", { $0.arrays[0].shape = [1, 1, 1, 24] }),
      ("shape overflows", { $0.arrays[0].shape = [.max, 2] }),
      ("shape overflows signed", { $0.arrays[0].shape = [1 << 40, 1 << 40] }),
      ("other type", { $0.arrays[0].type = .f32 }),
      ("other shape, same bytes", { $0.arrays[0].shape = [$0.arrays[0].shape[0], 1] }),
      ("no item table", { $0.models.removeFirst() }),
      (
        "two item tables",
        {
          $0.models.append($0.models[0])
          $0.models[$0.models.count - 1].name = "items2"
        }
      ),
      ("same model twice", { $0.models.append($0.models[1]) }),
      ("role missing", { $0.models[1].arrays["rows"] = nil }),
      ("role points nowhere", { $0.models[1].arrays["rows"] = "nothing" }),
      ("role of another type", { $0.models[1].arrays["rows"] = "popularity.scores" }),
      ("role of another length", { $0.models[1].arrays["scores"] = "transitions.scores" }),
      ("name taken by another family", { $0.models[1].family = "sequence" }),
      ("no regularisation", { $0.models[4].parameters["regularisation"] = nil }),
      ("negative weight", { $0.models[4].parameters["unobservedWeight"] = -1 }),
      ("negative time", { $0.trainingSeconds = -1 }),
    ]
    let directory = try TemporaryDirectory()
    try Sample().write(directory.shelf)
    let path = directory.shelf.path(of: GenerationNumber(1))
    let truth = try bytes(of: path + "/manifest.json")
    for (name, lie) in lies {
      try forgeManifest(path, text: truth)
      try forgeManifest(path, lie)
      let fault = try #require(openingFault(path), "\(name): it opened")
      #expect(fault.kind == .inconsistent, "\(name): \(fault)")
      #expect(fault.file.hasPrefix(path), "\(name): \(fault)")
    }
  }

  /// The writer refuses by the reader's rules and publishes nothing.
  @Test func contentsThatBreakARule() throws {
    let spoils: [(String, (inout Sample) throws -> Void)] = [
      ("items.bytes.array", { $0.items[3] = $0.items[7] }),
      ("popularity.rows.array", { $0.popularRows[2] = 23 }),
      ("popularity.rows.array", { $0.popularRows[2] = $0.popularRows[0] }),
      ("popularity.scores.array", { $0.popularScores[2] = .nan }),
      ("popularity.scores.array", { $0.popularScores[0] = .infinity }),
      ("popularity.scores.array", { $0.popularScores[2] = $0.popularScores[1] + 1 }),
      ("popularity.scores.array", { $0.popularScores.removeLast() }),
      ("transitions.offsets.array", { $0.offsets[0] = 1 }),
      ("transitions.offsets.array", { $0.offsets[5] = .max }),
      ("transitions.offsets.array", { $0.offsets.removeLast() }),
      ("transitions.offsets.array", { $0.offsets[$0.offsets.count - 1] += 1 }),
      ("transitions.rows.array", { $0.rows[0] = 23 }),
      ("transitions.rows.array", { $0.rows[0] = .max }),
      ("transitions.rows.array", { $0.rows[1] = $0.rows[0] }),
      (
        "transitions.rows.array",
        { sample in
          let item = try #require((0..<23).first { sample.offsets[$0] < sample.offsets[$0 + 1] })
          sample.rows[Int(sample.offsets[item])] = UInt32(item)
        }
      ),
      ("transitions.scores.array", { $0.scores[1] = $0.scores[0] + 1 }),
      ("transitions.scores.array", { $0.scores[$0.scores.count - 1] = -.infinity }),
      ("ials.items.array", { $0.factors[$0.factors.count - 1] = .nan }),
      ("ials.items.array", { $0.factors.removeLast(5) }),
      ("manifest.json", { $0.regularisation = -1 }),
      ("manifest.json", { $0.unobservedWeight = .nan }),
    ]
    for (place, (file, spoil)) in spoils.enumerated() {
      let directory = try TemporaryDirectory()
      var sample = try Sample(seed: 4)
      // Two neighbours at least for the first that has any, so that the spoils above say what they mean.
      sample.offsets = [0] + Array(repeating: 3, count: 23)
      sample.rows = [5, 6, 7]
      sample.scores = [0.9, 0.5, 0.4]
      try spoil(&sample)
      let fault = #expect(throws: ModelFault.self, "case \(place)") { try sample.write(directory.shelf) }
      #expect(fault?.kind == .inconsistent, "case \(place): \(String(describing: fault))")
      #expect(fault?.file.hasSuffix(file) == true, "case \(place): \(String(describing: fault))")
      #expect(try directory.shelf.list().isEmpty)
    }
  }

  @Test func tooManyNeighbours() throws {
    let count = Limits.neighboursMax + 2
    let directory = try TemporaryDirectory()
    var sample = try Sample(items: count, dimensions: 1)
    sample.offsets = [0] + Array(repeating: UInt64(count - 1), count: count)
    sample.rows = (1..<UInt32(count)).map { $0 }
    sample.scores = sample.rows.map { _ in 1 }
    let fault = #expect(throws: ModelFault.self) { try sample.write(directory.shelf) }
    #expect(fault?.message.contains("neighbours") == true)
  }

  @Test func metricsThatAreNotFinite() throws {
    let directory = try TemporaryDirectory()
    let fault = #expect(throws: ModelFault.self) {
      try Sample().write(directory.shelf) { $0.metrics["ials"] = ["NDCG@20": .nan] }
    }
    #expect(fault?.kind == .inconsistent)
  }
}
