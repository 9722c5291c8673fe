import Engine
import Foundation
import Testing
import Vocabulary

/// Pages through the engine: cursors as clients hold them, over events, changes of the catalogue and of the generation.
struct PagingTests {
  /// Items i00, i01, … in the order in which generation 1 ranks them.
  private func rig(_ count: Int = 12, _ change: (inout Settings) -> Void = { _ in }) async throws -> EngineRig
  {
    let rig = try EngineRig { settings in
      for source in SourceKind.allCases {
        settings.reading.sourceWeights[source] = source == .popular ? 1 : 0
      }
      change(&settings)
    }
    await rig.put(names(count).map { ($0, "") })
    try await serve(rig, 1, names(count))
    return rig
  }

  private func names(_ count: Int) -> [String] { (0..<count).map { $0 < 10 ? "i0\($0)" : "i\($0)" } }

  private func serve(_ rig: EngineRig, _ number: UInt64, _ items: [String]) async throws {
    try makeGeneration(number, items: items, in: rig.root + "/data/generations/default")
    _ = try await rig.generations(.promote, number).get()
  }

  private func page(
    _ rig: EngineRig, _ cursor: [UInt8], k: UInt32 = 3, user: String = "u",
    _ change: (inout RecommendRequest) -> Void = { _ in }
  ) async -> Outcome {
    await rig.recommend(user) { request in
      request.cursor = cursor
      request.k = k
      change(&request)
    }
  }

  @Test func pagesAreOneRankingWhateverHappensBetween() async throws {
    let rig = try await rig()
    let first = try #require(await page(rig, []).slate)
    #expect(first.ids == ["i00", "i01", "i02"] && first.cursor.count == Limits.cursorBytes)
    // Somebody buys what is on the third page, an item is new, another generation ranks the other way round.
    _ = await rig.ingest([("u", "i07"), ("other", "i03")])
    await rig.put([("newcomer", "")])
    try await serve(rig, 2, names(12).reversed())
    let second = try #require(await page(rig, first.cursor).slate)
    #expect(second.ids == ["i03", "i04", "i05"] && second.generation == GenerationNumber(1))
    // A page may be of another size, asked for with more known of the visit, and asked for twice.
    let third = try #require(
      await page(rig, second.cursor, k: 5) { $0.sessionItems = [Array("i09".utf8)] }.slate)
    #expect(third.ids == ["i06", "i08", "i10", "i11"] && third.cursor.isEmpty)
    #expect(
      try #require(await page(rig, second.cursor, k: 5).slate).ids == ["i06", "i08", "i09", "i10", "i11"])
    #expect(try #require(await page(rig, first.cursor).slate).timeless == second.timeless)
    // Begun again, it is today's list.
    #expect(try #require(await page(rig, []).slate).ids == ["i11", "i10", "i09"])
  }

  @Test func aListOfOnePageHasNoCursor() async throws {
    let rig = try await rig()
    #expect(try #require(await rig.recommend("u").slate).cursor.isEmpty)
    #expect(try #require(await page(rig, [], k: 12).slate).cursor.isEmpty)
  }

  @Test func forgedAndForeignCursorsAreRefused() async throws {
    let other = try TenantName("other")
    let rig = try await rig { $0.tenants = [.default, other] }
    let cursor = try #require(await page(rig, []).slate).cursor
    for place in cursor.indices {
      var forged = cursor
      forged[place] = forged[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
      // Digits 16 to 31 say which run of the daemon gave it.
      let expected: FaultReason = (16..<32).contains(place) ? .cursorExpired : .cursorInvalid
      #expect(await page(rig, forged).reason == expected, "digit \(place)")
    }
    for text in [
      Array(cursor.dropLast()), cursor + [48], Array("nonsense".utf8), Array(repeating: 255, count: 80),
    ] {
      #expect(await page(rig, text).reason == .cursorInvalid)
    }
    var request = RecommendRequest()
    (request.user, request.k, request.cursor) = (Array("u".utf8), 3, cursor)
    #expect(await rig.call(.recommend(request), tenant: other).reason == .cursorInvalid)
  }

  @Test func aCursorBelongsToItsRequest() async throws {
    let rig = try await rig()
    let cursor = try #require(await page(rig, []).slate).cursor
    #expect(await page(rig, cursor, user: "somebody else").reason == .cursorMismatch)
    #expect(await page(rig, cursor) { $0.seed = 3 }.reason == .cursorMismatch)
    #expect(await page(rig, cursor) { $0.seen = .allow }.reason == .cursorMismatch)
    var similar = SimilarRequest()
    (similar.item, similar.cursor) = (Array("i00".utf8), cursor)
    #expect(await rig.call(.similar(similar)).reason == .cursorMismatch)
    #expect(await page(rig, cursor) { $0.explain = .full }.slate?.ids == ["i03", "i04", "i05"])
    #expect(await page(rig, cursor) { $0.exclude = [Array("i03".utf8)] }.slate?.ids == ["i04", "i05", "i06"])
  }

  @Test func cursorsExpire() async throws {
    let rig = try await rig { $0.reading.paging.seconds = 1 }
    let cursor = try #require(await page(rig, []).slate).cursor
    // The clock is the machine's: this waits for more than a lifetime, and nothing else hangs on how long.
    try await Task.sleep(for: .milliseconds(1_100))
    #expect(await page(rig, cursor).reason == .cursorExpired)
    let another = try #require(await page(rig, []).slate).cursor
    try rig.restart()
    #expect(await page(rig, another).reason == .cursorExpired)
  }

  @Test func similarAndCompleteArePaged() async throws {
    let rig = try await rig(7)
    var similar = SimilarRequest()
    (similar.item, similar.k, similar.cursor) = (Array("i00".utf8), 4, [])
    var complete = CompleteRequest()
    (complete.basket, complete.k, complete.cursor) = ([Array("i00".utf8)], 4, [])
    for isSimilar in [true, false] {
      let first = try #require(await rig.call(isSimilar ? .similar(similar) : .complete(complete)).slate)
      similar.cursor = first.cursor
      complete.cursor = first.cursor
      let second = try #require(await rig.call(isSimilar ? .similar(similar) : .complete(complete)).slate)
      #expect(first.ids + second.ids == Array(names(7).dropFirst()) && second.cursor.isEmpty)
      (similar.cursor, complete.cursor) = ([], [])
    }
  }
}

extension Slate {
  /// Without what the clock decides.
  fileprivate var timeless: Slate {
    var slate = self
    slate.times = []
    return slate
  }
}
