import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// The ways to end a daemon.
  @Suite struct StopTests {
    /// Asks for more than the sockets between us hold and reads none of it, so that a drain has to wait.
    private static func clog(_ daemon: Daemon) throws -> Connection {
      var items = PutItemsRequest()
      items.items = (0..<1_000).map { number in
        var draft = ItemDraft()
        draft.id = Array(String(repeating: "x", count: 200).utf8) + Array("\(number)".utf8)
        return draft
      }
      _ = try daemon.connect().call(.putItems(items))
      let connection = try daemon.connect()
      var request = RecommendRequest()
      request.user = [1]
      request.k = 1_000
      for _ in 0..<100 { try connection.send(.recommend(request)) }
      return connection
    }

    @Test(
      "While draining: not ready, alive, no new connection; a second SIGTERM ends at once and loses nothing")
    func secondSignal() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = MetricsTests.enabled + ["--set", "drain_seconds=120"]
        try daemon.start()
        let port = try daemon.metricsPort()
        let clogged = try Self.clog(daemon)
        let writer = try daemon.connect()
        var event = EventDraft()
        event.id = Array("kept".utf8)
        event.type = Int32(EventType.like.rawValue)
        event.user = Array("u".utf8)
        event.item = Array("i".utf8)
        let reply = try writer.ingest([event])
        let process = try daemon.running()
        process.send(SIGTERM)
        _ = try daemon.waitForLog("draining")
        var readiness = 200
        for _ in 0..<1_000 where readiness == 200 {
          readiness = try Visitor.get("/readyz", port: port).status
          usleep(2_000)
        }
        #expect(readiness == 503)
        #expect(try Visitor.get("/readyz", port: port).body.contains("draining"))
        #expect(try Visitor.get("/livez", port: port).status == 200)
        var isRefused = false
        for _ in 0..<1_000 where !isRefused {
          isRefused = (try? daemon.connect()) == nil
          usleep(2_000)
        }
        #expect(isRefused)
        #expect(process.isRunning, "the clogged connection holds the drain")
        process.send(SIGTERM)
        #expect(process.wait(seconds: 20) == .exit(128 + SIGTERM))
        withExtendedLifetime(clogged) {}

        // What was acknowledged is there, once.
        try daemon.start()
        #expect(try daemon.connect().ingest([event]).verdicts == [.duplicate(reply.position)])
      }
    }

    @Test("A drain gives up on a peer that does not read after drain_seconds, and still ends with 0")
    func timeout() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = ["--set", "drain_seconds=1"]
        try daemon.start()
        let clogged = try Self.clog(daemon)
        #expect(try daemon.stop(seconds: 30) == .exit(0))
        withExtendedLifetime(clogged) {}
      }
    }

    @Test("A request in flight when SIGTERM comes is answered")
    func inFlight() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let connection = try daemon.connect()
        let streams = try (0..<200).map { number in
          var request = IngestEventsRequest()
          var event = EventDraft()
          event.id = Array("e\(number)".utf8)
          event.type = Int32(EventType.like.rawValue)
          event.user = Array("u".utf8)
          event.item = Array("i".utf8)
          request.events = [event]
          return try connection.send(.ingestEvents(request))
        }
        try daemon.running().send(SIGTERM)
        let frames = try connection.drainFrames()
        let answered = Set(frames.filter { $0.type == ReceivedFrame.reply }.map(\.stream))
        // Each was either done or refused with `draining`; none was left without a word.
        #expect(answered == Set(streams))
        let refused = try frames.filter { $0.type == ReceivedFrame.reply && $0.code != 0 }.map {
          try connection.fault($0).reason
        }
        #expect(refused.allSatisfy { $0 == .draining })
        #expect(try daemon.running().wait(seconds: 30) == .exit(0))
        try daemon.start()
        #expect(try daemon.status().committed.value == UInt64(streams.count - refused.count))
      }
    }

    @Test("magpie drain ends the daemon with 0")
    func drainCommand() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let finished = try daemon.magpie("drain", "--wait", "--json")
        #expect(finished.ending == .exit(0), "\(finished.errors)")
        #expect((finished.json as? [String: Any])?["gone"] as? Bool == true, "\(finished.output)")
        #expect(try daemon.running().wait(seconds: 20) == .exit(0))
        #expect(try daemon.logLines().contains { $0["cause"] as? String == "Admin.Drain" })
        let again = try daemon.magpie("drain")
        #expect(again.ending == .exit(69), "\(again.errors)")
      }
    }
  }
}
