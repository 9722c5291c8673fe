import Foundation
import Models
import Testing
import Vocabulary

@Suite struct GenerationTests {
  @Test func readsBackWhatWasWritten() throws {
    let directory = try TemporaryDirectory()
    let sample = try Sample()
    let manifest = try sample.write(directory.shelf)
    let generation = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)), tenant: .default)
    #expect(generation.manifest == manifest)
    #expect(generation.number == GenerationNumber(1))
    #expect(generation.manifest.position == Position(77))
    #expect(generation.manifest.settings == ["factors": "5", "seed": "1"])
    #expect(generation.manifest.metrics["ials"]?["NDCG@20"] == 0.25)
    #expect(generation.manifest.split?.testUsers == 4)
    #expect((0..<generation.itemCount).map { generation.identifier(of: $0) } == sample.items)
    let popularity = try #require(generation.popularity)
    #expect(Array(popularity.rows) == sample.popularRows)
    #expect(Array(popularity.scores) == sample.popularScores)
    let transitions = try #require(generation.transitions)
    #expect(transitions.parameters == ["window": 10])
    for item in sample.items.indices {
      let range = Int(sample.offsets[item])..<Int(sample.offsets[item + 1])
      let (rows, scores) = transitions.neighbours(of: item)
      #expect(Array(rows) == Array(sample.rows[range]))
      #expect(Array(scores) == Array(sample.scores[range]))
    }
    #expect(generation.cooccurrence != nil)
    let factors = try #require(generation.factors)
    #expect(factors.dimensions == 5)
    #expect(factors.unobservedWeight == 0.1)
    for row in sample.items.indices {
      #expect(Array(factors.row(row)) == Array(sample.factors[row * 5..<(row + 1) * 5]))
    }
    for i in 0..<5 {
      for j in 0..<5 {
        let exact = sample.items.indices.reduce(0.0) {
          $0 + Double(sample.factors[$1 * 5 + i]) * Double(sample.factors[$1 * 5 + j])
        }
        #expect(abs(Double(factors.gram[i * 5 + j]) - exact) < 1e-5)
      }
    }
  }

  @Test func anyModelButTheItemsMayBeAbsent() throws {
    for mask in 0..<8 {
      let directory = try TemporaryDirectory()
      var sample = try Sample()
      sample.hasPopularity = mask & 1 != 0
      sample.hasTransitions = mask & 2 != 0
      sample.hasFactors = mask & 4 != 0
      try sample.write(directory.shelf)
      let generation = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
      #expect((generation.popularity != nil) == sample.hasPopularity)
      #expect((generation.transitions != nil) == sample.hasTransitions)
      #expect((generation.cooccurrence != nil) == sample.hasTransitions)
      #expect((generation.factors != nil) == sample.hasFactors)
      #expect(generation.itemCount == sample.items.count)
    }
  }

  @Test func anEmptyCatalogueIsAGeneration() throws {
    let directory = try TemporaryDirectory()
    var sample = try Sample(items: 0)
    try sample.write(directory.shelf)
    let generation = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
    #expect(generation.itemCount == 0)
    #expect(generation.popularity?.rows.isEmpty == true)
    sample = try Sample(items: 1)
    try sample.write(directory.shelf)
    #expect(try Generation.open(at: directory.shelf.path(of: GenerationNumber(2))).itemCount == 1)
  }

  /// A later release adds a family; this one serves the rest.
  @Test func anUnknownFamilyIsCheckedAndLeftAlone() throws {
    let directory = try TemporaryDirectory()
    try Sample().write(directory.shelf)
    let path = directory.shelf.path(of: GenerationNumber(1))
    try forgeManifest(path) { (manifest: inout Manifest) in
      manifest.models.append(
        Manifest.ModelInfo(
          name: "sasrec", family: "sequence", arrays: ["weights": "popularity.scores"], parameters: [:]))
    }
    #expect(openingFault(path) == nil)
    // Its files are verified like all others.
    try overwrite(path + "/popularity.scores.array", [UInt8](repeating: 0, count: 10))
    #expect(openingFault(path)?.kind == .corrupt)
  }

  @Test func pointersLiveAsLongAsTheModel() throws {
    let directory = try TemporaryDirectory()
    let sample = try Sample()
    try sample.write(directory.shelf)
    var generation: Generation? = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
    let popularity = try #require(generation?.popularity)
    generation = nil
    try FileManager.default.removeItem(atPath: directory.shelf.path)
    #expect(Array(popularity.rows) == sample.popularRows)
  }

  @Test func filesAreReadOnlyAndTheDigestIsForSha256sum() throws {
    let directory = try TemporaryDirectory()
    try Sample().write(directory.shelf)
    let path = directory.shelf.path(of: GenerationNumber(1))
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let mode = try FileManager.default.attributesOfItem(atPath: path + "/" + name)[.posixPermissions]
      #expect((mode as? NSNumber)?.intValue == 0o444, "\(name)")
    }
    let check = Process()
    check.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    check.arguments = ["--status", "-c", "manifest.sha256"]
    check.currentDirectoryURL = URL(fileURLWithPath: path)
    try check.run()
    check.waitUntilExit()
    #expect(check.terminationStatus == 0)
  }
}
