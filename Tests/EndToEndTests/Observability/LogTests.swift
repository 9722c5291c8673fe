import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// Every line of the log is what docs/operations.md says a line is.
  @Suite struct LogTests {
    /// Events listed in the documentation, with the levels they may have.
    private static func documented() throws -> [String: Set<String>] {
      let text = try String(contentsOfFile: Programs.repository + "/docs/operations.md", encoding: .utf8)
      let logs =
        try require(text.components(separatedBy: "\n## Logs\n").dropFirst().first, "no section on logs")
        .components(separatedBy: "\n## ").first ?? ""
      var events: [String: Set<String>] = [:]
      for line in logs.split(separator: "\n") where line.hasPrefix("| `") {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        let levels = Set(cells[1].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        for name in cells[0].split(separator: ",") {
          events[name.trimmingCharacters(in: CharacterSet(charactersIn: " `"))] = levels
        }
      }
      return events
    }

    @Test(
      "A life with a fault, a reload, a training and a drain writes only documented events, each line complete"
    )
    func lines() async throws {
      try await onThread {
        let documented = try Self.documented()
        #expect(documented.count > 15)
        let daemon = try Daemon(in: Workplace())
        let file = try daemon.workplace.write("log_level: info\n", to: "magpie.yaml")
        daemon.arguments = MetricsTests.enabled + ["--config", file, "--set", "training.iterations=2"]
        try daemon.start()
        var event = EventDraft()
        event.id = [49]
        event.type = Int32(EventType.purchase.rawValue)
        event.user = [49]
        event.item = [49]
        _ = try daemon.connect().ingest([event])
        _ = try? daemon.connect().call(.train(TrainRequest()))
        for text in [
          "log_level: info\nidle_seconds: 800\n", "log_levl: info\n",
          "disk_free_bytes_min: 1_125_899_906_842_624\n",
        ] {
          let before = try daemon.logLines().count { $0["event"] as? String == "configuration" }
          try daemon.workplace.write(text, to: "magpie.yaml")
          try daemon.running().send(SIGHUP)
          for _ in 0..<2_000 {
            if try daemon.logLines().count(where: { $0["event"] as? String == "configuration" }) > before {
              break
            }
            usleep(5_000)
          }
        }
        event.id = [50]
        #expect(throws: Fault.self) { try daemon.connect().ingest([event]) }
        #expect(try daemon.stop() == .exit(0))
        try daemon.start()
        daemon.kill()
        let lines = try daemon.logLines()
        let levels: Set<String> = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
        let stamp = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/
        for line in lines {
          let name = try require(line["event"] as? String, "a line without an event: \(line)")
          let level = line["level"] as? String ?? ""
          #expect(levels.contains(level), "\(line)")
          #expect((line["ts"] as? String)?.wholeMatch(of: stamp) != nil, "\(line)")
          #expect(line["component"] as? String == "magpied", "\(line)")
          #expect(!((line["msg"] as? String) ?? "").isEmpty, "\(line)")
          #expect(line.values.allSatisfy { $0 is String }, "every value is a text: \(line)")
          let allowed = try require(documented[name], "docs/operations.md does not list \(name)")
          #expect(allowed.contains(level), "\(name) at \(level) is not as documented: \(allowed)")
        }
        let seen = Set(lines.compactMap { $0["event"] as? String })
        #expect(
          seen.isSuperset(of: [
            "metrics", "restored", "ready", "configuration", "disk_low", "draining", "stopped",
          ]),
          "\(seen)")
      }
    }

    @Test("On request the log is text, one line for each message")
    func text() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = ["--log-format", "text"]
        try daemon.start()
        #expect(try daemon.stop() == .exit(0))
        let line = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (info|notice|warning) .+ event=[a-z_]+.*/
        let lines = daemon.workplace.read("magpied.err").split(separator: "\n")
        #expect(lines.count >= 4)
        for text in lines { #expect(text.wholeMatch(of: line) != nil, "\(text)") }
      }
    }
  }
}
