import Serving
import Testing
import Vocabulary

@Suite struct LookTests {
  func reason(_ body: () throws -> Slate) -> (FaultReason, String)? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? Fault).map { ($0.reason, $0.field) }
    }
  }

  @Test func refusesWhatItCannotAnswer() throws {
    let world = try World()
    try world.put("a")
    let long = [UInt8](repeating: 65, count: Limits.identifierBytesMax + 1)
    let cases: [(FaultReason, String, (inout RecommendRequest) -> Void)] = [
      (.kOutOfRange, "k", { $0.k = 0 }),
      (.kOutOfRange, "k", { $0.k = 1_000_000 }),
      (.kOutOfRange, "k", { $0.k = UInt32(Limits.slateItemsMax) + 1 }),
      (.idTooLong, "user", { $0.user = long }),
      (.idContainsNul, "user", { $0.user = [65, 0] }),
      (.idEmpty, "session_items", { $0.sessionItems = [[]] }),
      (
        .tooMany, "session_items",
        { $0.sessionItems = Array(repeating: [65], count: Limits.contextItemsMax + 1) }
      ),
      (.idTooLong, "exclude", { $0.exclude = [long] }),
      (.tooMany, "exclude", { $0.exclude = Array(repeating: [65], count: Limits.excludedItemsMax + 1) }),
      (.scenarioUnknown, "scenario", { $0.scenario = Array("home".utf8) }),
      (.nameInvalid, "scenario", { $0.scenario = Array("Home Page".utf8) }),
      (.positionNotReached, "min_position", { $0.minPosition = 2 }),
    ]
    for (expected, field, change) in cases {
      let found = reason { try world.recommend("u", change) }
      #expect(
        found?.0 == expected && found?.1 == field, "\(expected) at \(field), got \(String(describing: found))"
      )
    }
    #expect(reason { try world.similar("") }?.0 == .idEmpty)
    #expect(reason { try world.similar("a") { $0.k = 0 } }?.0 == .kOutOfRange)
    #expect(reason { try world.complete([]) }?.0 == .missingField)
    #expect(reason { try world.complete(["a", ""]) }?.1 == "basket")
    #expect(
      reason { try world.complete(Array(repeating: "a", count: Limits.contextItemsMax + 1)) }?.0 == .tooMany)
  }

  @Test func acceptsTheLastOfEverything() throws {
    let world = try World()
    try world.put("a")
    let slate = try world.recommend("u") {
      $0.k = UInt32(Limits.slateItemsMax)
      $0.scenario = Array("default".utf8)
      $0.exclude = Array(repeating: [66], count: Limits.excludedItemsMax)
      $0.sessionItems = Array(repeating: [67], count: Limits.contextItemsMax)
      $0.minPosition = 1
    }
    #expect(slate.names == ["a"])
  }

  /// Newest first, distinct, decaying; the session before the history; neutral and negative events no start.
  @Test func startsFromTheNewest() throws {
    let world = try World()
    try world.put("a", "b", "c", "d", "e", "f", "unlearned")
    let names = ["a", "b", "c", "d", "e", "f"]
    try world.train(
      World.Trained(items: names, factors: Dictionary(uniqueKeysWithValues: names.map { ($0, [1, 2]) })))
    try world.event("u", .view, "a", ago: 900)
    try world.event("u", .view, "b", "unlearned", "a", "c", ago: 300)
    try world.event("u", .impression, "d", ago: 200)
    try world.event("u", .dislike, "b", ago: 100)
    world.settings.recentDecay = 0.5
    world.settings.recentItems = 3
    let scratch = ReadScratch()
    let context = world.context()
    try scratch.start(context)
    var request = RecommendRequest()
    request.user = Array("u".utf8)
    request.sessionItems = ["e", "f", "e"].map { Array($0.utf8) }
    try Look.recommend(request, context, scratch)
    #expect(scratch.starts.map(\.item) == [try world.index("e"), try world.index("f"), try world.index("c")])
    #expect(scratch.starts.map(\.weight) == [1, 0.5, 0.25])
    #expect(scratch.starts.map(\.row) == [4, 5, 2])
    // Taste: what the user has with a positive sum, then the session's items as views.
    #expect(scratch.taste.rows == [2, 0, 4, 5])
    #expect(scratch.taste.confidences == [1, log2Of3, 1, 1])
    // Forbidden: what was turned away from, what was seen, the session.
    #expect(scratch.marks[try world.index("b")] == .turnedAway)
    for name in ["a", "c", "e", "f", "unlearned"] { #expect(scratch.marks[try world.index(name)] == .seen) }
    #expect(scratch.marks[try world.index("d")] == nil, "shown is not seen")
  }

  /// log₂(1 + two views).
  let log2Of3: Float = 1.584_962_5

  @Test func theLastWordCounts() throws {
    let world = try World()
    try world.put("bought then hidden", "hidden then bought", "disliked long ago", "viewed")
    try world.event("u", .purchase, "bought then hidden", "bought then hidden", ago: 500)
    try world.event("u", .hide, "hidden then bought", ago: 500)
    try world.event("u", .view, "viewed", ago: 450)
    try world.event("u", .hide, "bought then hidden", ago: 400)
    try world.event("u", .purchase, "hidden then bought", "hidden then bought", ago: 300)
    try world.event("u", .dislike, "disliked long ago", ago: 90_000)
    let slate = try world.recommend("u") { $0.seen = .allow }
    #expect(Set(slate.names) == ["viewed", "hidden then bought"])
  }
}
