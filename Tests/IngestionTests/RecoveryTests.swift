import Ingestion
import LiveState
import Storage
import Testing
import Vocabulary

/// Whatever happens between, a restart finds the same state in memory and the same answers to events sent again.
struct RecoveryTests {
  /// Everything a tenant holds, to be compared as a whole.
  struct Contents: Equatable {
    var users: [UserState?]
    var items: [ItemRecord?]
    var counts: [UInt64]

    init(of tenant: LiveTenant, users: [String]) throws {
      self.users = try users.map { tenant.user(try UserIdentifier($0)) }
      items = (0..<tenant.counts.items).map { tenant.item(ItemIndex(UInt32($0))) }
      counts = [UInt64(tenant.counts.users), UInt64(tenant.counts.items), tenant.counts.events]
    }
  }

  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      return StableHash.mix(state)
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64], [64, 4 << 20])
  func anyOrderOfChangesAndCrashesIsSurvived(_ seed: UInt64, _ batchBytes: Int) async throws {
    var dice = Dice(state: seed)
    var limits = IngestionLimits.standard
    limits.storeBatchBytesMax = batchBytes
    limits.replayChunkEntries = 50
    let rig = try Rig(limits: limits)
    let users = (0..<12).map { "u\($0)" }
    let items = (0..<30).map { "i\($0)" }
    var known: [String: (draft: EventDraft, position: UInt64)] = [:]
    var number = 0

    for round in 0..<8 {
      for _ in 0..<Int.random(in: 1...25, using: &dice) {
        switch Int.random(in: 0..<10, using: &dice) {
        case 0:
          let drafts = items.shuffled(using: &dice).prefix(3).map { item($0, title: "t\(number)") }
          number += 1
          #expect(await rig.put(items: Array(drafts)).batch?.verdicts.count == 3)
        case 1: _ = await rig.delete(items: [items.randomElement(using: &dice) ?? ""])
        case 2:
          var draft = UserDraft()
          draft.id = Array((users.randomElement(using: &dice) ?? "").utf8)
          draft.attributes = [AttributeDraft(name: [97], value: .number(Double(number)))]
          _ = await rig.put(users: [draft])
        default:
          let drafts = (0..<Int.random(in: 1...20, using: &dice)).map { _ in
            number += 1
            return event(
              "e\(number)", user: users.randomElement(using: &dice) ?? "",
              item: items.randomElement(using: &dice) ?? "",
              type: [.view, .purchase, .dislike, .impression].randomElement(using: &dice) ?? .view,
              time: Bool.random(using: &dice) ? 0 : 1_700_000_000_000_000 + Int64(number))
          }
          let verdicts = await rig.ingest(drafts).batch?.verdicts ?? []
          for (draft, verdict) in zip(drafts, verdicts) {
            guard case .accepted(let position) = verdict else { continue }
            known[String(decoding: draft.id, as: UTF8.self)] = (draft, position.value)
          }
        }
      }
      let before = try Contents(of: rig.tenant(), users: users)
      let end = rig.ingestor.applied
      let isClean = Bool.random(using: &dice)
      // A short interval now and then lets a crash come in the middle of storing.
      try rig.restart(
        isClean ? .stop : .crash, interval: Bool.random(using: &dice) ? 10 : 3_600_000, limits: limits)
      #expect(try Contents(of: rig.tenant(), users: users) == before, "seed \(seed), round \(round)")
      #expect(rig.ingestor.applied == end, "seed \(seed), round \(round)")
      #expect(rig.ingestor.stored == end, "starting stores what it replayed")
      for (id, event) in known.shuffled(using: &dice).prefix(40) {
        #expect(await rig.ingest([event.draft]).shown == ["=\(event.position)"], "seed \(seed), \(id)")
      }
    }
  }

  @Test func manyEventsReplayInChunks() async throws {
    var limits = IngestionLimits.standard
    limits.replayChunkEntries = 1_000
    limits.storeBatchBytesMax = 10_000
    let rig = try Rig(limits: limits)
    for batch in 0..<5 {
      let drafts = (0..<2_000).map { event("\(batch)-\($0)", user: "u\($0 % 300)", item: "i\($0 % 700)") }
      #expect(await rig.ingest(drafts).batch?.position == Position(UInt64(2_000 * (batch + 1))))
    }
    let users = (0..<300).map { "u\($0)" }
    let before = try Contents(of: rig.tenant(), users: users)
    try rig.restart(.crash, limits: limits)
    #expect(try Contents(of: rig.tenant(), users: users) == before)
    #expect(await rig.ingest([event("4-1999", user: "u199", item: "i599")]).shown == ["=10000"])
  }

  @Test func whileLevelDBLagsTheCommitterWaits() async throws {
    var limits = IngestionLimits.standard
    limits.unstoredEventsMax = 100
    // Only the committer's own ringing makes the store thread work before the hour is over.
    let rig = try Rig(limits: limits)
    for batch in 0..<20 {
      let drafts = (0..<60).map { event("\(batch)-\($0)") }
      #expect(await rig.ingest(drafts).batch?.verdicts.count == 60)
    }
    #expect(rig.ingestor.stored >= Position(1_200 - 160))
    #expect(await rig.ingest([event("0-0")]).shown == ["=1"])
  }
}
