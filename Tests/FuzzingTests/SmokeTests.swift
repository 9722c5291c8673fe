import Foundation
import Fuzzing
import Testing

/// Every parser on its corpus and on some thousand mutations of it: what a long run with script/fuzz does without
/// end, here for a second each and without a special build.
struct SmokeTests {
  /// The same mutations in every run, unless MAGPIE_FUZZ_SEED says otherwise.
  private static let seed =
    ProcessInfo.processInfo.environment["MAGPIE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
  private static let mutations = 2_000

  private static let corpora: String = {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.appending(path: "Fuzzing/Corpus").path
  }()

  private static func corpus(_ name: String) throws -> [[UInt8]] {
    let directory = corpora + "/" + name
    return try FileManager.default.contentsOfDirectory(atPath: directory).sorted().map {
      [UInt8](try Data(contentsOf: URL(filePath: directory + "/" + $0)))
    }
  }

  @Test(arguments: FuzzTarget.all.map(\.name))
  func corpusAndMutations(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let corpus = try Self.corpus(name)
    #expect(!corpus.isEmpty)
    let parse = try target.make()
    var mutator = Mutator(seed: Self.seed)
    var inputs = corpus
    for _ in 0..<Self.mutations {
      inputs.append(mutator.mutate(mutator.pick(corpus), with: mutator.pick(corpus)))
    }
    for (number, input) in inputs.enumerated() {
      do {
        try input.withUnsafeBytes { try parse($0) }
      } catch {
        Issue.record("\(name), seed \(Self.seed), input \(number): \(error); bytes \(input.prefix(200))")
        return
      }
    }
  }

  /// The corpus holds the seeds of the program that made it, so that a changed format shows.
  /// MAGPIE_WRITE_SEEDS=1 writes those that are missing; script/fuzz --seeds does that.
  @Test(arguments: FuzzTarget.all.map(\.name))
  func corpusHoldsEverySeed(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let directory = Self.corpora + "/" + name
    let isWriting = ProcessInfo.processInfo.environment["MAGPIE_WRITE_SEEDS"] == "1"
    if isWriting {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }
    for (number, seed) in try target.seeds().enumerated() {
      let file = directory + "/seed-" + (number < 10 ? "0" : "") + "\(number)"
      if isWriting { try Data(seed).write(to: URL(filePath: file)) }
      let kept = FileManager.default.contents(atPath: file).map { [UInt8]($0) }
      #expect(kept == seed, "\(file) is not the seed; see script/fuzz --help")
    }
  }

  @Test func namesAreDifferentAndEveryCorpusHasItsParser() throws {
    let names = FuzzTarget.all.map(\.name)
    #expect(Set(names).count == names.count)
    let directories = try FileManager.default.contentsOfDirectory(atPath: Self.corpora).filter {
      !$0.hasPrefix(".")
    }
    #expect(Set(directories) == Set(names))
  }
}
