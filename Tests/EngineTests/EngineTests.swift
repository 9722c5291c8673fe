import Engine
import Testing
import Vocabulary

struct EngineTests {
  @Test func withoutAnythingItAnswersAndSaysWhatIsMissing() async throws {
    let rig = try EngineRig()
    let slate = try #require(await rig.recommend("nobody").slate)
    #expect(slate.items.isEmpty)
    #expect(slate.fallbacks.contains(.emptyCatalogue))
    #expect(slate.fallbacks.contains(.noGeneration))
    #expect(slate.generation == .none)
    #expect(slate.configurationHash == 7)
    #expect(await rig.call(.check) == .success(.check(HealthReport(state: .ready))))
    #expect(try await rig.generations().get().isEmpty)
  }

  @Test func aRecommendationReflectsWhatWasAcknowledged() async throws {
    let rig = try EngineRig()
    await rig.put([("a", "Apple"), ("b", "Bread"), ("c", "Corn")])
    let before = try #require(await rig.recommend("u").slate)
    #expect(Set(before.ids) == ["a", "b", "c"])
    let reply = try #require(await rig.ingest([("u", "b")]))
    let after = try #require(
      await rig.recommend("u") { request in
        request.minPosition = reply.position.value
        request.seen = .hide
        request.includeTitles = true
      }.slate)
    #expect(Set(after.ids) == ["a", "c"])
    #expect(after.position >= reply.position)
    #expect(Set(after.items.map(\.title)) == ["Apple", "Corn"])
  }

  @Test func badRequestsAreRefusedWithAReason() async throws {
    let rig = try EngineRig()
    await rig.put([("a", "")])
    #expect(await rig.recommend("u") { $0.k = 0 }.reason == .kOutOfRange)
    #expect(await rig.recommend("u") { $0.k = 1_000_000 }.reason == .kOutOfRange)
    #expect(await rig.recommend("u") { $0.k = 1000 }.slate?.ids == ["a"])
    #expect(await rig.recommend("u\0").reason == .idContainsNul)
    #expect(await rig.recommend(String(repeating: "u", count: 257)).reason == .idTooLong)
    #expect(await rig.recommend("u") { $0.minPosition = 99 }.reason == .positionNotReached)
    #expect(await rig.call(.check, tenant: try TenantName("other")).reason == .tenantUnknown)
    #expect(await rig.call(.getUser(GetUserRequest())).reason == .idEmpty)
    var user = GetUserRequest()
    user.user = [117]
    #expect(await rig.call(.getUser(user)).reason == .userUnknown)
    var items = GetItemsRequest()
    items.items = [[UInt8]](repeating: [97], count: 1001)
    #expect(await rig.call(.getItems(items)).reason == .tooMany)
    items.items = [[]]
    #expect(await rig.call(.getItems(items)).reason == .idEmpty)
    #expect(await rig.call(.ingestEvents(IngestEventsRequest())).reason == nil)
  }

  @Test func singleThingsCanBeLookedAt() async throws {
    let rig = try EngineRig()
    await rig.put([("a", "Apple"), ("b", "Bread")])
    _ = await rig.ingest([("u", "a"), ("u", "b"), ("u", "x"), ("u", "a")])
    var delete = DeleteItemsRequest()
    delete.items = [Array("b".utf8)]
    _ = await rig.call(.deleteItems(delete))
    var request = GetItemsRequest()
    request.items = ["a", "b", "x", "never"].map { Array($0.utf8) }
    guard case .success(.getItems(let reply)) = await rig.call(.getItems(request)) else {
      Issue.record("no items")
      return
    }
    #expect(reply.items.map(\.id) == request.items)
    #expect(reply.items.map { $0.item?.title } == ["Apple", nil, nil, nil])
    #expect(reply.items.map(\.isDeleted) == [false, true, false, false])
    #expect(reply.items.map(\.events) == [2, 1, 1, 0])

    var user = GetUserRequest()
    user.user = [117]
    guard case .success(.getUser(let known)) = await rig.call(.getUser(user)) else {
      Issue.record("no user")
      return
    }
    #expect(known.items == 3)
    #expect(known.history.map(\.item.text) == ["a", "x", "b", "a"], "newest first")
    #expect(known.history[0].title == "Apple")
    #expect(known.history[0].type == .purchase)
  }

  @Test func statusTellsWhatGoesOn() async throws {
    let rig = try EngineRig()
    _ = await rig.ingest([("u", "a"), ("v", "b")])
    _ = await rig.recommend("u")
    _ = await rig.recommend("u") { $0.k = 0 }
    let report = try await rig.status()
    #expect(report.version == "test")
    #expect(report.directory.count == 16)
    #expect(report.state == .ready)
    #expect(report.committed == Position(2))
    #expect(report.applied == Position(2))
    #expect(report.stored <= report.applied)
    #expect(report.logBytes > 0)
    #expect(report.logSegments == 1)
    #expect(report.diskFreeBytes > 0)
    #expect(report.residentBytes > 1 << 20)
    #expect(report.configurationHash == 7)
    let tenant = try #require(report.tenants.first)
    #expect((tenant.users, tenant.items, tenant.events) == (2, 2, 2))
    let recommend = try #require(report.latencies.first { $0.name == "Recommender.Recommend" })
    #expect(recommend.count == 2)
    #expect(recommend.errors == 1)
    #expect(recommend.p50 > 0)
    #expect(recommend.p50 <= recommend.p99)
    #expect(recommend.p99 <= recommend.max)
    #expect(report.latencies.contains { $0.name == "step.gather" })
    #expect(report.latencies.first { $0.name == "Ingest.IngestEvents" }?.count == 1)
  }

  @Test func everythingIsThereAfterARestart() async throws {
    let rig = try EngineRig()
    await rig.put([("a", "Apple"), ("b", "Bread")])
    _ = await rig.ingest([("u", "a"), ("v", "b"), ("u", "b")])
    // Counted lists are made by the first group of a second; in one of its own they hold everything, as after a start.
    try await Task.sleep(for: .milliseconds(1_100))
    _ = await rig.ingest([("v", "a")])
    let before = try await rig.status()
    let slate = try #require(await rig.recommend("u") { $0.seed = 5 }.slate)
    try rig.restart()
    let after = try await rig.status()
    #expect(after.directory == before.directory)
    #expect(after.applied == before.applied)
    #expect(after.stored == before.applied)
    #expect(after.tenants == before.tenants)
    // The token tells the second of the request, which may be another by now.
    let again = try #require(await rig.recommend("u") { $0.seed = 5 }.slate)
    #expect(again.items == slate.items, "same state, same seed, same items")
  }

  @Test func drainingIsSaidAndTheEndIsOrderly() async throws {
    let rig = try EngineRig()
    rig.engine.beginDraining()
    #expect(await rig.call(.check) == .success(.check(HealthReport(state: .draining))))
    #expect(await rig.ingest([("u", "a")])?.verdicts.count == 1, "what still comes is done")
    rig.engine.stop()
    rig.engine.stop()
    #expect(await rig.recommend("u").slate != nil, "reads need nothing that was closed")
    #expect(await rig.call(.train(TrainRequest())).reason == .draining)
    #expect(await rig.call(.generations(GenerationsRequest())).reason == .draining)
    #expect(await rig.call(.ingestEvents(IngestEventsRequest())).reason == nil, "nothing to do is no error")
    #expect(await rig.ingest([("u", "a")]) == nil)
  }
}
