import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// SIGHUP: what may change while running changes, what may not is named, and a bad file changes nothing.
  @Suite struct ReloadTests {
    private static func started(_ text: String) throws -> Daemon {
      let daemon = try Daemon(in: Workplace())
      daemon.arguments = ["--config", try daemon.workplace.write(text, to: "magpie.yaml")]
      try daemon.start()
      return daemon
    }

    /// Writes the file anew, sends SIGHUP, and waits for the line about it.
    private static func reload(
      _ daemon: Daemon, _ text: String, _ matches: ([String: Any]) -> Bool
    ) throws -> [String: Any] {
      try daemon.workplace.write(text, to: "magpie.yaml")
      try daemon.running().send(SIGHUP)
      return try daemon.waitForLog("configuration", matches)
    }

    private static func slate(_ daemon: Daemon) throws -> Slate {
      var request = RecommendRequest()
      request.user = Array("u".utf8)
      guard case .recommend(let slate) = try daemon.connect().call(.recommend(request)) else {
        throw HarnessFailure("the reply to Recommend is another one")
      }
      return slate
    }

    @Test("Read-path settings change answers and the configuration hash; the old file brings both back")
    func readPath() async throws {
      try await onThread {
        let daemon = try Self.started("reading:\n  hide_seen: true\n")
        var items = PutItemsRequest()
        items.items = ["a", "b"].map { id in
          var draft = ItemDraft()
          draft.id = Array(id.utf8)
          return draft
        }
        _ = try daemon.connect().call(.putItems(items))
        var event = EventDraft()
        event.id = [1]
        event.type = Int32(EventType.purchase.rawValue)
        event.user = Array("u".utf8)
        event.item = Array("a".utf8)
        _ = try daemon.connect().ingest([event])
        let before = try Self.slate(daemon)
        #expect(before.items.map(\.item.text) == ["b"])

        let line = try Self.reload(daemon, "reading:\n  hide_seen: false\n") {
          $0["changed"] as? String == "reading.hide_seen"
        }
        #expect(line["restart"] as? String == "")
        let after = try Self.slate(daemon)
        #expect(Set(after.items.map(\.item.text)) == ["a", "b"])
        #expect(after.configurationHash != before.configurationHash)
        #expect(line["configuration_hash"] as? String == String(after.configurationHash, radix: 16))

        _ = try Self.reload(daemon, "reading:\n  hide_seen: true\n") {
          ($0["configuration_hash"] as? String) == String(before.configurationHash, radix: 16)
        }
        let again = try Self.slate(daemon)
        #expect(again.items.map(\.item.text) == ["b"])
        #expect(again.configurationHash == before.configurationHash)
      }
    }

    @Test("What needs a restart is named and stays; the rest of the same file changes")
    func restart() async throws {
      try await onThread {
        let daemon = try Self.started("idle_seconds: 900\n")
        let hash = try daemon.status().configurationHash
        let line = try Self.reload(
          daemon,
          "host: 0.0.0.0\ntenants: [default, other]\nweights:\n  view: 3\nlog_level: debug\nevent_loops: 3\n"
        ) { $0["changed"] as? String == "log_level" }
        let waiting = (line["restart"] as? String)?.split(separator: ",").map(String.init) ?? []
        #expect(Set(waiting) == ["host", "tenants", "event_loops", "weights.view"])
        #expect((line["msg"] as? String)?.contains("tenants") == true)
        #expect(try daemon.status().configurationHash == hash, "weights wait, and so does their hash")
        #expect(try daemon.status().tenants.count == 1)
      }
    }

    @Test("The log level changes at once, both ways")
    func logLevel() async throws {
      try await onThread {
        let daemon = try Self.started("log_level: info\n")
        func breakRules() throws {
          let connection = try daemon.connect()
          try connection.send([UInt8](repeating: 0x41, count: 64))
          _ = try connection.drainFrames()
        }
        func debugLines() throws -> Int { try daemon.logLines().count { $0["level"] as? String == "debug" } }
        try breakRules()
        #expect(try debugLines() == 0)
        _ = try Self.reload(daemon, "log_level: debug\n") { $0["changed"] as? String == "log_level" }
        try breakRules()
        for _ in 0..<2_000 where try debugLines() == 0 { usleep(5_000) }
        #expect(try debugLines() > 0)
        try daemon.workplace.write("log_level: error\n", to: "magpie.yaml")
        try daemon.running().send(SIGHUP)
        // Its own line is a notice, and so it is no longer written: wait for the effect instead.
        var quiet = 0
        for _ in 0..<200 where quiet == 0 {
          let count = try debugLines()
          try breakRules()
          usleep(20_000)
          if try debugLines() == count { quiet += 1 }
        }
        #expect(quiet == 1)
      }
    }

    @Test("A file with a fault is refused with key and line, and everything stays as it was")
    func badFile() async throws {
      try await onThread {
        let daemon = try Self.started("reading:\n  hide_seen: true\n")
        let hash = try daemon.status().configurationHash
        let line = try Self.reload(daemon, "log_level: debug\nreading:\n  hide_seen: perhaps\n") {
          $0["level"] as? String == "error"
        }
        #expect(line["key"] as? String == "reading.hide_seen")
        #expect(line["line"] as? String == "3")
        #expect((line["msg"] as? String)?.contains("magpie.yaml:3") == true)
        #expect(try daemon.status().configurationHash == hash)
        #expect(try daemon.logLines().allSatisfy { $0["level"] as? String != "debug" })
        // It still stops in order.
        #expect(try daemon.stop() == .exit(0))
      }
    }

    @Test("The training schedule can be switched on while running")
    func schedule() async throws {
      try await onThread {
        let daemon = try Self.started("training:\n  every_seconds: 0\n  iterations: 2\n  factors: 4\n")
        let connection = try daemon.connect()
        for batch in 0..<3 {
          let events = (0..<200).map { index in
            var event = EventDraft()
            event.id = Array("\(batch)-\(index)".utf8)
            event.type = Int32(EventType.purchase.rawValue)
            event.user = Array("user-\(index % 20)".utf8)
            event.item = Array("item-\((index * 7 + batch) % 30)".utf8)
            event.timeMicroseconds = 1_700_000_000_000_000 + Int64(batch * 200 + index) * 60_000_000
            return event
          }
          _ = try connection.ingest(events)
        }
        #expect(try daemon.status().tenants.first?.training.state == .idle)
        _ = try Self.reload(daemon, "training:\n  every_seconds: 3600\n  iterations: 2\n  factors: 4\n") {
          $0["changed"] as? String == "training.every_seconds"
        }
        _ = try daemon.waitForLog("training_started")
        _ = try daemon.waitForLog("training_succeeded", seconds: 120)
      }
    }

    @Test("Fewer connections are allowed from the moment of the reload")
    func connections() async throws {
      try await onThread {
        let daemon = try Self.started("connections_max: 50\n")
        let first = try daemon.connect()
        _ = try first.call(.check)
        _ = try Self.reload(daemon, "connections_max: 1\n") { $0["changed"] as? String == "connections_max" }
        let second = try daemon.connect()
        let frames = try second.drainFrames()
        #expect(frames.last.map { (try? second.fault($0))?.reason } == .tooManyConnections)
        // The one that was there stays.
        _ = try first.call(.check)
      }
    }
  }
}
