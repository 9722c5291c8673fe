import Foundation
import Ingestion
import LiveState
import Locking
import Storage
import Testing
import Vocabulary

struct IngestorTests {
  @Test func anAcknowledgedEventIsVisibleAndDurable() async throws {
    let rig = try Rig()
    #expect(await rig.ingest([event("a"), event("b", item: "j")]).shown == ["+1", "+2"])
    let user = try #require(try rig.tenant().user(try UserIdentifier("u")))
    #expect(user.history.count == 2)
    #expect(user.position == Position(2))
    #expect(rig.ingestor.applied == Position(2))
    #expect(rig.ingestor.committed == Position(2))
    #expect(rig.ingestor.stored == .zero)
    var reader = try LogReader(path: rig.directory.logPath, from: Position(1), through: Position(2))
    #expect(try reader.next()?.entries.count == 2)
  }

  @Test func verdictsKeepTheOrderSent() async throws {
    let rig = try Rig()
    let outcome = await rig.ingest([event("a"), event(""), event("b", value: .nan), event("a"), event("c")])
    #expect(outcome.shown == ["+1", "-id_empty", "-non_finite", "=1", "+2"])
    #expect(outcome.batch?.position == Position(2))
    #expect(outcome.batch?.durability == .committed)
  }

  @Test func theSameEventIsADuplicateAndAnotherUnderItsIdentifierIsRefused() async throws {
    let rig = try Rig()
    #expect(await rig.ingest([event("a")]).shown == ["+1"])
    #expect(await rig.ingest([event("a")]).shown == ["=1"])
    #expect(await rig.ingest([event("a", value: 1)]).shown == ["=1"], "1 is what no value means")
    let others = [
      event("a", user: "v"), event("a", item: "j"), event("a", type: .view), event("a", value: 2),
      event("a", time: 1_780_000_000_000_001),
    ]
    #expect(await rig.ingest(others).shown == [String](repeating: "-event_id_reused", count: 5))
    #expect(await rig.ingest([event("b"), event("b", value: 2)]).shown == ["+2", "-event_id_reused"])
    #expect(try rig.tenant().counts.events == 2)
  }

  @Test(arguments: [Rig.Ending.stop, .crash]) func duplicatesAreKnownAfterARestart(_ ending: Rig.Ending)
    async throws
  {
    let rig = try Rig()
    let events = [event("a"), event("b", time: 0), event("c")]
    #expect(await rig.ingest(events).shown == ["+1", "+2", "+3"])
    for round in 1...3 {
      try rig.restart(ending)
      #expect(await rig.ingest(events).shown == ["=1", "=2", "=3"], "round \(round)")
      #expect(await rig.ingest([event("a", value: 2)]).shown == ["-event_id_reused"])
    }
    #expect(try rig.tenant().counts.events == 3)
    #expect(await rig.ingest([event("d")]).shown == ["+4"])
  }

