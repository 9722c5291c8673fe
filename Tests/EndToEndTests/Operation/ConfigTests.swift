import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// `magpie config` on a daemon that serves.
  @Suite struct ConfigTests {
    private static func configured(_ daemon: Daemon) throws -> String {
      String(try daemon.status().configurationHash, radix: 16)
    }

    @Test("Changes hold at once and over a restart, mistakes change nothing, a reset brings the file back")
    func changes() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = [
          "--config", try daemon.workplace.write("reading:\n  source_width: 50\n", to: "m.yaml"),
        ]
        try daemon.start()
        let before = try Self.configured(daemon)

        let set = try daemon.magpie(
          "config", "set", "reading.hide_seen=false", "scenarios.gifts.filter=item.price < 50", "--json")
        #expect(set.ending == .exit(0), "\(set.errors)")
        #expect(set.output.contains("scenarios.gifts"))
        #expect((set.json as? [String: Any])?["revision"] as? Int == 1)
        let after = try Self.configured(daemon)
        #expect(after != before)

        let typo = try daemon.magpie("config", "set", "reading.hide_seem=false")
        #expect(typo.ending == .exit(1) && typo.errors.contains("reading.hide_seen"), "\(typo.errors)")
        let bad = try daemon.workplace.write("reading:\n  filter: item.price < \"x\"\n", to: "bad.yaml")
        let refused = try daemon.magpie("config", "apply", bad)
        #expect(
          refused.ending == .exit(1) && refused.errors.contains(":2")
            && refused.errors.contains("character 14"))
        #expect(try Self.configured(daemon) == after)

        #expect(try daemon.stop() == .exit(0))
        try daemon.start()
        #expect(try Self.configured(daemon) == after)
        let part = try daemon.magpie("config", "get", "scenarios")
        #expect(part.output.contains("scenarios.gifts.filter: \"item.price < 50\""), "\(part.output)")
        let history = try daemon.magpie("config", "history")
        #expect(history.output.contains("set"))

        let reset = try daemon.magpie("config", "reset", "--all")
        #expect(reset.ending == .exit(0) && reset.output.contains("reading.hide_seen"))
        #expect(try Self.configured(daemon) == before)
      }
    }

    @Test("A damaged file of changes keeps the daemon from starting, with its name")
    func damage() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        #expect(try daemon.magpie("config", "set", "reading.hide_seen=false").ending == .exit(0))
        #expect(try daemon.stop() == .exit(0))
        let file = daemon.data + "/configuration.changes"
        var bytes = [UInt8](try #require(FileManager.default.contents(atPath: file)))
        bytes[30] ^= 1
        try Data(bytes).write(to: URL(filePath: file))
        try daemon.launch()
        #expect(try daemon.running().wait(seconds: 30) == .exit(65))
        #expect(daemon.workplace.read(daemon.errorsName).contains("configuration.changes"))
        try FileManager.default.removeItem(atPath: file)
        try daemon.start()
      }
    }
  }
}
