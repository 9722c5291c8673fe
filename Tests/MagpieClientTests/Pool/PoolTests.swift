import Fakes
import MagpieClient
import Testing

/// Real connections, counted.
@Suite struct PoolTests {
  @Test(arguments: [1, 3]) func opensNoMoreThanAllowed(size: Int) async throws {
    let daemon = try await FakeDaemon.start { _, _ in }
    var configuration = MagpieClient.Configuration.fake(daemon)
    configuration.poolSize = size
    let client = MagpieClient(configuration: configuration)
    try await withThrowingTaskGroup(of: ServingState.self) { group in
      for call in 1...24 {
        group.addTask { try await client.check() }
        #expect(await eventually { daemon.requests.count == call })
      }
      #expect(await eventually { daemon.accepted == size })
      for arrival in daemon.requests {
        daemon.peers[arrival.connection - 1].reply(arrival.stream, FakeReplies.healthy)
      }
      for try await state in group { #expect(state == .ready) }
    }
    #expect(daemon.accepted == size)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func batchesLeaveInTheOrderTheyWereSubmitted() async throws {
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, FakeReplies.accepted($0.request)) }
    let client = MagpieClient(configuration: .fake(daemon))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        await withCheckedContinuation { submitted in
          group.addTask {
            let event = Event(.view, user: "u", item: "i", id: "\(number)")
            _ = try await client.ingest([event], timeout: nil) { submitted.resume() }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(daemon.requests.flatMap { FakeReplies.eventIdentifiers($0.request) } == (0..<200).map { "\($0)" })
    await client.shutdown()
    await daemon.stop()
  }
}
