import Engine
import Foundation
import Testing
import Vocabulary

/// A list made again on the same state, and what is said where the state is another one.
struct ReplayTests {
  private func rig(_ change: (inout Settings) -> Void = { _ in }) async throws -> EngineRig {
    let rig = try EngineRig(change)
    await rig.put([("a", "Apple"), ("b", "Bread"), ("c", "Corn"), ("d", "Dill")])
    _ = await rig.ingest([("u", "a"), ("v", "b"), ("v", "c"), ("w", "d")])
    try await settle(rig)
    try FullGeneration.make(1, in: rig.root + "/data/generations/default")
    _ = try await rig.generations(.promote, 1).get()
    return rig
  }

  /// Trends and counts are made by the first group of a second, or a second later by the store thread, and a replay takes those of
  /// now. After a group in a second of its own they hold everything, and are not made again.
  private func settle(_ rig: EngineRig) async throws {
    try await Task.sleep(for: .milliseconds(1_100))
    _ = await rig.ingest([("w", "d")])
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
    (slate.times, slate.provenance) = ([], nil)
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

  /// What trends is made once a second; a list tells of which position its trends are, and a replay takes those as long as
  /// they are to be had. Until then what others do changes nothing.
  @Test func trendsAreThoseTheTokenNames() async throws {
    let rig = try await rig {
      for source in SourceKind.allCases { $0.reading.sourceWeights[source] = source == .trending ? 1 : 0 }
    }
    let (request, slate) = try await ask(rig)
    var (isGone, same) = (false, 0)
    for number in 0..<200 where !isGone {
      _ = await rig.ingest([("x\(number)", "d")])
      guard case .success(.replay(let replay)) = await rig.call(.replay(request)) else {
        Issue.record("no replay")
        return
      }
      #expect(replay.slate.recommendation == slate.recommendation)
      if timeless(replay.slate) == timeless(slate) { same += 1 } else { isGone = true }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(isGone, "trends are made anew every second; \(same) replays were the same")
    // The same position, the same list: by its name, too.
    let (again, now) = try await ask(rig)
    guard case .success(.replay(let replay)) = await rig.call(.replay(again)) else {
      Issue.record("no replay")
      return
    }
    #expect(timeless(replay.slate) == timeless(now))
  }

  /// Pages: the first as any list, later ones by the ranking made again, also by a daemon that keeps none.
  @Test func pagesComeAgain() async throws {
    let rig = try await rig {
      $0.reading.exploration.slots = [2, 4]
      $0.reading.spread.pins = [Pin("d@3")].compactMap { $0 }
    }
    await rig.put((0..<9).map { ("new\($0)", "") })
    try await settle(rig)
    var asked = RecommendRequest()
    (asked.user, asked.seed, asked.k, asked.cursor) = (Array("u".utf8), 11, 3, [])
    asked.explain = .reasons
    var plans: [(plan: ReplayPlan, slate: Slate)] = []
    for _ in 0..<3 {
      let slate = try #require(await rig.call(.recommend(asked)).slate)
      let provenance = try #require(slate.provenance, "page \(plans.count)")
      #expect((provenance.page == nil) == plans.isEmpty)
      plans.append(
        (
          ReplayPlan(
            .recommend(asked), provenance, position: slate.position, generation: slate.generation,
            configurationHash: slate.configurationHash, digest: 1), slate
        ))
      asked.cursor = slate.cursor
      // A page may be of another size, and more may be excluded by then.
      asked.k += 1
      asked.exclude.append(Array("new8".utf8))
    }
    #expect(plans.flatMap(\.slate.items).contains { $0.placement == .pinned })
    for restarts in 0..<2 {
      for (place, (plan, slate)) in plans.enumerated() {
        var request = ReplayRequest()
        request.plan = plan
        guard case .success(.replay(let replay)) = await rig.call(.replay(request)) else {
          Issue.record("no replay of page \(place) after \(restarts) restarts")
          continue
        }
        var expected = timeless(slate)
        (expected.cursor, expected.provenance) = ([], nil)
        #expect(timeless(replay.slate) == expected, "page \(place), \(restarts) restarts")
      }
      try rig.restart()
    }
    _ = await rig.ingest([("u", "new1")])
    var request = ReplayRequest()
    request.plan = plans[2].plan
    #expect(await rig.call(.replay(request)).reason == .replayStateMoved)
  }

  /// What the clock left out cannot be told, whatever load had narrowed besides; and lists of one screen shape each other.
  @Test func listsThatCannotComeAgainHaveNoToken() async throws {
    let rig = try await rig()
    let cut = try #require(await rig.recommend("u") { $0.budgetMicroseconds = 1 }.slate)
    #expect(cut.degraded.contains(.gather) && cut.provenance == nil)
    var page = RecommendPageRequest()
    page.lists = [RecommendRequest()]
    guard case .success(.recommendPage(let reply)) = await rig.call(.recommendPage(page)),
      case .slate(let slate)? = reply.lists.first
    else { throw EngineRig.Unexpected() }
    #expect(slate.provenance == nil && !slate.items.isEmpty)
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
