import Serving
import Testing
import Vocabulary

/// Budgets, ceilings and the quality factor, with a clock that moves a millisecond each time somebody looks.
@Suite struct PaceTests {
  static let look: UInt64 = 1_000_000

  private func world() throws -> World {
    let world = try World()
    try world.put("a", "b", "c", "d")
    try world.train(
      World.Trained(
        items: ["a", "b", "c", "d"], popularity: [("b", 9), ("c", 8)],
        transitions: ["a": [("d", 0.9)]], factors: ["a": [1, 0], "b": [1, 0.1], "c": [0, 1], "d": [1, 1]]))
    try world.event("u", .view, "a")
    return world
  }

  private func ask(
    _ world: World, deadline: UInt64 = .max, _ change: (inout RecommendRequest) -> Void = { _ in }
  ) throws -> Slate {
    var context = world.context(deadline: deadline)
    context.clock = ReadClock(ScriptedClock(at: 0, step: Self.look))
    context.received = 0
    var request = RecommendRequest()
    request.user = Array("u".utf8)
    request.explain = .full
    request.k = 3
    change(&request)
    return try ReadPath.recommend(request, context, world.scratch)
  }

  @Test func withoutBudgetNothingIsCut() throws {
    let slate = try ask(world())
    #expect(slate.degraded == [])
    #expect(slate.items.contains { $0.sources.contains { $0.source == .transitions } })
  }

  /// Looks at the clock before the first personal source: the start, and the end of looking.
  @Test func aSpentBudgetLeavesOutWhatIsPersonal() throws {
    let slate = try ask(world()) { $0.budgetMicroseconds = 1_500 }
    #expect(slate.degraded == [.gather, .keep])
    #expect(Set(slate.names) == ["b", "c", "d"], "lists that are there ready-made still answer")
    #expect(slate.items.allSatisfy { $0.explanations.isEmpty && $0.contributions.isEmpty })
    let sources = Set(slate.items.flatMap { $0.sources.map(\.source) })
    #expect(sources.isDisjoint(with: [.transitions, .cooccurrence, .ials, .linear, .similarUsers, .repeats]))
    #expect(sources.contains(.popular))
  }

  @Test func aSmallBudgetIsNoFault() throws {
    let slate = try ask(world()) { $0.budgetMicroseconds = 1 }
    #expect(slate.items.count == 3)
    #expect(!slate.degraded.isEmpty)
  }

  /// Only a deadline that has passed before anything was done is refused.
  @Test func theDeadlineIsAnotherThing() throws {
    let world = try world()
    let fault = #expect(throws: Fault.self) { try ask(world, deadline: 0) }
    #expect(fault?.reason == .deadlineExceeded)
    let late = try ask(world, deadline: 2 * Self.look)
    #expect(late.degraded == [.gather, .keep])
    #expect(late.items.count == 3)
  }

  @Test func ceilingsNameTheirStep() throws {
    let world = try world()
    world.settings.pace[.gather] = 1_000
    #expect(try ask(world).degraded == [.gather])
    world.settings.pace[.gather] = 0
    world.settings.pace[.keep] = 1_000
    let slate = try ask(world)
    #expect(slate.degraded == [.keep])
    #expect(slate.items.allSatisfy { $0.explanations.isEmpty })
    world.settings.pace[.keep] = 60_000_000
    #expect(try ask(world).degraded == [])
    // A list without diversity has nothing to leave out there.
    world.settings.pace[.spread] = 1_000
    #expect(try ask(world).degraded == [])
    world.settings.spread.method = .mmr
    #expect(try ask(world).degraded == [.spread])
  }

  @Test func loadNarrowsTheSearch() throws {
    let world = try world()
    world.only(.popular)
    world.settings.sourceWidth = 2
    var context = world.context()
    context.quality = 0.5
    var request = RecommendRequest()
    request.k = 1
    request.explain = .full
    let slate = try ReadPath.recommend(request, context, world.scratch)
    #expect(world.scratch.candidates.count == 1)
    #expect(slate.degraded == [.gather])
    #expect(slate.provenance?.quality == 500)
    // What the clock leaves out besides cannot be told in a token, and the reply names one step for both.
    var late = request
    late.budgetMicroseconds = 1
    context.received = ContinuousNanoseconds.now &- 1_000_000
    world.settings.sourceWeights[.transitions] = 1
    context.enter(Scenario(world.settings))
    let cut = try ReadPath.recommend(late, context, world.scratch)
    #expect(cut.degraded.first == .gather && cut.provenance == nil)
    request.k = 2
    // Never below k.
    #expect(try ReadPath.recommend(request, context, world.scratch).items.count == 2)
  }

  @Test func qualityFallsFastAndRisesSlowly() {
    var settings = PaceSettings()
    var quality = QualityFactor()
    quality.took(1_000_000_000, settings)
    #expect(quality.value == 1, "without a target nothing is late")
    settings.targetMicroseconds = 1_000
    settings.qualityFloor = 0.25
    quality.took(1_000_001, settings)
    #expect(quality.value == 0.9)
    quality.took(1_000_000, settings)
    #expect(quality.value == 0.901, "in time: a thousandth back")
    for _ in 0..<100 { quality.took(2_000_000, settings) }
    #expect(quality.value == 0.25)
    for _ in 0..<749 { quality.took(1, settings) }
    #expect(quality.value == 0.999)
    for _ in 0..<5 { quality.took(1, settings) }
    #expect(quality.value == 1)
    quality.took(2_000_000, settings)
    settings.targetMicroseconds = 0
    quality.took(2_000_000, settings)
    #expect(quality.value == 1, "switched off")
  }
}
