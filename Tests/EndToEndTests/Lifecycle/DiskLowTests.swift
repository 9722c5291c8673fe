import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// Ingest stops before the disk is full, reads go on, and ingest goes on by itself when there is space.
  @Suite struct DiskLowTests {
    private static func event(_ id: String) -> EventDraft {
      var event = EventDraft()
      event.id = Array(id.utf8)
      event.type = Int32(EventType.purchase.rawValue)
      event.user = Array("u".utf8)
      event.item = Array("i".utf8)
      return event
    }

    @Test("A reserve larger than the disk refuses ingest with disk_low; a smaller one lets it go on")
    func reserve() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        let file = try daemon.workplace.write("disk_free_bytes_min: 0\n", to: "magpie.yaml")
        daemon.arguments = MetricsTests.enabled + ["--config", file]
        try daemon.start()
        let port = try daemon.metricsPort()
        let connection = try daemon.connect()
        _ = try connection.ingest([Self.event("1")])

        try daemon.workplace.write("disk_free_bytes_min: 1_125_899_906_842_624\n", to: "magpie.yaml")
        try daemon.running().send(SIGHUP)
        _ = try daemon.waitForLog("configuration") { $0["changed"] as? String == "disk_free_bytes_min" }
        do {
          _ = try connection.ingest([Self.event("2")])
          Issue.record("ingest was not refused")
        } catch let fault as Fault {
          #expect(fault.reason == .diskLow)
          #expect(fault.retryAfterMilliseconds ?? 0 > 0)
        }
        #expect(try daemon.samples()["magpie_disk_low"] == 1)
        #expect(try Visitor.get("/readyz?role=write", port: port).status == 503)
        #expect(try Visitor.get("/readyz?role=read", port: port).status == 200)
        var request = RecommendRequest()
        request.user = Array("u".utf8)
        _ = try connection.call(.recommend(request))
        _ = try daemon.waitForLog("disk_low")

        try daemon.workplace.write("disk_free_bytes_min: 0\n", to: "magpie.yaml")
        try daemon.running().send(SIGHUP)
        var isTaken = false
        for _ in 0..<1_000 where !isTaken {
          isTaken = (try? connection.ingest([Self.event("2")])) != nil
          usleep(5_000)
        }
        #expect(isTaken, "\(daemon.log)")
        _ = try daemon.waitForLog("disk_recovered")
        #expect(try daemon.status().committed == Position(2))
      }
    }
  }
}
