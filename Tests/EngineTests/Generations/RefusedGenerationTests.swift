import Engine
import Foundation
import Models
import Synchronization
import Testing
import Vocabulary

/// What the gate refused lies on the shelf and does not serve, unless someone insists.
struct RefusedGenerationTests {
  private func rig(_ change: (inout Settings) -> Void = { _ in }) async throws -> EngineRig {
    let rig = try EngineRig(change)
    _ = await rig.ingest([("u", "a"), ("v", "b"), ("w", "c"), ("x", "d")])
    return rig
  }

  /// Trains number `number`, which the gate refused or not.
  private func train(_ rig: EngineRig, _ number: UInt64, refused: Bool, mode: String = "on") async throws
    -> TrainingStatus
  {
    let staged = rig.root + "/staged-\(number)"
    try FullGeneration.make(number, in: staged) { manifest in
      guard refused else { return }
      manifest.gate = FullGeneration.refusal
      manifest.gate?.mode = mode
    }
    try rig.trainer(
      """
      [ "$GENERATION" = \(number) ] || exit 9
      mv '\(staged)'/00* "$DATA/generations/default/"
      echo '{"done":true,"generation":\(number)}'
      """)
    _ = await rig.call(.train(TrainRequest()))
    return try await rig.trained()
  }

  private func served(_ rig: EngineRig) async throws -> UInt64 {
    try #require(await rig.recommend("u").slate).generation.value
  }

  private func promote(_ rig: EngineRig, _ number: UInt64, force: Bool) async -> Result<
    [GenerationSummary], Fault
  > {
    var request = GenerationsRequest()
    (request.action, request.generation, request.force) = (.promote, number, force)
    return await rig.call(.generations(request)).map { reply in
      if case .generations(let list) = reply { list.generations } else { [] }
    }
  }

  @Test func aRefusedOneIsListedWithTheReasonAndServesOnlyByForce() async throws {
    let rig = try await rig()
    #expect(try await train(rig, 1, refused: false).message.isEmpty)
    let training = try await train(rig, 2, refused: true)
    #expect(training.state == .succeeded, "it was made")
    #expect(training.message.contains("refused generation 2") && training.message.contains("--force"))
    #expect(training.message.contains("0.1 against 0.2 of popularity"))
    #expect(try await served(rig) == 1)

    let list = try await rig.generations().get()
    #expect(list.map(\.number.value) == [2, 1] && list.map(\.isServing) == [false, true])
    #expect(list[0].problem.isEmpty, "nothing is wrong with its files")
    let gate = try #require(list[0].gate)
    #expect(!gate.passed && gate.isRefused && gate.mode == "on" && gate.metric == "NDCG@10")
    #expect(gate.comparisons.first?.against == "popularity" && gate.comparisons.first?.difference == -0.1)
    #expect(list[1].gate == nil, "an older trainer asked no gate")

    guard case .failure(let fault) = await promote(rig, 2, force: false) else {
      Issue.record("it was promoted without force")
      return
    }
    #expect(fault.reason == .generationRefused && fault.message.contains("--force"))
    #expect(try await served(rig) == 1)
    // A restart does not forget.
    try rig.restart()
    #expect(try await served(rig) == 1)
    _ = try await promote(rig, 2, force: true).get()
    #expect(try await served(rig) == 2)
    try rig.restart()
    #expect(try await served(rig) == 2, "what was promoted by force stays promoted")
    #expect(try await rig.generations(.rollback).get().first { $0.isServing }?.number.value == 1)
  }

  @Test func theFirstOneRefusedLeavesLiveCountsToAnswer() async throws {
    let rig = try await rig()
    _ = try await train(rig, 1, refused: true)
    #expect(try await served(rig) == 0)
    #expect(!FileManager.default.fileExists(atPath: rig.root + "/data/generations/default/current"))
    try rig.restart()
    #expect(try await served(rig) == 0)
    #expect(try await train(rig, 2, refused: false).message.isEmpty)
    #expect(try await served(rig) == 2)
  }

  @Test func withWarnItServes() async throws {
    let rig = try await rig()
    #expect(try await train(rig, 1, refused: true, mode: "warn").message.isEmpty)
    #expect(try await served(rig) == 1)
    let gate = try #require(try await rig.generations().get().first?.gate)
    #expect(!gate.passed && !gate.isRefused)
  }

  @Test func rollbackAndStartPassOverWhatWasRefused() async throws {
    let rig = try await rig()
    for (number, refused): (UInt64, Bool) in [(1, false), (2, true), (3, false)] {
      _ = try await train(rig, number, refused: refused)
    }
    #expect(try await served(rig) == 3)
    #expect(try await rig.generations(.rollback).get().first { $0.isServing }?.number.value == 1)
    _ = try await promote(rig, 3, force: false).get()
    // 3 is spoilt: the start falls back to 1, not to 2.
    try FileManager.default.removeItem(atPath: rig.root + "/data/generations/default/000003/manifest.json")
    try rig.restart()
    #expect(try await served(rig) == 1)
  }

  @Test func refusedOnesPushNoGoodOneOut() async throws {
    let rig = try await rig { $0.training.keepGenerations = 2 }
    for (number, refused): (UInt64, Bool) in [
      (1, false), (2, false), (3, true), (4, true), (5, true), (6, true),
    ] {
      _ = try await train(rig, number, refused: refused)
    }
    #expect(try await rig.generations().get().map(\.number.value) == [6, 5, 2, 1])
    _ = try await train(rig, 7, refused: false)
    #expect(try await rig.generations().get().map(\.number.value) == [7, 6, 5, 2])
    // The serving one stays, however old.
    _ = try await promote(rig, 5, force: true).get()
    for number: UInt64 in 8...10 { _ = try await train(rig, number, refused: true) }
    #expect(try await rig.generations().get().map(\.number.value) == [10, 9, 7, 5, 2])
    #expect(try await served(rig) == 5)
  }

  /// Promotions from several callers while trainings end: at every moment exactly one generation serves, and it is one
  /// that was promoted.
  @Test func promotionsAndTrainingsAtTheSameTime() async throws {
    let rig = try await rig { $0.training.keepGenerations = 50 }
    for number: UInt64 in 1...2 { _ = try await train(rig, number, refused: false) }
    for round in 0..<12 {
      let number = UInt64(3 + round)
      let staged = rig.root + "/staged-\(number)"
      try FullGeneration.make(number, in: staged)
      try rig.trainer(
        """
        mv '\(staged)'/00* "$DATA/generations/default/"
        echo '{"done":true,"generation":\(number)}'
        """)
      _ = await rig.call(.train(TrainRequest()))
      for target: UInt64 in [1, 2, 1, 2] {
        let list = try await promote(rig, target, force: false).get()
        #expect(list.filter(\.isServing).count == 1)
      }
      _ = try await rig.trained()
      let serving = try await served(rig)
      #expect([1, 2, number].contains(serving), "round \(round): \(serving)")
      let link = try FileManager.default.destinationOfSymbolicLink(
        atPath: rig.root + "/data/generations/default/current")
      #expect(UInt64(link) == serving, "the disk says what memory says")
    }
  }
}
