import Engine
import Foundation
import Testing
import Vocabulary

/// Lists, the events that name them, and the counts that come of it.
struct FeedbackTests {
  private func rig(_ change: (inout Settings) -> Void = { _ in }) async throws -> EngineRig {
    let rig = try EngineRig(change)
    await rig.put([("a", "Apple"), ("b", "Bread"), ("c", "Corn"), ("d", "Dill")])
    return rig
  }

  private func send(
    _ rig: EngineRig, _ type: EventType, _ item: String, _ recommendation: [UInt8], user: String = "u"
  ) async {
    var request = IngestEventsRequest()
    var draft = EventDraft()
    draft.id = Array(UUID().uuidString.utf8)
    draft.type = Int32(type.rawValue)
    draft.user = Array(user.utf8)
    draft.item = Array(item.utf8)
    draft.recommendation = recommendation
    request.events = [draft]
    _ = await rig.call(.ingestEvents(request))
  }

  @Test func clicksAndPurchasesCountForTheirList() async throws {
    let rig = try await rig()
    let first = try #require(await rig.recommend("u") { $0.k = 2 }.slate)
    let second = try #require(await rig.recommend("v") { $0.k = 3 }.slate)
    #expect(first.recommendation != second.recommendation)
    await send(rig, .click, first.ids[0], first.recommendation)
    await send(rig, .click, first.ids[0], first.recommendation)
    await send(rig, .view, first.ids[1], first.recommendation)
    await send(rig, .purchase, first.ids[0], first.recommendation)
    await send(rig, .purchase, second.ids[2], second.recommendation, user: "v")
    // Neither names an item of its list.
    await send(rig, .click, "elsewhere", first.recommendation)
    await send(rig, .click, first.ids[0], Array(String(repeating: "0", count: 32).utf8))
    let report = try await rig.status()
    let row = try #require(report.feedback.first)
    #expect(report.feedback.count == 1)
    #expect(row.key.scenario == "default")
    #expect(row.key.generation == .none)
    #expect((row.total.lists, row.total.shown) == (2, 5))
    #expect((row.total.clickedLists, row.total.clicks) == (1, 2))
    #expect((row.total.convertedLists, row.total.conversions) == (2, 2))
    #expect(row.hour == row.total)
    #expect(row.minutes == row.total)
    // With the item that only an event has named.
    #expect(row.catalogue == 5)
    #expect((2...4).contains(row.total.distinctItems))
    #expect(row.total.noveltyItems == 5)
    #expect(row.total.noveltyBits > 0)
    #expect((report.feedbackDesk.taken, report.feedbackDesk.dropped) == (2, 0))
    #expect((report.feedbackDesk.joined, report.feedbackDesk.unknown) == (5, 2))
    #expect(report.feedbackDesk.remembered == 2)
  }

  /// The same question on the same state has the same name, so it is one list.
  @Test func aListSeenTwiceIsOneList() async throws {
    let rig = try await rig()
    for _ in 0..<3 { _ = await rig.recommend("u") { $0.k = 2 } }
    let report = try await rig.status()
    #expect(report.feedback.first?.total.lists == 1)
    #expect(report.feedbackDesk.taken == 3)
  }

  @Test func listsOfOtherKindsAreCountedApart() async throws {
    let rig = try await rig()
    _ = await rig.ingest([("u", "a"), ("u", "b"), ("v", "a"), ("v", "b")])
    _ = await rig.recommend("u")
    var rank = RankRequest()
    rank.user = Array("u".utf8)
    rank.items = [Array("c".utf8), Array("d".utf8)]
    _ = await rig.call(.rank(rank))
    let names = try await rig.status().feedback.map(\.key.scenario)
    #expect(names == ["default", "rank"])
  }

  @Test func theOldestListsAreForgotten() async throws {
    let rig = try await rig { $0.feedback.lists = 3 }
    var slates: [Slate] = []
    for user in ["u", "v", "w", "x", "y"] {
      slates.append(try #require(await rig.recommend(user) { $0.k = 2 }.slate))
    }
    #expect(try await rig.status().feedbackDesk.remembered == 3)
    await send(rig, .click, slates[0].ids[0], slates[0].recommendation)
    await send(rig, .click, slates[4].ids[0], slates[4].recommendation, user: "y")
    let report = try await rig.status()
    #expect((report.feedbackDesk.joined, report.feedbackDesk.unknown) == (1, 1))
    #expect(report.feedback.first?.total.lists == 5)
  }

  @Test func exposuresAreWrittenDown() async throws {
    let rig = try await rig { $0.feedback.exposureSample = 1 }
    let slate = try #require(await rig.recommend("u \"x\"") { $0.k = 2 }.slate)
    let report = try await rig.status()
    #expect(report.feedbackDesk.logged == 1)
    let directory = rig.root + "/data/exposures"
    let files = try FileManager.default.contentsOfDirectory(atPath: directory)
    #expect(files.count == 1)
    let text = try String(contentsOfFile: directory + "/" + (files.first ?? ""), encoding: .utf8)
    #expect(UInt64(text.utf8.count) == report.feedbackDesk.logBytes)
    let line = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(line["recommendation"] as? String == String(decoding: slate.recommendation, as: UTF8.self))
    #expect(line["user"] as? String == "u \"x\"")
    let items = try #require(line["items"] as? [[String: Any]])
    #expect(items.compactMap { $0["item"] as? String } == slate.ids)
    #expect(items.compactMap { $0["rank"] as? Int } == [1, 2])
  }

  @Test func withoutASampleNothingIsWritten() async throws {
    let rig = try await rig()
    _ = await rig.recommend("u")
    _ = try await rig.status()
    #expect(!FileManager.default.fileExists(atPath: rig.root + "/data/exposures"))
  }

  /// An acknowledgement comes after the event is visible, so both are counted by then.
  @Test func whatIsAcknowledgedIsVisibleAndMeasured() async throws {
    let rig = try await rig()
    let before = try await rig.status()
    let reply = try #require(await rig.ingest([("u", "a")]))
    let after = try await rig.status()
    #expect(after.applied >= reply.position)
    #expect(await rig.recommend("u") { $0.minPosition = reply.position.value }.reason == nil)
    #expect(
      await rig.recommend("u") { $0.minPosition = reply.position.value + 1 }.reason == .positionNotReached)
    for name in ["received_to_visible", "durable_to_visible"] {
      let first = before.freshness.first { $0.name == name }?.count ?? 0
      #expect(after.freshness.first { $0.name == name }?.count == first + 1)
    }
    let received = try #require(after.freshness.first { $0.name == "received_to_visible" })
    let durable = try #require(after.freshness.first { $0.name == "durable_to_visible" })
    #expect(received.max >= durable.p50 * 0.9)
  }
}
