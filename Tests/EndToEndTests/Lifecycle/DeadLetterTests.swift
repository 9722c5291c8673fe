import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// Refused events are kept over restarts, listed, tried again and forgotten, from the command line.
  @Suite struct DeadLetterTests {
    private static func event(_ id: String, _ change: (inout EventDraft) -> Void = { _ in }) -> EventDraft {
      var event = EventDraft()
      event.id = Array(id.utf8)
      event.type = Int32(EventType.purchase.rawValue)
      event.user = Array("u".utf8)
      event.item = Array("i".utf8)
      change(&event)
      return event
    }

    private static func list(_ daemon: Daemon) throws -> [[String: Any]] {
      let finished = try daemon.magpie("dead-letters", "list", "--json")
      guard finished.ending == .exit(0), let page = finished.json as? [String: Any],
        let letters = page["letters"] as? [[String: Any]], page["total"] as? Int == letters.count
      else {
        throw HarnessFailure("list ended with \(finished.ending): \(finished.output)\(finished.errors)")
      }
      return letters
    }

    @Test("Kept, listed, tried again, forgotten; over a restart and with one identifier counted once")
    func life() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        #expect(try Self.list(daemon).isEmpty)
        let connection = try daemon.connect()
        // Ten seconds beyond what is allowed: becomes acceptable while we wait.
        let soon = Int64(Date().timeIntervalSince1970 * 1e6) + 300_000_000 + 10_000_000
        let reply = try connection.ingest([
          Self.event("good"), Self.event("early") { $0.timeMicroseconds = soon },
          Self.event("type") { $0.type = 99 }, Self.event("nan") { $0.value = .nan },
        ])
        #expect(reply.verdicts.count { if case .rejected = $0 { true } else { false } } == 3)
        // Another event under a used identifier is found out by the committer.
        _ = try connection.ingest([Self.event("good") { $0.item = Array("other".utf8) }])
        var letters = try Self.list(daemon)
        #expect(letters.map { $0["id"] as? String } == ["early", "type", "nan", "good"])
        #expect(
          letters.map { $0["reason"] as? String } == [
            "event_time_future", "event_type_unknown", "non_finite", "event_id_reused",
          ])

        #expect(try daemon.stop() == .exit(0))
        try daemon.start()
        letters = try Self.list(daemon)
        #expect(letters.map { $0["number"] as? Int } == [1, 2, 3, 4], "\(letters)")

        // Wait until the first is in the allowed time, then try all again: one is taken, the others stay.
        while Int64(Date().timeIntervalSince1970 * 1e6) + 299_000_000 < soon { usleep(100_000) }
        let tried = try daemon.magpie("dead-letters", "requeue", "--all", "--json")
        #expect(tried.ending == .exit(1), "\(tried.output)\(tried.errors)")
        let outcome = tried.json as? [String: Int]
        #expect(
          outcome?["requeued"] == 1 && outcome?["refused"] == 3 && outcome?["total"] == 3, "\(tried.output)")
        #expect(try daemon.status().committed == Position(2))
        #expect(try Self.list(daemon).map { $0["id"] as? String } == ["type", "nan", "good"])
        // The same event sent by its owner now is the one that was requeued.
        let repeated = try daemon.connect().ingest([Self.event("early") { $0.timeMicroseconds = soon }])
        #expect(repeated.verdicts == [.duplicate(Position(2))])

        let shown = try daemon.magpie("dead-letters", "show", "2")
        #expect(shown.ending == .exit(0) && shown.output.contains("event_type_unknown"), "\(shown.output)")
        #expect(try daemon.magpie("dead-letters", "drop", "2", "4").ending == .exit(0))
        #expect(try Self.list(daemon).map { $0["number"] as? Int } == [3])
        #expect(try daemon.magpie("dead-letters", "show", "2").ending == .exit(1))
        #expect(try daemon.magpie("dead-letters", "drop").ending == .exit(2))
        #expect(try daemon.magpie("dead-letters", "drop", "--all").ending == .exit(0))
        #expect(try Self.list(daemon).isEmpty)
      }
    }

    @Test("A damaged file of dead letters does not keep the daemon from starting, and is not lost silently")
    func damaged() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        _ = try daemon.connect().ingest([Self.event("1") { $0.type = 99 }, Self.event("2") { $0.type = 99 }])
        #expect(try Self.list(daemon).count == 2)
        #expect(try daemon.stop() == .exit(0))
        let path = daemon.data + "/quarantine/dead-letters"
        let whole = [UInt8](try require(FileManager.default.contents(atPath: path), "no file"))
        // The last letter is torn.
        try Data(whole.dropLast(3)).write(to: URL(fileURLWithPath: path))
        try daemon.start()
        #expect(try Self.list(daemon).map { $0["id"] as? String } == ["1"])
        _ = try daemon.waitForLog("dead_letters_damaged")
        #expect(try daemon.stop() == .exit(0))
        // Not ours at all: set aside.
        try Data("something else".utf8).write(to: URL(fileURLWithPath: path))
        try daemon.start()
        #expect(try Self.list(daemon).isEmpty)
        let aside = try FileManager.default.contentsOfDirectory(atPath: daemon.data + "/quarantine")
        #expect(aside.contains { $0.hasSuffix("-dead-letters") }, "\(aside)")
      }
    }
  }
}
