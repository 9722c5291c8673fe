import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// `/metrics` says what happened, in a form that Prometheus takes.
  @Suite struct MetricsTests {
    static let enabled = ["--set", "metrics.enabled=true", "--set", "metrics.port=0"]

    private func event(_ id: String, item: String = "i", time: Int64 = 0) -> EventDraft {
      var event = EventDraft()
      event.id = Array(id.utf8)
      event.type = Int32(EventType.purchase.rawValue)
      event.user = Array("u".utf8)
      event.item = Array(item.utf8)
      event.timeMicroseconds = time
      return event
    }

    @Test("Counters follow what was sent, and promtool finds nothing to complain about")
    func counters() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = Self.enabled
        try daemon.start()
        let before = try daemon.samples()
        let connection = try daemon.connect()
        _ = try connection.ingest([event("1"), event("2"), event("3", item: "j")])
        _ = try connection.ingest([event("1"), event("4", time: 5)])
        var request = RecommendRequest()
        request.user = Array("u".utf8)
        for _ in 0..<7 { _ = try connection.call(.recommend(request)) }
        request.k = 0
        #expect(throws: Fault.self) { try connection.call(.recommend(request)) }
        // The committer counts a moment after it answered.
        var after = try daemon.samples()
        for _ in 0..<1_000 where after["magpie_commit_duration_seconds_count"] != 1 {
          usleep(5_000)
          after = try daemon.samples()
        }
        func grown(_ name: String) -> Double { (after[name] ?? -1) - (before[name] ?? -1) }
        #expect(grown("magpie_ingest_accepted_total{kind=\"event\"}") == 3)
        #expect(grown("magpie_ingest_duplicates_total") == 1)
        #expect(grown("magpie_ingest_rejected_total{reason=\"event_time_too_old\"}") == 1)
        #expect(grown("magpie_request_duration_seconds_count{method=\"Recommender.Recommend\"}") == 8)
        #expect(grown("magpie_request_failures_total{method=\"Recommender.Recommend\"}") == 1)
        #expect(grown("magpie_faults_total{reason=\"k_out_of_range\"}") == 1)
        #expect(grown("magpie_step_duration_seconds_count{step=\"look\"}") == 7)
        #expect(grown("magpie_slate_fallbacks_total{fallback=\"no_generation\"}") == 7)
        #expect(grown("magpie_fsync_duration_seconds_count{file=\"log\"}") == 1)
        #expect(grown("magpie_log_committed_position") == 3)
        #expect(after["magpie_users{tenant=\"default\"}"] == 1)
        #expect(after["magpie_items{tenant=\"default\"}"] == 2)
        #expect(after["magpie_state{state=\"ready\"}"] == 1)
        #expect(after["magpie_state{state=\"draining\"}"] == 0)
        #expect(after["magpie_connections"] ?? 0 >= 1)
        #expect(grown("magpie_received_bytes_total") > 100)
        #expect(grown("magpie_sent_bytes_total") > 100)
        #expect(after["process_resident_memory_bytes"] ?? 0 > 1_000_000)
        #expect(abs((after["process_start_time_seconds"] ?? 0) - Date().timeIntervalSince1970) < 3_600)
        try Self.lint(daemon)
      }
    }

    /// `promtool check metrics`, from Debian's package prometheus.
    private static func lint(_ daemon: Daemon) throws {
      let page = try Visitor.get("/metrics", port: daemon.metricsPort())
      #expect(page.status == 200)
      #expect(page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let file = try daemon.workplace.write(page.body, to: "page")
      // promtool reads the page from standard input, which the harness keeps empty.
      let finished = try Prometheus.run(
        "/bin/sh", ["-c", "promtool check metrics < '\(file)'"], in: daemon.workplace)
      #expect(finished.ending == .exit(0), "\(finished.output)\(finished.errors)")
      #expect(finished.output.isEmpty && finished.errors.isEmpty, "\(finished.output)\(finished.errors)")
    }

    @Test("docs/operations.md lists every family with its kind, and none that is not there")
    func documented() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = Self.enabled
        try daemon.start()
        let page = try Visitor.get("/metrics", port: daemon.metricsPort()).body
        var served: Set<String> = []
        for line in page.split(separator: "\n") where line.hasPrefix("# TYPE ") {
          let words = line.split(separator: " ")
          served.insert("\(words[2]) \(words[3])")
        }
        let text = try String(contentsOfFile: Programs.repository + "/docs/operations.md", encoding: .utf8)
        var listed: Set<String> = []
        for line in text.split(separator: "\n")
        where line.hasPrefix("| `magpie_") || line.hasPrefix("| `process_") {
          let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
          let name = cells[0].dropFirst().prefix { $0 != "`" && $0 != "{" }
          listed.insert("\(name) \(cells[1])")
        }
        #expect(served.subtracting(listed).sorted() == [], "not in docs/operations.md")
        #expect(listed.subtracting(served).sorted() == [], "in docs/operations.md only")
      }
    }

    @Test("A real Prometheus scrapes the daemon, and its queries answer with what happened")
    func scraped() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = Self.enabled
        try daemon.start()
        _ = try daemon.connect().ingest([event("a"), event("b")])
        let prometheus = try Prometheus(in: daemon.workplace, scraping: daemon.metricsPort())
        #expect(try prometheus.wait(for: "up{job=\"magpie\"}", 1) == 1)
        #expect(try prometheus.wait(for: "magpie_ingest_accepted_total{kind=\"event\"}", 2) == 2)
        #expect(try prometheus.wait(for: "magpie_log_committed_position", 2) == 2)
        #expect(try prometheus.wait(for: "magpie_build_info{version=\"\(productVersion)\"}", 1) == 1)
        // The alerts of the documentation are rules that Prometheus takes, and every series in them exists.
        let text = try String(contentsOfFile: Programs.repository + "/docs/operations.md", encoding: .utf8)
        let rules = try require(
          text.components(separatedBy: "```yaml\n").dropFirst().first { $0.hasPrefix("groups:") }
            .flatMap { $0.components(separatedBy: "```").first }, "no alerts in docs/operations.md")
        let file = try daemon.workplace.write(rules, to: "alerts.yaml")
        let checked = try Prometheus.run("promtool", ["check", "rules", file], in: daemon.workplace)
        #expect(checked.ending == .exit(0), "\(checked.output)\(checked.errors)")
        let names = rules.matches(of: /\bmagpie_[a-z_]+/).map { String($0.output) }
        for name in Set(names) {
          #expect(try prometheus.wait(for: "count({__name__=\"\(name)\"}) > bool 0", 1) == 1, "\(name)")
        }
      }
    }
  }
}
