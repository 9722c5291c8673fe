import Foundation
import MagpieClient
import Testing
import Torture

extension EndToEnd {
  /// The program behind script/torture: in short here, for hours by hand.
  @Suite struct TortureTests {
    @Test("A short torture loses nothing, applies nothing twice, and says so under the documented keys")
    func shortTorture() async throws {
      let seed = testSeed()
      try await onThread {
        let workplace = try Workplace()
        var arguments = [
          "--rounds", "40", "--seed", "\(seed % 1_000_000)", "--directory", workplace.path, "--json",
          "--shim",
          try FaultShim.path(),
        ]
        var program = "magpie-torture"
        if geteuid() == 0 {
          // Mounts of a run that is killed must not outlive it.
          arguments = ["--mount", "--propagation", "private", try Programs.path(program)] + arguments
          program = "/usr/bin/unshare"
        }
        let finished = try Programs.run(program, arguments, in: workplace, seconds: 300)
        print("torture: seed \(seed % 1_000_000)\n\(finished.errors)")
        #expect(finished.ending == .exit(0), "seed \(seed % 1_000_000): \(finished.errors)")
        let report = try #require(finished.json as? [String: Any])
        #expect(Set(report.keys) == ["kills", "acknowledged", "lost", "duplicated", "recovery_times"])
        #expect(report["lost"] as? Int == 0)
        #expect(report["duplicated"] as? Int == 0)
        #expect(report["kills"] as? Int ?? 0 >= 25)
        #expect(report["acknowledged"] as? Int ?? 0 > 1_000)
        let times = try #require(report["recovery_times"] as? [String: Double])
        #expect(Set(times.keys) == ["p50", "p99", "max"])
      }
    }

    @Test(
      "Without an end, or with a wrong one, it says what is missing and ends with 2",
      arguments: [[], ["--rounds", "0"]])
    func wrongUsage(arguments: [String]) async throws {
      try await onThread {
        let finished = try Programs.run("magpie-torture", arguments, in: Workplace())
        #expect(finished.ending == .exit(2))
        #expect(finished.errors.contains("--rounds"))
      }
    }

    // MARK: What the inspection is worth

    /// A daemon with some hundred events of one writer in it, and what the writer knows.
    private func filled() async throws -> (
      daemon: Daemon, client: MagpieClient, journal: String, script: Script
    ) {
      let daemon = try Daemon(in: Workplace())
      try daemon.start()
      let client = MagpieClient(configuration: .init(host: "127.0.0.1", port: Int(daemon.port)))
      let path = daemon.workplace.file("journal")
      let script = Script(seed: 1, writer: 0)
      let range = 0..<350
      try Journal(path).pend(range)
      let writer = Writer(script, journal: try Journal(path))
      try await writer.record(try await client.ingest(range.map { script.event($0) }), range)
      return (daemon, client, path, script)
    }

    private func record(_ path: String, _ script: Script) throws -> Writer.Record {
      Writer.Record(script: script, slots: try Journal.read(path))
    }

    @Test("The inspection agrees with a journal that is true, also after kill -9")
    func agrees() async throws {
      let (daemon, client, path, script) = try await filled()
      #expect(try await Inspection(client).run([record(path, script)]).finding == Finding())
      daemon.kill()
      try daemon.start()
      let again = MagpieClient(configuration: .init(host: "127.0.0.1", port: Int(daemon.port)))
      #expect(try await Inspection(again).run([record(path, script)]).finding == Finding())
    }

    @Test("It finds events that were acknowledged and are not there")
    func findsLoss() async throws {
      let (daemon, client, path, script) = try await filled()
      // The journal is made to claim three events that were never sent: to the daemon, three it has lost.
      let journal = try Journal(path)
      try journal.pend(350..<353)
      for index in 350..<353 { try journal.note(UInt64(index + 1), of: index) }
      let finding = try await Inspection(client).run([record(path, script)]).finding
      #expect(finding.lost == 3, "\(finding)")
      #expect(finding.duplicated == 0, "\(finding)")
      #expect(
        finding.examples.contains { $0.contains("w0-350") && $0.contains("gone") }, "\(finding.examples)")
      withExtendedLifetime(daemon) {}
    }

    @Test("It finds an acknowledged event that is only missing in the live state, which no identifier tells")
    func findsLossInState() async throws {
      let (daemon, client, path, script) = try await filled()
      // Known to the index of identifiers under another content's user: the writer's user never saw it.
      let moved = script.event(350)
      let receipt = try await client.ingest([
        Event(
          moved.type, user: "somebody-else", item: moved.item, timeMicroseconds: moved.timeMicroseconds,
          value: moved.value, id: moved.id)
      ])
      let journal = try Journal(path)
      try journal.pend(350..<351)
      try journal.note(receipt.position, of: 350)
      let finding = try await Inspection(client).run([record(path, script)]).finding
      #expect(finding.lost >= 1, "\(finding)")
      withExtendedLifetime(daemon) {}
    }

    @Test("It finds an event that was applied twice, in the history and in the count")
    func findsDuplicate() async throws {
      let (daemon, client, path, script) = try await filled()
      // The same once more, under an identifier of its own: what a daemon that applies twice would hold.
      let twice = script.event(7)
      _ = try await client.ingest([
        Event(
          twice.type, user: twice.user, item: twice.item, timeMicroseconds: twice.timeMicroseconds,
          value: twice.value, id: "a-second-time")
      ])
      let finding = try await Inspection(client).run([record(path, script)]).finding
      #expect(finding.duplicated == 1, "\(finding)")
      #expect(finding.lost == 0, "\(finding)")
      #expect(finding.examples.contains { $0.contains("w0-7 is 2 times") }, "\(finding.examples)")
      #expect(
        finding.examples.contains { $0.contains("350 events are known to be there, the daemon counts 351") })
      withExtendedLifetime(daemon) {}
    }

    @Test("It finds two events at one position, and one that moved")
    func findsPositions() async throws {
      let (daemon, client, path, script) = try await filled()
      let journal = try Journal(path)
      try journal.note(journal.slots[4], of: 3)
      let finding = try await Inspection(client).run([record(path, script)]).finding
      // Event 3 lies elsewhere than the journal says, and where it says there is event 4.
      #expect(finding.duplicated == 1, "\(finding)")
      #expect(finding.lost == 1, "\(finding)")
      withExtendedLifetime(daemon) {}
    }
  }
}
