import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// A search for settings, as processes see it.
  @Suite struct TuneTests {
    @Test(
      "A killed search goes on where it ended, by hand and in the daemon, and generations show tells of it")
    func killedSearch() async throws {
      try await onThread {
        let workplace = try Workplace()
        let daemon = try Daemon(in: workplace)
        try daemon.start()
        let sample = Programs.repository + "/docs/sample/online-retail/events.csv"
        let lines = try String(contentsOfFile: sample, encoding: .utf8).split(separator: "\n")
        try workplace.write(
          (lines.prefix(1) + lines.suffix(20_000)).joined(separator: "\n") + "\n", to: "events.csv")
        let imported = try daemon.magpie("import", workplace.file("events.csv"), "--kind", "events")
        #expect(imported.ending == .exit(0), "\(imported.errors)")
        #expect(try daemon.stop() == .exit(0))

        let shelf = daemon.data + "/generations/default"
        let journal = shelf + "/tuning.journal"
        func trials() -> Int {
          let text = FileManager.default.contents(atPath: journal) ?? Data()
          return max(0, text.split(separator: 10).count - 1)
        }
        let flags = [
          "--data", daemon.data, "--generation", "1", "--through", "20000", "--progress", "json",
          "--iterations", "3", "--factors", "8", "--blend", "off", "--linear", "off",
          "--user-neighbours", "off", "--gate", "off",
        ]
        let killed = try TrainerProcess.run(flags + ["--tune", "60"], in: workplace) { process, _ in
          if trials() >= 12 { process.kill() }
        }
        #expect(killed.ending == .signal(SIGKILL))
        #expect(killed.output.contains("\"stage\":\"tune\""))
        let done = trials()
        #expect(done >= 12)
        // Next time there are six seconds, of which those before the kill were used.
        let resumed = try TrainerProcess.run(flags + ["--tune", "0.1"], in: workplace)
        #expect(resumed.ending == .exit(0), "\(resumed.errors)")
        let said = resumed.errors.split(separator: "\n").first { $0.contains("goes on after") }
        let number = said?.split(separator: " ").compactMap { Int($0) }.first ?? 0
        #expect(number >= 12 && number <= done, "\(resumed.errors)")
        #expect(!FileManager.default.fileExists(atPath: journal))
        #expect(FileManager.default.fileExists(atPath: shelf + "/tuned-settings.json"))

        // The daemon's next training uses it, and says so to whoever asks.
        daemon.arguments = [
          "--set", "training.linear=off", "--set", "training.user_neighbours=off", "--set",
          "training.gate=off",
          "--set", "training.blend=false", "--set", "training.factors=8",
        ]
        try daemon.start()
        let trained = try daemon.magpie("train", "--wait", "--json", "--timeout", "60", seconds: 300)
        #expect(trained.ending == .exit(0), "\(trained.errors)")
        let shown = try daemon.magpie("generations", "show", "--json")
        let summary = try require(shown.json as? [String: Any], shown.output)
        let tuning = try require(summary["tuning"] as? [String: Any], "\(summary)")
        #expect((tuning["generation"] as? NSNumber)?.intValue == 1)
        let families = try require(tuning["families"] as? [[String: Any]], "\(tuning)")
        #expect(
          families.map { $0["family"] as? String } == ["popularity", "transitions", "cooccurrence", "ials"])
        #expect(families.allSatisfy { $0["used"] as? Bool == true }, "\(families)")
        let plain = try daemon.magpie("generations", "show")
        #expect(plain.output.contains("Settings come from a search in generation 1"), "\(plain.output)")

        let refused = try daemon.magpie("train", "--tune", "0")
        #expect(refused.ending == .exit(2), "\(refused.errors)")
        #expect(try daemon.stop() == .exit(0))
      }
    }
  }
}
