import MagpieClient
import Testing

extension EndToEnd {
  /// The library as a service uses it, through nothing but its public face.
  @Suite struct ClientTests {
    @Test("The example of the README works as it stands there")
    func readmeExample() async throws {
      let daemon = try await onThread { Started(try Daemon.started(in: Workplace())) }
      let configuration = MagpieClient.Configuration(host: "127.0.0.1", port: Int(daemon.port))

      // The README leaves out the port and takes customers and items of the sample.
      let client = MagpieClient(configuration: configuration)
      _ = try await client.putItems([Item(id: "21212", title: "PACK OF 72 RETROSPOT CAKE CASES")])
      _ = try await client.ingest([Event(.purchase, user: "13113", item: "21088")])

      var query = RecommendQuery(user: "13113", k: 10)
      query.explain = .reasons
      query.includeTitles = true
      let slate = try await client.recommend(query)
      for item in slate.items { print(item.item, item.title, item.explanations) }

      // What was bought is not shown; what was put is, with its title.
      #expect(slate.items.map(\.item) == ["21212"])
      #expect(slate.items.first?.title == "PACK OF 72 RETROSPOT CAKE CASES")
      #expect(slate.position == 2)
      await client.shutdown()
      let ending = try await onThread { try daemon.stop() }
      #expect(ending == .exit(0))
    }

    @Test("A daemon that was killed and started again is found again by the same client")
    func restart() async throws {
      let daemon = try await onThread { Started(try Daemon.started(in: Workplace())) }
      let client = MagpieClient(configuration: .init(host: "127.0.0.1", port: Int(daemon.port)))
      let first = try await client.ingest([Event(.view, user: "ann", item: "tea", id: "1")])
      #expect(first.position == 1)
      try await onThread { try daemon.restartOnSamePort() }
      // No error reaches the caller: the event carries an identifier, so repeating it is harmless.
      let second = try await client.ingest([
        Event(.view, user: "ann", item: "tea", id: "1"),
        Event(.view, user: "ann", item: "tea", id: "2"),
      ])
      #expect(second.verdicts == [.duplicate(position: 1), .accepted(position: 2)])
      await client.shutdown()
      let ending = try await onThread { try daemon.stop() }
      #expect(ending == .exit(0))
    }
  }
}

/// A daemon that goes from thread to thread.
///
/// Unchecked because the test awaits each use before the next.
private final class Started: @unchecked Sendable {
  private let daemon: Daemon

  init(_ daemon: Daemon) { self.daemon = daemon }

  var port: UInt16 { daemon.port }

  func stop() throws -> Ending { try daemon.stop() }

  func restartOnSamePort() throws {
    daemon.kill()
    daemon.wantedPort = daemon.port
    try daemon.start()
  }
}
