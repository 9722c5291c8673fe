import Serving
import Testing
import Vocabulary

@Suite struct ReadPathDeadlineTests {
  func world() throws -> World {
    let world = try World()
    try world.put("a", "b", "c")
    try world.train(
      World.Trained(
        items: ["a", "b", "c"], popularity: [("c", 1)], factors: ["a": [1, 0], "b": [1, 0.1], "c": [0, 1]]))
    try world.event("u", .view, "a")
    return world
  }

  func request(_ explain: ExplainLevel = .none) -> RecommendRequest {
    var request = RecommendRequest()
    request.user = Array("u".utf8)
    request.explain = explain
    return request
  }

  @Test func refusesWhatNobodyWaitsFor() throws {
    let world = try world()
    let context = world.context(deadline: ContinuousNanoseconds.now)
    let fault = #expect(throws: Fault.self) { try ReadPath.recommend(request(), context, world.scratch) }
    #expect(fault?.reason == .deadlineExceeded)
  }

  /// A scan that took long lately is skipped when less time than that is left, and the reply says so; a caller with
  /// more time gets it.
  @Test func skipsTheScanWhenTimeIsShort() throws {
    let world = try world()
    let scratch = world.scratch
    #expect(try ReadPath.recommend(request(), world.context(), scratch).degraded == [])
    let memory = try #require(scratch.factors)
    let minute: UInt64 = 60_000_000_000
    memory.took(100 * minute)
    let short = try ReadPath.recommend(
      request(), world.context(deadline: ContinuousNanoseconds.now + minute), scratch)
    #expect(short.degraded == [.gather])
    #expect(Set(short.names) == ["b", "c"], "cheap sources still answer")
    memory.took(100 * minute)
    let long = try ReadPath.recommend(
      request(), world.context(deadline: ContinuousNanoseconds.now + 200 * minute), scratch)
    #expect(long.degraded == [])
  }

  /// Being skipped must not keep a source out for ever.
  @Test func forgetsASlowScan() throws {
    let world = try world()
    _ = try ReadPath.recommend(request(), world.context(), world.scratch)
    let memory = try #require(world.scratch.factors)
    let minute: UInt64 = 60_000_000_000
    memory.took(100 * minute)
    var rounds = 0
    while rounds < 1000 {
      let context = world.context(deadline: ContinuousNanoseconds.now + minute)
      if try ReadPath.recommend(request(), context, world.scratch).degraded.isEmpty { break }
      rounds += 1
    }
    #expect(rounds > 0 && rounds < 100)
  }

  @Test func stopsWhenTheCallerIsGone() throws {
    let world = try world()
    world.cancellation.cancel()
    let fault = #expect(throws: Fault.self) {
      try ReadPath.recommend(request(), world.context(), world.scratch)
    }
    #expect(fault?.reason == .cancelled)
    let again = #expect(throws: Fault.self) { try world.similar("a") }
    #expect(again?.reason == .cancelled)
  }
}
