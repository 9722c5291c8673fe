import Locking
import Fakes
import MagpieClient
import Testing

import struct Vocabulary.Fault

/// What is tried again, and what is not.
@Suite struct RetryTests {
  @Test func repeatsALostIngestUnderTheSameIdentifiers() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      if arrival.connection == 1 {
        peer.reset()
      } else {
        peer.reply(arrival.stream, FakeReplies.accepted(arrival.request))
      }
    }
    let client = MagpieClient(configuration: .fake(daemon))
    let receipt = try await client.ingest([
      Event(.view, user: "u", item: "a"), Event(.purchase, user: "u", item: "a"),
    ])
    #expect(receipt.acceptedCount == 2)
    let sent = daemon.requests.map { FakeReplies.eventIdentifiers($0.request) }
    #expect(sent.count == 2)
    #expect(sent.first == sent.last)
    #expect(Set(sent.first ?? []).count == 2)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func neverRepeatsATrainingThatWasSent() async throws {
    let daemon = try await FakeDaemon.start { $1.reset() }
    let client = MagpieClient(configuration: .fake(daemon))
    let error = await failure { () throws(MagpieError) in try await client.train() }
    #expect(error?.reason == "connection_lost")
    #expect(daemon.requests.count == 1)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func neverRepeatsARollbackButRepeatsAPromotion() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      if arrival.connection % 2 == 1 {
        peer.reset()
      } else {
        peer.reply(arrival.stream, FakeReplies.generations())
      }
    }
    let client = MagpieClient(configuration: .fake(daemon))
    let error = await failure { () throws(MagpieError) in try await client.rollback() }
    #expect(error?.reason == "connection_lost")
    #expect(daemon.requests.count == 1)
    // Connection 2 answers.
    _ = try await client.promote(generation: 3)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func repeatsWhatTheDaemonWasNotAvailableFor() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      let outcome =
        arrival.stream < 5 ? .failure(Fault(.draining, "The daemon is going away.")) : FakeReplies.healthy
      peer.reply(arrival.stream, outcome)
    }
    let client = MagpieClient(configuration: .fake(daemon))
    #expect(try await client.check() == .ready)
    #expect(daemon.requests.count == 3)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func waitsAsLongAsTheDaemonAsks() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      let busy = Fault(.queueFull, "The queue is full.", retryAfterMilliseconds: 60)
      peer.reply(arrival.stream, arrival.stream == 1 ? .failure(busy) : FakeReplies.accepted(arrival.request))
    }
    let client = MagpieClient(configuration: .fake(daemon))
    let start = ContinuousClock.now
    let receipt = try await client.ingest([Event(.view, user: "u", item: "a")])
    #expect(receipt.acceptedCount == 1)
    #expect(ContinuousClock.now - start >= .milliseconds(60))
    await client.shutdown()
    await daemon.stop()
  }

  @Test(arguments: [
    Fault(.queueFull, "Full, and it will not get better."), Fault(.internalError, "A mistake."),
  ])
  func leavesItAtOneAttempt(_ fault: Fault) async throws {
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, .failure(fault)) }
    let client = MagpieClient(configuration: .fake(daemon))
    let error = await failure { () throws(MagpieError) in try await client.check() }
    #expect(error?.reason == fault.reason.rawValue)
    #expect(daemon.requests.count == 1)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func reportsTheFailureInsteadOfWaitingPastTheDeadline() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      peer.reply(arrival.stream, .failure(Fault(.queueFull, "Full.", retryAfterMilliseconds: 60_000)))
    }
    let client = MagpieClient(configuration: .fake(daemon))
    let start = ContinuousClock.now
    let error = await failure { () throws(MagpieError) in try await client.check(timeout: .seconds(20)) }
    #expect(error?.reason == "queue_full")
    #expect(error?.retryAfter == .seconds(60))
    #expect(ContinuousClock.now - start < .seconds(10))
    await client.shutdown()
    await daemon.stop()
  }

  @Test func stopsRetryingWhenTheBudgetIsSpent() async throws {
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, .failure(Fault(.draining, "Going away."))) }
    var configuration = MagpieClient.Configuration.fake(daemon)
    configuration.retry.budget = 8
    configuration.retry.attemptsMax = 3
    let client = MagpieClient(configuration: configuration)
    for _ in 0..<10 { _ = await failure { () throws(MagpieError) in try await client.check() } }
    // Ten first attempts; retries only while more than 4 of 8 tokens are left: after failures 1, 2 and 3, of
    // which the third is the last attempt of its call.
    #expect(daemon.requests.count == 12)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func saysWhatToDoWhenNobodyListens() async throws {
    let daemon = try await FakeDaemon.start { _, _ in }
    let configuration = MagpieClient.Configuration.fake(daemon)
    await daemon.stop()
    let client = MagpieClient(configuration: configuration)
    let error = await failure { () throws(MagpieError) in try await client.train() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("127.0.0.1:\(daemon.port)") == true, "\(String(describing: error))")
    #expect(error?.message.contains("Start magpied") == true)
    await client.shutdown()
  }

  @Test func aDaemonThatComesBackIsFoundAgain() async throws {
    let first = try await FakeDaemon.start { $1.reply($0.stream, FakeReplies.healthy) }
    var configuration = MagpieClient.Configuration.fake(first)
    configuration.retry.attemptsMax = 1000
    configuration.retry.budget = 10_000
    let client = MagpieClient(configuration: configuration)
    #expect(try await client.check() == .ready)
    await first.stop()
    async let later = client.check()
    try await Task.sleep(for: .milliseconds(30))
    let second = try await FakeDaemon.start(port: first.port) { $1.reply($0.stream, FakeReplies.healthy) }
    #expect(try await later == .ready)
    #expect(second.requests.count == 1)
    await client.shutdown()
    await second.stop()
  }
}
