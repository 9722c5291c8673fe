import MagpieClient
import Testing

extension EndToEnd {
  /// Lists that go on, bundles and several lists at once, through a real daemon and the public library.
  @Suite struct PagingJourneyTests {
    private func withShop(_ body: (MagpieClient) async throws -> Void) async throws {
      let daemon = try await onThread { Running(try Daemon.started(in: Workplace())) }
      let client = MagpieClient(configuration: .init(host: "127.0.0.1", port: Int(daemon.port)))
      _ = try await client.putItems((0..<30).map { Item(id: "i\($0)", title: "Item \($0)") })
      _ = try await client.ingest((0..<30).map { Event(.view, user: "v\($0)", item: "i\($0)") })
      try await body(client)
      await client.shutdown()
      let ending = try await onThread { try daemon.stop() }
      #expect(ending == .exit(0))
    }

    @Test("Pages hold everything once while events and items come in between")
    func pages() async throws {
      try await withShop { client in
        // Lists refresh by the clock, so what is compared is what the pages hold; the engine's tests compare the order.
        let all = Set((0..<30).map { "i\($0)" })
        var query = RecommendQuery(user: "ann", k: 7)
        query.seen = .hide
        query.cursor = ""
        var pages: [[String]] = []
        while true {
          let slate = try await client.recommend(query)
          pages.append(slate.items.map(\.item))
          if slate.cursor.isEmpty { break }
          query.cursor = slate.cursor
          // Other people make other things popular, and something new is put, between any two pages.
          let page = pages.count
          _ = try await client.ingest((0..<20).map { Event(.purchase, user: "w\(page)-\($0)", item: "i29") })
          _ = try await client.putItems([Item(id: "new\(page)")])
        }
        #expect(pages.map(\.count) == [7, 7, 7, 7, 2])
        #expect(Set(pages.flatMap { $0 }) == all)

        // What the user turns away between two pages is on none that follows; everything else is.
        query.cursor = ""
        query.exclude = (1..<5).map { "new\($0)" }
        let first = try await client.recommend(query)
        let turned = try #require(all.subtracting(first.items.map(\.item)).sorted().first)
        _ = try await client.ingest([Event(.hide, user: "ann", item: turned)])
        query.k = 100
        query.cursor = first.cursor
        let second = try await client.recommend(query)
        #expect(
          Set(second.items.map(\.item)) == all.subtracting(first.items.map(\.item)).subtracting([turned]))

        var altered = query
        altered.cursor = String(first.cursor.reversed())
        let refused = await #expect(throws: MagpieError.self) { try await client.recommend(altered) }
        #expect(refused?.reason == "cursor_invalid")
      }
    }

    @Test("Lists of one screen share nothing, and bundles answer a basket")
    func screenAndBundles() async throws {
      try await withShop { client in
        var list = RecommendQuery(user: "ann", k: 5)
        list.distinct = "home"
        var wrong = list
        wrong.scenario = "there is none"
        let page = try await client.recommendPage([list, wrong, list])
        guard case .slate(let first) = page[0], case .fault(let fault) = page[1],
          case .slate(let third) = page[2]
        else {
          Issue.record("\(page)")
          return
        }
        #expect(Set(first.items.map(\.item)).isDisjoint(with: third.items.map(\.item)))
        #expect(third.items.count == 5 && !fault.message.isEmpty)

        var box = Item(id: "box", title: "A box")
        box.members = ["i1", "i2"]
        _ = try await client.putItems([box])
        // The index of bundles is at most about a second behind.
        var query = CompleteQuery(basket: ["i1"])
        query.answer = .bundles
        var slate = try await client.complete(query)
        for _ in 0..<100 where slate.items.isEmpty {
          try await Task.sleep(for: .milliseconds(50))
          slate = try await client.complete(query)
        }
        #expect(slate.items.map(\.item) == ["box"] && slate.items.first?.members == ["i1", "i2"])
        let proposals = try await client.bundles(BundlesQuery(basket: ["i1"]))
        #expect(proposals.bundles.isEmpty && proposals.fallbacks.contains(.noGeneration))
      }
    }
  }
}

/// A daemon that goes from thread to thread.
///
/// Unchecked because the test awaits each use before the next.
private final class Running: @unchecked Sendable {
  private let daemon: Daemon

  init(_ daemon: Daemon) { self.daemon = daemon }

  var port: UInt16 { daemon.port }

  func stop() throws -> Ending { try daemon.stop() }
}
