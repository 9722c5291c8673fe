import Engine
import Foundation
import Models
import Testing
import Vocabulary

/// Whatever is wrong with a generation, it is refused, and what served before serves on: after a training, at a
/// promotion, and at the start.
struct BadGenerationTests {
  /// An engine that serves a good generation 1.
  private func rig() async throws -> EngineRig {
    let rig = try EngineRig()
    // Two starting points each, so that sums are made of two terms.
    _ = await rig.ingest([
      ("u", "a"), ("u", "b"), ("v", "b"), ("v", "c"), ("w", "c"), ("w", "a"), ("x", "d"), ("x", "a"),
    ])
    try FullGeneration.make(1, in: shelf(rig))
    _ = try await rig.generations(.promote, 1).get()
    return rig
  }

  private func shelf(_ rig: EngineRig) -> String { rig.root + "/data/generations/default" }

  private func served(_ rig: EngineRig) async throws -> GenerationNumber {
    try #require(await rig.recommend("u").slate).generation
  }

  @Test func aGoodOneIsServedEachWay() async throws {
    let rig = try await rig()
    #expect(try await served(rig) == GenerationNumber(1))
    try FullGeneration.make(900, in: shelf(rig))
    _ = try await rig.generations(.promote, 900).get()
    #expect(try await served(rig) == GenerationNumber(900))
    try rig.restart()
    #expect(try await served(rig) == GenerationNumber(900))
  }

  @Test(arguments: Damage.all)
  func itIsRefusedByPromotionAndAtTheStart(_ damage: Damage) async throws {
    let rig = try await rig()
    let before = try #require(await rig.recommend("u").slate)
    let directory = shelf(rig) + "/000900"
    try FullGeneration.make(900, in: shelf(rig))
    try damage.apply(directory)
    let answer = await rig.generations(.promote, 900)
    guard case .failure(let fault) = answer else {
      Issue.record("it was promoted")
      return
    }
    #expect(fault.reason == .generationInvalid, "\(fault)")
    #expect(fault.message.contains("000900"), "the message names the file: \(fault.message)")
    // Nobody who insists gets it served either.
    var request = GenerationsRequest()
    (request.action, request.generation, request.force) = (.promote, 900, true)
    #expect(await rig.call(.generations(request)).reason == .generationInvalid)
    let after = try #require(await rig.recommend("u").slate)
    #expect(after.generation == GenerationNumber(1) && after.items == before.items)
    // As if it had been promoted and spoilt later.
    let link = shelf(rig) + "/current"
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "000900")
    try rig.restart()
    #expect(try await served(rig) == GenerationNumber(1), "the newest older one that is good")
  }

  @Test(arguments: Damage.all.enumerated().filter { $0.offset % 3 == 0 }.map(\.element))
  func itIsRefusedAfterTraining(_ damage: Damage) async throws {
    let rig = try await rig()
    let staged = rig.root + "/staged"
    try FullGeneration.make(2, in: staged)
    try damage.apply(staged + "/000002")
    try rig.trainer(
      """
      mv '\(staged)'/00* "$DATA/generations/default/"
      echo '{"done":true,"generation":2}'
      """)
    guard case .success(.train(let started)) = await rig.call(.train(TrainRequest())) else {
      Issue.record("no training")
      return
    }
    #expect(started.generation == GenerationNumber(2))
    let training = try await rig.trained()
    #expect(training.state == .failed && training.message.contains("not served"), "\(training)")
    #expect(try await served(rig) == GenerationNumber(1))
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: shelf(rig) + "/current") == "000001")
    // And the next good one serves.
    try FullGeneration.make(3, in: staged)
    try rig.trainer(
      """
      mv '\(staged)'/000003 "$DATA/generations/default/"
      echo '{"done":true,"generation":3}'
      """)
    _ = await rig.call(.train(TrainRequest()))
    #expect(try await rig.trained().state == .succeeded)
    #expect(try await served(rig) == GenerationNumber(3))
  }

  /// Every byte is as it was written, every number finite: only the answers tell.
  @Test func theCanaryRefusesWhatOpensButCannotAnswer() async throws {
    let rig = try await rig()
    func refusal(_ number: UInt64) async -> String {
      guard case .failure(let fault) = await rig.generations(.promote, number) else { return "promoted" }
      return fault.message
    }
    try FullGeneration.make(5, in: shelf(rig), neighbourScore: 3e38)
    #expect(throws: Never.self) { try Generation.open(at: shelf(rig) + "/000005") }
    #expect(await refusal(5).contains("scores item"))
    try FullGeneration.make(6, in: shelf(rig), items: ["p", "q", "r"])
    #expect(await refusal(6).contains("knows none of the items here"))
    #expect(try await served(rig) == GenerationNumber(1))
  }

  @Test func nothingUsableIsNoReasonNotToStart() async throws {
    let rig = try await rig()
    try FileManager.default.removeItem(atPath: shelf(rig) + "/000001/manifest.json")
    try rig.restart()
    let slate = try #require(await rig.recommend("u").slate)
    #expect(slate.generation == .none && slate.fallbacks.contains(.noGeneration))
    #expect(!slate.items.isEmpty, "live counts answer")
  }
}
