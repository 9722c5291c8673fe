import MagpieClient
import Testing

/// The client against the product's own server: both must mean the same by the protocol.
@Suite struct ServerTests {
  private func client(_ server: EchoServer) -> MagpieClient {
    MagpieClient(configuration: .init(host: "127.0.0.1", port: server.port))
  }

  @Test func everyFieldOfAnItemComesBack() async throws {
    let server = try await EchoServer.start()
    let client = client(server)
    var item = Item(id: "i-é", title: "Tïtle", price: 0.65)
    item.text = "text"
    item.categories = ["a", "b"]
    item.currency = "GBP"
    item.isHidden = true
    item.stock = 0
    item.createdMicroseconds = 1_302_439_980_000_000
    item.availableFromMicroseconds = -5
    item.availableUntilMicroseconds = .max
    item.location = GeoPoint(latitude: -12.5, longitude: 130.25)
    item.owner = "owner"
    item.attributes = ["t": .text("x"), "n": .number(-1.5), "f": .flag(false), "l": .texts(["y", ""])]
    item.vectors = [NamedVector(name: "image", values: [0.25, -3])]
    item.members = ["m1", "m2"]
    let receipt = try await client.putItems([item])
    #expect(receipt.durability == .written)
    #expect(receipt.position == 7)
    #expect(receipt.acceptedCount == 1)
    #expect(receipt.duplicateCount == 1)
    let rejection = try #require(receipt.rejections.first)
    #expect(rejection.index == 2)
    #expect(
      rejection.error
        == MagpieError(
          code: .invalidArgument, reason: "id_empty", message: "The item is empty.", field: "items[2].id",
          retryAfter: .milliseconds(5)))
    let reports = try await client.items(["i-é", "unknown"])
    #expect(reports.map(\.id) == ["i-é", "unknown"])
    #expect(reports.first?.item == item)
    #expect(reports.first?.isDeleted == true)
    #expect(reports.first?.events == 12)
    #expect(reports.last?.item == nil)
    await client.shutdown()
    await server.stop()
  }

  @Test func everyFieldOfAQueryArrives() async throws {
    let server = try await EchoServer.start()
    let client = client(server)
    var query = RecommendQuery(user: "u", k: 3)
    query.sessionItems = ["s"]
    query.exclude = ["x"]
    query.scenario = "home"
    query.seen = .hide
    query.seed = .max
    query.explain = .full
    query.minPosition = 99
    let slate = try await client.recommend(query)
    var wanted = Slate()
    wanted.items = ["s", "x"].map { id in
      SlateItem(
        item: id, score: 0.5, title: "home", sources: [SourceShare(source: .ials, rank: 3, score: 1.5)],
        explanations: [Explanation(code: .buyAgain, items: [id])])
    }
    wanted.recommendation = "u"
    wanted.generation = 4
    wanted.position = 99
    wanted.configurationHash = .max
    wanted.seed = .max
    wanted.fallbacks = [.fewerThanK]
    wanted.degraded = [.spread]
    wanted.times = [StepTime(step: .keep, nanoseconds: 9)]
    #expect(slate == wanted)
    #expect(try await client.check() == .fenced)
    await client.shutdown()
    await server.stop()
  }

  @Test func theServerHearsOfACancelledTask() async throws {
    let server = try await EchoServer.start()
    let client = client(server)
    let task = Task { await failure { () throws(MagpieError) in try await client.status() } }
    #expect(await eventually { server.handler.waitingCount == 1 })
    task.cancel()
    #expect(await task.value?.reason == "cancelled")
    #expect(await eventually { server.handler.cancelledCount == 1 })
    server.handler.release()
    await client.shutdown()
    await server.stop()
  }

  @Test func aDrainLetsCallsInFlightFinish() async throws {
    let server = try await EchoServer.start()
    var configuration = MagpieClient.Configuration(host: "127.0.0.1", port: server.port)
    configuration.retry = .never
    let client = MagpieClient(configuration: configuration)
    async let report = client.status()
    #expect(await eventually { server.handler.waitingCount == 1 })
    async let drained: Void = server.drain()
    try await Task.sleep(for: .milliseconds(50))
    server.handler.release()
    #expect(try await report.tenants.isEmpty)
    await drained
    let late = await failure { () throws(MagpieError) in try await client.check() }
    #expect(late?.code == .unavailable)
    await client.shutdown()
    await server.stop()
  }
}
