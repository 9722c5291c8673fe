import Fakes
import MagpieClient
import Testing

import struct Vocabulary.Fault

/// One connection at a time: what a call sends, and what it makes of the answer.
@Suite struct CallTests {
  @Test func sendsTenantAndRemainingTime() async throws {
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, FakeReplies.healthy) }
    var configuration = MagpieClient.Configuration.fake(daemon)
    configuration.tenant = "shop-1"
    let client = MagpieClient(configuration: configuration)
    #expect(try await client.check(timeout: .milliseconds(1500)) == .ready)
    let request = try #require(daemon.requests.first)
    #expect(request.tenant == "shop-1")
    #expect(request.stream == 1)
    #expect((1...1500).contains(request.timeoutMilliseconds))
    await client.shutdown()
    await daemon.stop()
  }

  @Test func matchesRepliesThatComeInAnotherOrder() async throws {
    // Replies only once all fifty are here, last first.
    let daemon = try await FakeDaemon.start { _, _ in }
    let client = MagpieClient(configuration: .fake(daemon))
    let answers = try await withThrowingTaskGroup(of: (UInt64, UInt64).self) { group in
      for seed in 1...50 as ClosedRange<UInt64> {
        group.addTask {
          var query = RecommendQuery(user: "u")
          query.seed = seed
          return (seed, try await client.recommend(query).seed)
        }
      }
      #expect(await eventually { daemon.requests.count == 50 })
      for arrival in daemon.requests.reversed() {
        daemon.peers.first?.reply(arrival.stream, FakeReplies.slate(for: arrival.request))
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.count == 50)
    for (asked, got) in answers { #expect(asked == got) }
    #expect(daemon.accepted == 1)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func putsTogetherAReplyThatComesByteByByte() async throws {
    let daemon = try await FakeDaemon.start { $1.dribble($0.stream, FakeReplies.slate(for: $0.request)) }
    let client = MagpieClient(configuration: .fake(daemon))
    var query = RecommendQuery(user: "u")
    query.seed = 77
    #expect(try await client.recommend(query).seed == 77)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func endsAtTheDeadlineAndKeepsTheConnection() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      // The first request is answered only together with the second: far too late.
      if arrival.stream == 1 { return }
      peer.reply(1, FakeReplies.healthy)
      peer.reply(arrival.stream, FakeReplies.healthy)
    }
    let client = MagpieClient(configuration: .fake(daemon))
    let clock = ContinuousClock.now
    let error = await failure { () throws(MagpieError) in try await client.check(timeout: .milliseconds(80)) }
    #expect(error?.reason == "deadline_exceeded")
    #expect(error?.code == .deadlineExceeded)
    #expect(ContinuousClock.now - clock >= .milliseconds(80))
    #expect(try await client.check() == .ready)
    #expect(daemon.accepted == 1)
    // The daemon was told how long to work; no CANCEL is spent.
    #expect(!daemon.arrivals.contains { $0.type == .cancel })
    await client.shutdown()
    await daemon.stop()
  }

  @Test func cancellingTheTaskCancelsTheStream() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      if arrival.type == .request, arrival.stream > 1 { peer.reply(arrival.stream, FakeReplies.healthy) }
    }
    let client = MagpieClient(configuration: .fake(daemon))
    let task = Task { await failure { () throws(MagpieError) in try await client.check() } }
    #expect(await eventually { daemon.requests.count == 1 })
    task.cancel()
    #expect(await task.value?.reason == "cancelled")
    #expect(await eventually { daemon.arrivals.contains { $0.type == .cancel && $0.stream == 1 } })
    #expect(try await client.check() == .ready)
    #expect(daemon.accepted == 1)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func aTaskCancelledBeforehandSendsNothing() async throws {
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, FakeReplies.healthy) }
    let client = MagpieClient(configuration: .fake(daemon))
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return await failure { () throws(MagpieError) in try await client.check() }
    }
    task.cancel()
    #expect(await task.value?.code == .cancelled)
    #expect(daemon.requests.isEmpty)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func refusesWhatCannotFitAFrame() async throws {
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, FakeReplies.accepted($0.request)) }
    let client = MagpieClient(configuration: .fake(daemon))
    let query = String(repeating: "q", count: 1000)
    let events = (0..<5000).map { _ in Event(.search, user: "u", query: query) }
    let error = await failure { () throws(MagpieError) in try await client.ingest(events) }
    #expect(error?.reason == "frame_too_large")
    #expect(daemon.requests.isEmpty)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func passesTheDaemonsFaultOn() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      peer.reply(
        arrival.stream, .failure(Fault(.kOutOfRange, "k must be 1 to 1,000; it is 0.", field: "k")))
    }
    let client = MagpieClient(configuration: .fake(daemon))
    let error = await failure { () throws(MagpieError) in
      try await client.recommend(RecommendQuery(user: "u", k: 0))
    }
    #expect(
      error
        == MagpieError(
          code: .invalidArgument, reason: "k_out_of_range", message: "k must be 1 to 1,000; it is 0.",
          field: "k"))
    #expect(daemon.requests.count == 1)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func finishesWhatIsInFlightWhenShutDown() async throws {
    let daemon = try await FakeDaemon.start { _, _ in }
    let client = MagpieClient(configuration: .fake(daemon))
    async let state = client.check()
    #expect(await eventually { daemon.requests.count == 1 })
    async let gone: Void = client.shutdown(patience: .seconds(10))
    // Whatever the order, the call in flight is answered and shutdown returns.
    try await Task.sleep(for: .milliseconds(20))
    daemon.peers.first?.reply(1, FakeReplies.healthy)
    #expect(try await state == .ready)
    await gone
    let late = await failure { () throws(MagpieError) in try await client.check() }
    #expect(late?.code == .cancelled)
    await daemon.stop()
  }

  @Test func givesUpOnWhatIsInFlightAfterItsPatience() async throws {
    let daemon = try await FakeDaemon.start { _, _ in }
    var configuration = MagpieClient.Configuration.fake(daemon)
    configuration.retry = .never
    let client = MagpieClient(configuration: configuration)
    let call = Task { await failure { () throws(MagpieError) in try await client.check() } }
    #expect(await eventually { daemon.requests.count == 1 })
    await client.shutdown(patience: .milliseconds(20))
    #expect(await call.value?.reason == "connection_lost")
    await daemon.stop()
  }
}
