import Fakes
import MagpieClient
import Testing

import struct Vocabulary.Fault

/// What happens to connections: leaving, dying, silence, nonsense.
@Suite struct ConnectionTests {
  @Test func aGoAwayLetsRequestsFinishAndMovesNewOnesOn() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      if arrival.connection == 1 {
        peer.goAway(Fault(.draining, "Going away."))
      } else {
        peer.reply(arrival.stream, FakeReplies.slate(for: arrival.request))
      }
    }
    let client = MagpieClient(configuration: .fake(daemon))
    let first = Task {
      var query = RecommendQuery(user: "u")
      query.seed = 1
      return try await client.recommend(query).seed
    }
    #expect(await eventually { daemon.requests.count == 1 })
    // The GOAWAY may still be on its way; a request that slips in before it waits on connection 1 as well.
    try await Task.sleep(for: .milliseconds(100))
    var query = RecommendQuery(user: "u")
    query.seed = 2
    #expect(try await client.recommend(query).seed == 2)
    #expect(daemon.requests.last?.connection == 2)
    let waiting = try #require(daemon.requests.first)
    daemon.peers.first?.reply(waiting.stream, FakeReplies.slate(for: waiting.request))
    #expect(try await first.value == 1)
    #expect(daemon.requests.count == 2)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func theReasonOfAGoAwayReachesTheCaller() async throws {
    let daemon = try await FakeDaemon.start { _, peer in
      peer.goAway(Fault(.tooManyConnections, "4,096 connections are open; use fewer."))
      peer.close()
    }
    let client = MagpieClient(configuration: .fake(daemon))
    let error = await failure { () throws(MagpieError) in try await client.check() }
    #expect(error?.reason == "too_many_connections")
    await client.shutdown()
    await daemon.stop()
  }

  @Test func somethingElseOnThePortIsNamed() async throws {
    let daemon = try await FakeDaemon.start { _, peer in
      peer.raw(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8))
    }
    var configuration = MagpieClient.Configuration.fake(daemon)
    configuration.retry = .never
    let client = MagpieClient(configuration: configuration)
    let error = await failure { () throws(MagpieError) in try await client.check() }
    #expect(error?.message.contains("not_our_protocol") == true, "\(String(describing: error))")
    await client.shutdown()
    await daemon.stop()
  }

  @Test func aReplyNobodyAskedForEndsTheConnection() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      peer.reply(arrival.stream + 100, FakeReplies.healthy)
    }
    var configuration = MagpieClient.Configuration.fake(daemon)
    configuration.retry = .never
    let client = MagpieClient(configuration: configuration)
    let error = await failure { () throws(MagpieError) in try await client.check() }
    #expect(error?.message.contains("bad_stream_id") == true, "\(String(describing: error))")
    await client.shutdown()
    await daemon.stop()
  }

  @Test func answersPings() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      if arrival.type == .request {
        peer.ping([1, 2, 3])
        peer.reply(arrival.stream, FakeReplies.healthy)
      }
    }
    let client = MagpieClient(configuration: .fake(daemon))
    #expect(try await client.check() == .ready)
    #expect(await eventually { daemon.arrivals.contains { $0.type == .pong && $0.body == [1, 2, 3] } })
    await client.shutdown()
    await daemon.stop()
  }

  @Test func probesASilentDaemonAndLeavesADeadOne() async throws {
    // Connection 1 answers neither pings nor requests; the second is alive.
    let daemon = try await FakeDaemon.start { arrival, peer in
      if arrival.connection > 1, arrival.type == .request { peer.reply(arrival.stream, FakeReplies.healthy) }
    }
    var configuration = MagpieClient.Configuration.fake(daemon)
    configuration.keepalive = .milliseconds(40)
    configuration.keepaliveTimeout = .milliseconds(40)
    let client = MagpieClient(configuration: configuration)
    #expect(try await client.check() == .ready)
    #expect(daemon.arrivals.contains { $0.type == .ping && $0.connection == 1 })
    await client.shutdown()
    await daemon.stop()
  }

  @Test func keepsASilentDaemonThatAnswersPings() async throws {
    let daemon = try await FakeDaemon.start { arrival, peer in
      switch arrival.type {
      case .ping: peer.pong(arrival.body)
      case .request where arrival.stream > 1: peer.reply(arrival.stream, FakeReplies.healthy)
      default: break
      }
    }
    var configuration = MagpieClient.Configuration.fake(daemon)
    configuration.keepalive = .milliseconds(20)
    configuration.keepaliveTimeout = .seconds(10)
    let client = MagpieClient(configuration: configuration)
    let slow = Task {
      await failure { () throws(MagpieError) in try await client.check(timeout: .milliseconds(300)) }
    }
    #expect(await slow.value?.reason == "deadline_exceeded")
    #expect(daemon.arrivals.count { $0.type == .ping } >= 2)
    #expect(try await client.check() == .ready)
    #expect(daemon.accepted == 1)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func aNameWithSeveralAddressesIsFound() async throws {
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, FakeReplies.healthy) }
    // Where localhost is ::1 as well, the attempt there is refused and must not take the other down.
    var configuration = MagpieClient.Configuration.fake(daemon)
    configuration.host = "localhost"
    configuration.retry = .never
    let client = MagpieClient(configuration: configuration)
    for _ in 0..<20 { #expect(try await client.check() == .ready) }
    #expect(daemon.accepted == 1)
    await client.shutdown()
    await daemon.stop()
  }

  @Test func aNameNobodyKnowsIsReported() async {
    var configuration = MagpieClient.Configuration(host: "no-such-host.invalid")
    configuration.retry = .never
    let client = MagpieClient(configuration: configuration)
    let error = await failure { () throws(MagpieError) in try await client.check() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("no-such-host.invalid") == true, "\(String(describing: error))")
    await client.shutdown()
  }
}
