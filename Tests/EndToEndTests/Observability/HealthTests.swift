import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// `/livez`, `/readyz`, and what strangers may try on that port.
  @Suite struct HealthTests {
    private static func started() throws -> (daemon: Daemon, port: UInt16) {
      let daemon = try Daemon(in: Workplace())
      daemon.arguments = MetricsTests.enabled
      try daemon.start()
      return (daemon, try daemon.metricsPort())
    }

    @Test("A running daemon is alive and ready; roles and details are told on request")
    func pages() async throws {
      try await onThread {
        let (daemon, port) = try Self.started()
        #expect(try Visitor.get("/livez", port: port).status == 200)
        let ready = try Visitor.get("/readyz", port: port)
        #expect(ready.status == 200)
        #expect(ready.body == "ok\n")
        let details = try Visitor.get("/readyz?verbose", port: port).body
        #expect(details.contains("[+] log writable") && details.contains("[+] disk space"), "\(details)")
        #expect(!(try Visitor.get("/readyz?role=read&verbose", port: port)).body.contains("disk space"))
        #expect(try Visitor.get("/readyz?role=nobody", port: port).status == 400)
        #expect(try Visitor.get("/", port: port).status == 404)
        #expect(
          try Visitor.send(
            "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
            port: port
          ).status == 405)
        let head = try Visitor.send(
          "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", port: port)
        #expect(head.status == 200 && head.body.isEmpty)
        #expect(try daemon.status().state == .ready)
      }
    }

    @Test(
      "What a scrub finds damaged is said by /readyz, which sends nobody away, until a scrub finds none, also after a restart"
    )
    func damageFound() async throws {
      try await onThread {
        let (daemon, port) = try Self.started()
        _ = try Samples.send("1", to: daemon)
        #expect(try daemon.magpie("snapshot", "create").ending == .exit(0))
        let snapshots = daemon.data + "/snapshots"
        let name = try require(
          FileManager.default.contentsOfDirectory(atPath: snapshots).first, "no snapshot")
        let path = "\(snapshots)/\(name)/configuration.yaml"
        let original = try require(FileManager.default.contents(atPath: path), "no configuration")
        try FileManager.default.removeItem(atPath: path)
        #expect(try daemon.magpie("scrub").ending == .exit(65))
        func look(_ port: UInt16) throws {
          for page in ["/readyz", "/readyz?role=read"] {
            let answer = try Visitor.get(page, port: port)
            #expect(answer.status == 200)
            #expect(
              answer.body.contains("[!] stored data") && answer.body.hasSuffix("degraded\n"), "\(answer.body)"
            )
          }
          #expect(try Visitor.get("/metrics", port: port).body.contains("magpie_scrub_damaged_files 1\n"))
          let status = try daemon.magpie("status").output
          #expect(status.contains("Scrub: 1 damaged"), "\(status)")
          #expect(try Samples.reads(daemon))
        }
        try look(port)
        #expect(try daemon.stop() == .exit(0))
        try daemon.start()
        let again = try daemon.metricsPort()
        try look(again)
        try original.write(to: URL(filePath: path))
        #expect(try daemon.magpie("scrub").ending == .exit(0))
        #expect(try Visitor.get("/readyz", port: again).body == "ok\n")
      }
    }

    @Test("Hostile visitors are shown out, cost nothing that lasts, and nobody else notices")
    func hostile() async throws {
      try await onThread {
        let (daemon, port) = try Self.started()
        let before = try require(daemon.running().residentBytes, "no memory figure")
        // Endless headers, an endless address, an endless body, nonsense, TLS, the engine's own protocol.
        let endless = String(repeating: "a", count: 8 << 20)
        for attack in [
          "GET /metrics HTTP/1.1\r\nX: \(endless)", "GET /\(endless)",
          "POST /metrics HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n\(endless)", "\u{0}\u{1}\u{2}\r\n\r\n",
          "\u{16}\u{3}\u{1}", "GET /metrics HTTP/9.9\r\n\r\n",
          "GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        ] {
          let answer = try Visitor.exchange(Array(attack.utf8), port: port, seconds: 30)
          #expect(!String(decoding: answer, as: UTF8.self).contains(" 200 "), "\(attack.prefix(40))")
        }
        // More visitors than there is room for: the quietest go, the next one is served.
        let crowd = try (0..<100).map { _ in try Visitor.open(port: port) }
        #expect(try Visitor.get("/livez", port: port).status == 200)
        for descriptor in crowd { close(descriptor) }
        // One that asks and asks without reading.
        let greedy = try Visitor.open(port: port)
        let page = Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        for _ in 0..<400 {
          if page.withUnsafeBytes({ Glibc.send(greedy, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }) <= 0
          {
            break
          }
        }
        #expect(try Visitor.get("/metrics", port: port).status == 200)
        close(greedy)
        let after = try require(daemon.running().residentBytes, "no memory figure")
        #expect(Sanitizer.isOn || after < before + (64 << 20), "memory grew from \(before) to \(after)")
        #expect(try daemon.status().state == .ready)
      }
    }

    @Test("Half a request is not waited for longer than ten seconds")
    func halfRequest() async throws {
      try await onThread {
        let (daemon, port) = try Self.started()
        let answer = try Visitor.exchange(Array("GET /metr".utf8), port: port, seconds: 30)
        #expect(answer.isEmpty)
        #expect(try daemon.status().state == .ready)
      }
    }
  }
}