  @Test func anEventWithoutATimeIsTheSameEachTimeItIsSent() async throws {
    let rig = try Rig()
    let before = Timestamp.now
    #expect(await rig.ingest([event("a", time: 0)]).shown == ["+1"])
    #expect(
      await rig.ingest([event("a", time: 0), event("a", time: 1_780_000_000_000_000)]).shown == ["=1", "=1"])
    #expect(await rig.ingest([event("a", user: "v", time: 0)]).shown == ["-event_id_reused"])
    let user = try #require(try rig.tenant().user(try UserIdentifier("u")))
    #expect(Int64(user.history[0].seconds) >= before.seconds, "it happened when it arrived")
    #expect(await rig.ingest([event("b")]).shown == ["+2"])
    #expect(await rig.ingest([event("b", time: 0)]).shown == ["-event_id_reused"])
  }

  @Test func itemsAndUsersAreReplacedAndDeleted() async throws {
    let rig = try Rig()
    #expect(
      await rig.put(items: [item("x", title: "one"), item("y", title: "two"), item("")]).shown == [
        "+1", "+2", "-id_empty",
      ])
    #expect(await rig.put(items: [item("x", title: "new")]).shown == ["+3"])
    #expect(await rig.delete(items: ["y", "never seen", ""]).shown == ["+4", "+5", "-id_empty"])
    var draft = UserDraft()
    draft.id = Array("u".utf8)
    draft.attributes = [AttributeDraft(name: [97], value: .flag(true))]
    #expect(await rig.put(users: [draft]).shown == ["+6"])
    for ending in [Rig.Ending.crash, .stop] {
      let tenant = try rig.tenant()
      let x = try #require(tenant.itemIndex(try ItemIdentifier("x")))
      let y = try #require(tenant.itemIndex(try ItemIdentifier("y")))
      #expect(tenant.item(x)?.item?.title == "new")
      #expect(tenant.item(y)?.isDeleted == true)
      #expect(tenant.user(try UserIdentifier("u"))?.profile.attributes == ["a": .flag(true)])
      try rig.restart(ending)
    }
  }

  @Test func wholeRequestsAreRefusedWithAReason() async throws {
    let rig = try Rig()
    #expect(await rig.ingest([event("a")], tenant: try TenantName("other")).reason == .tenantUnknown)
    #expect(await rig.ingest([EventDraft](repeating: event("a"), count: 10_001)).reason == .tooMany)
    #expect(await rig.ingest([event("a")], deadline: 0).reason == .deadlineExceeded)
    #expect(await rig.ingest([]).shown == [])
    var large = item("x")
    large.vectors = [VectorDraft(name: [97], values: [Float](repeating: 1, count: 4096))]
    let larges = (0..<600).map { number in
      large.id = Array("x\(number)".utf8)
      return large
    }
    #expect(await rig.put(items: larges).reason == .messageTooLarge)
    #expect(rig.ingestor.committed == .zero, "nothing of all this was done")
    #expect(try rig.tenant().counts == (0, 0, 0))
  }

  @Test func aFullQueueAsksToWait() async throws {
    var limits = IngestionLimits.standard
    limits.queueBytesMax = 100
    let rig = try Rig(limits: limits)
    let began = Bell()
    let release = Bell()
    var request = IngestEventsRequest()
    request.events = [event("a")]
    // The committer is held in the middle of answering, so what it works on still counts as queued.
    rig.ingestor.ingest(request, tenant: .default) { _ in
      began.ring()
      release.wait(milliseconds: 30_000)
    }
    #expect(began.wait(milliseconds: 30_000))
    let refused = await rig.ingest([event("b")])
    release.ring()
    #expect(refused.reason == .queueFull)
    guard case .failure(let fault) = refused else { return }
    #expect(fault.retryAfterMilliseconds ?? 0 > 0)
    var outcome = await rig.ingest([event("b")])
    while outcome.reason == .queueFull { outcome = await rig.ingest([event("b")]) }
    #expect(outcome.shown == ["+2"])
  }

  @Test func ingestStopsBeforeTheDiskIsFull() async throws {
    let rig = try Rig()
    var settings = Settings()
    settings.diskFreeBytesMin = .max
    rig.ingestor.apply(settings)
    #expect(await rig.ingest([event("a")]).reason == .diskLow)
    #expect(rig.ingestor.meters.diskLow.value == 1)
    #expect(!rig.ingestor.isFenced)
    #expect(rig.ingestor.committed == .zero)
    settings.diskFreeBytesMin = 0
    rig.ingestor.apply(settings)
    #expect(await rig.ingest([event("a")]).shown == ["+1"], "it goes on by itself")
    #expect(rig.ingestor.meters.diskLow.value == 0)
  }

  @Test func newItemsBeyondTheTableAreRefused() async throws {
    var limits = IngestionLimits.standard
    limits.itemsMax = 2
    let rig = try Rig(limits: limits)
    #expect(await rig.put(items: [item("a"), item("b"), item("c")]).shown == ["+1", "+2", "-too_many"])
    #expect(await rig.ingest([event("1", item: "a"), event("2", item: "d")]).shown == ["+3", "-too_many"])
    #expect(await rig.put(items: [item("a", title: "again")]).shown == ["+4"])
  }

  @Test func aFailedWriteFencesAndARestartRecovers() async throws {
    let rig = try Rig()
    #expect(await rig.ingest([event("a")]).shown == ["+1"])
    // A segment cannot be made where there is no directory.
    let log = rig.directory.logPath
    try FileManager.default.moveItem(atPath: log, toPath: log + ".away")
    await #expect(throws: Fault.self) { try await rig.seal().get() }
    #expect(rig.ingestor.isFenced)
    #expect(await rig.ingest([event("b")]).reason == .writePathFenced)
    #expect(await rig.put(items: [item("x")]).reason == .writePathFenced)
    await #expect(throws: Fault.self) { try await rig.seal().get() }
    #expect(try rig.tenant().user(try UserIdentifier("u"))?.history.count == 1, "reads go on")
    try FileManager.default.moveItem(atPath: log + ".away", toPath: log)
    try rig.restart(.stop)
    #expect(!rig.ingestor.isFenced)
    #expect(await rig.ingest([event("a"), event("b")]).shown == ["=1", "+2"])
  }

  @Test func sealingCoversWhatCameBefore() async throws {
    let rig = try Rig()
    #expect(try await rig.seal().get() == .zero)
    _ = await rig.ingest([event("a"), event("b")])
    #expect(try await rig.seal().get() == Position(2))
    #expect(try await rig.seal().get() == Position(2))
    #expect(rig.ingestor.logSegments == 2)
    #expect(rig.ingestor.logBytes > 0)
  }

  @Test func afterStoppingNothingIsTaken() async throws {
    let rig = try Rig()
    #expect(await rig.ingest([event("a")]).shown == ["+1"])
    rig.ingestor.stop()
    #expect(rig.ingestor.stored == Position(1))
    #expect(await rig.ingest([event("b")]).reason == .draining)
    await #expect(throws: Fault.self) { try await rig.seal().get() }
  }

  @Test func aTenantLeftOutOfTheConfigurationLosesNothing() async throws {
    let shop = try TenantName("shop")
    let rig = try Rig(tenants: [.default, shop])
    #expect(await rig.ingest([event("a")]).shown == ["+1"])
    #expect(
      await rig.ingest([event("a", user: "w")], tenant: shop).shown == ["+2"],
      "each tenant has its own identifiers")
    // Not stored yet: starting without the tenant would drop it.
    #expect {
      try rig.restart(.crash, tenants: [.default])
    } throws: { ($0 as? StorageFault)?.kind == .foreign }
    try rig.restart(.crash, tenants: [.default, shop])
    try rig.restart(.stop, tenants: [.default])
    #expect(await rig.ingest([event("b")]).shown == ["+3"])
    try rig.restart(.stop, tenants: [.default, shop])
    #expect(try rig.tenant(shop).user(try UserIdentifier("w"))?.history.count == 1)
    #expect(await rig.ingest([event("a", user: "w")], tenant: shop).shown == ["=2"])
  }
}
