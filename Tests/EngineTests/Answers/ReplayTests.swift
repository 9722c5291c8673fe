import Engine
import Foundation
import Testing
import Vocabulary

/// A list made again on the same state, and what is said where the state is another one.
struct ReplayTests {
  private func rig() async throws -> EngineRig {
    // Nothing may depend on the second at which the trending list was last refreshed.
    let rig = try EngineRig {
      $0.reading.sourceWeights[.trending] = 0
      $0.reading.sourceWeights[.segmentTrending] = 0
    }
    await rig.put([("a", "Apple"), ("b", "Bread"), ("c", "Corn"), ("d", "Dill")])
    _ = await rig.ingest([("u", "a"), ("v", "b"), ("v", "c"), ("w", "d")])
    try FullGeneration.make(1, in: rig.root + "/data/generations/default")
    _ = try await rig.generations(.promote, 1).get()
    return rig
  }

  private func ask(_ rig: EngineRig, _ user: String = "u") async throws -> (ReplayRequest, Slate) {
    var asked = RecommendRequest()
    asked.user = Array(user.utf8)
    asked.seed = 5
    asked.explain = .full
    asked.includeTitles = true
    guard let slate = await rig.call(.recommend(asked)).slate, let provenance = slate.provenance else {
      throw EngineRig.Unexpected()
    }
    var request = ReplayRequest()
    request.plan = ReplayPlan(
      .recommend(asked), provenance, position: slate.position, generation: slate.generation,
      configurationHash: slate.configurationHash, digest: 1)
    return (request, slate)
  }

  private func timeless(_ slate: Slate) -> Slate {
    var slate = slate
    slate.times = []
    return slate
  }

  @Test func theSameListComesAgain() async throws {
    let rig = try await rig()
    let (request, slate) = try await ask(rig)
    guard case .success(.replay(let replay)) = await rig.call(.replay(request)) else {
      Issue.record("no replay")
      return
    }
    #expect(timeless(replay.slate) == timeless(slate))
    #expect(replay.expected == 1)
  }

  /// Another generation serves; the one of the list is still on the shelf.
  @Test func theGenerationOfThenAnswers() async throws {
    let rig = try await rig()
    let (request, slate) = try await ask(rig)
    try FullGeneration.make(2, in: rig.root + "/data/generations/default", neighbourScore: 0.25)
    _ = try await rig.generations(.promote, 2).get()
    #expect(try await ask(rig).1.generation.value == 2)
    guard case .success(.replay(let replay)) = await rig.call(.replay(request)) else {
      Issue.record("no replay")
      return
    }
    #expect(timeless(replay.slate) == timeless(slate))
  }

  /// What others did has moved the position, but nothing this list rests on: it comes with its own position and name.
  @Test func othersMayMoveOn() async throws {
    let rig = try await rig()
    let (request, slate) = try await ask(rig)
    _ = await rig.ingest([("x", "a")])
    guard case .success(.replay(let replay)) = await rig.call(.replay(request)) else {
      Issue.record("no replay")
      return
    }
    #expect(replay.slate.position == slate.position)
    #expect(replay.slate.recommendation == slate.recommendation)
  }

  @Test func saysWhatMoved() async throws {
    let rig = try await rig()
    let (request, _) = try await ask(rig)
    var other = request
    other.plan?.configurationHash = 8
    #expect(await rig.call(.replay(other)).reason == .replayStateMoved)
    other = request
    other.plan?.position = Position(1_000)
    #expect(await rig.call(.replay(other)).reason == .replayStateMoved)
    other = request
    other.plan?.generation = GenerationNumber(77)
    #expect(await rig.call(.replay(other)).reason == .replayStateMoved)
    #expect(await rig.call(.replay(ReplayRequest())).reason == .tokenInvalid)
    _ = await rig.ingest([("u", "b")])
    guard case .failure(let fault) = await rig.call(.replay(request)) else {
      Issue.record("the user has moved on")
      return
    }
    #expect(fault.reason == .replayStateMoved)
    #expect(fault.message.contains("--at"))
  }

  @Test func whyNotAsksTheSameSteps() async throws {
    let rig = try await rig()
    let (_, slate) = try await ask(rig)
    var request = WhyNotRequest()
    request.request.user = Array("u".utf8)
    request.request.seed = 5
    request.item = Array("a".utf8)
    guard case .success(.whyNot(let reply)) = await rig.call(.whyNot(request)) else {
      Issue.record("no answer")
      return
    }
    #expect(reply.items.first?.fate == .forbidden)
    #expect(reply.items.first?.rule == "seen")
    #expect(Int(reply.count) == slate.items.count)
  }
}
