import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// Snapshots of a real daemon, restored into directories that another daemon then serves.
  @Suite struct SnapshotTests {
    @Test(
      "A restored directory gives every user of the sample the same list, at the snapshot, at a position and at the end"
    )
    func restoredAnswersAreTheSame() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = lightTraining
        try daemon.start()
        let retail = Programs.repository + "/docs/sample/online-retail/"
        for kind in ["items", "users", "events"] {
          _ = try object(daemon.magpie("import", retail + "\(kind).csv", "--kind", kind, "--json"))
        }
        _ = try object(daemon.magpie("train", "--wait", "--json"))
        let users = try String(contentsOfFile: retail + "users.csv", encoding: .utf8).split(separator: "\n")
          .dropFirst().map { String($0.prefix { $0 != "," }) }
        #expect(users.count == 770)

        let made = try object(daemon.magpie("snapshot", "create", "--json"))
        let position = try require(made["position"] as? Int, "no position")
        let listed = try object(daemon.magpie("snapshot", "list", "--json"))
        #expect(
          (listed["snapshots"] as? [[String: Any]])?.first?["name"] as? String == made["name"] as? String)
        _ = try object(daemon.magpie("snapshot", "verify", "latest", "--json"))
        let before = try slates(of: users, from: daemon)
        #expect(before.allSatisfy { $0.items.count == 20 && $0.position == Position(UInt64(position)) })

        // The original goes on: its lists move.
        var more: [EventDraft] = []
        for (number, user) in users.enumerated() {
          var draft = EventDraft()
          draft.id = Array("more-\(number)".utf8)
          draft.type = Int32(EventType.purchase.rawValue)
          draft.user = Array(user.utf8)
          draft.item = before[number].items[0].item.bytes
          // Else each daemon would put in its own moment.
          draft.timeMicroseconds = 1_780_000_000_000_000 + Int64(number)
          more.append(draft)
        }
        // A moment between what the snapshot holds and what came after.
        usleep(4_000)
        let clock = ISO8601DateFormatter()
        clock.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let moment = clock.string(from: Date(timeIntervalSinceNow: -0.002))
        let sent = try daemon.connect().ingest(more)
        let after = try slates(of: users, from: daemon)
        #expect(zip(before, after).allSatisfy { $0.items.map(\.item) != $1.items.map(\.item) })

        func restored(_ name: String, _ options: [String]) throws -> Daemon {
          let target = daemon.workplace.file(name)
          let report = try object(
            Programs.run(
              "magpie",
              ["snapshot", "restore", "--directory", daemon.data + "/snapshots", "--to", target, "--json"]
                + options, in: daemon.workplace))
          #expect(report["to"] as? String == target)
          let second = Daemon(in: daemon.workplace, on: target)
          second.arguments = lightTraining
          try second.start()
          return second
        }
        let plain = try restored("plain", [])
        #expect(try slates(of: users, from: plain) == before)
        // Identifiers are in the state: the same events again, and nothing is new.
        let again = try object(
          plain.magpie("import", retail + "events.csv", "--kind", "events", "--restart", "--json"))
        #expect(again["accepted"] as? Int == 0)
        #expect(again["duplicates"] as? Int == 141_985)
        #expect(try plain.connect().ingest(more).verdicts == sent.verdicts)
        #expect(try slates(of: users, from: plain) == after)
        _ = try plain.stop()

        let log = ["--log", daemon.data + "/log"]
        let whole = try restored("whole", log)
        #expect(try slates(of: users, from: whole) == after)
        #expect(
          try whole.connect().ingest(more).verdicts.allSatisfy {
            if case .duplicate = $0 { true } else { false }
          })
        // It has the log, so it can learn again.
        #expect(try object(whole.magpie("train", "--wait", "--json"))["state"] as? String == "succeeded")
        _ = try whole.stop()
        let early = try restored("early", log + ["--at", "\(position)"])
        #expect(try slates(of: users, from: early) == before)
        _ = try early.stop()
        let then = try restored("then", log + ["--at", moment])
        #expect(try slates(of: users, from: then) == before)
        _ = try then.stop()

        // A look changes nothing; a directory that is taken is refused.
        let dry = try object(
          Programs.run(
            "magpie",
            [
              "snapshot", "restore", "latest", "--directory", daemon.data + "/snapshots", "--to",
              daemon.workplace.file("dry"), "--dry-run", "--json",
            ] + log, in: daemon.workplace))
        #expect(dry["replayed"] as? Int == more.count && dry["dry_run"] as? Bool == true)
        #expect(!FileManager.default.fileExists(atPath: daemon.workplace.file("dry")))
        let taken = try Programs.run(
          "magpie", ["snapshot", "restore", "--directory", daemon.data + "/snapshots", "--to", daemon.data],
          in: daemon.workplace)
        #expect(taken.ending == .exit(1))
        #expect(taken.errors.contains("empty"), "\(taken.errors)")
      }
    }

    @Test(
      "Ingest goes on while snapshots are made; one that is killed leaves nothing; the next is restored exactly"
    )
    func snapshotsUnderLoadAndKilled() async throws {
      let seed = testSeed()
      print("snapshots under load: MAGPIE_TEST_SEED=\(seed)")
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let writer = JournalingWriter(number: 0, seed: seed, eventsMax: 5_000_000)
        let port = daemon.port
        let thread = Worker { writer.run(port: port) }
        var positions: [Int] = []
        for _ in 0..<3 {
          let made = try object(daemon.magpie("snapshot", "create", "--json"))
          positions.append(try require(made["position"] as? Int, "no position"))
        }
        // Each contains more than the one before: ingest did not stand still.
        #expect(positions == positions.sorted() && Set(positions).count == 3, "\(positions)")
        let begun = try object(daemon.magpie("snapshot", "create", "--no-wait", "--json"))
        #expect(begun["state"] as? String == "creating")
        usleep(20_000)
        daemon.kill()
        try thread.join()
        #expect(writer.complaints.isEmpty, "\(writer.complaints)")

        try daemon.start()
        let listed = try object(daemon.magpie("snapshot", "list", "--json"))
        let names = try require(listed["snapshots"] as? [[String: Any]], "no list").compactMap {
          $0["name"] as? String
        }
        #expect(names.count == 3 || names.count == 4)
        for name in names { _ = try object(daemon.magpie("snapshot", "verify", name, "--json")) }
        let made = try object(daemon.magpie("snapshot", "create", "--json"))
        let left = try FileManager.default.contentsOfDirectory(atPath: daemon.data + "/snapshots")
        #expect(!left.contains { $0.hasSuffix(".partial") }, "\(left)")
        #expect(left.count == names.count + 1)

        // The second, made under load: exactly the events up to its position are known, at their positions.
        let target = daemon.workplace.file("restored")
        let restored = try Programs.run(
          "magpie",
          [
            "snapshot", "restore", "\(positions[1])", "--directory", daemon.data + "/snapshots", "--to",
            target,
          ],
          in: daemon.workplace)
        #expect(restored.ending == .exit(0), "\(restored.errors)")
        let second = Daemon(in: daemon.workplace, on: target)
        try second.start()
        let contained = writer.acknowledged.filter { (writer.positions[$0] ?? .max) <= UInt64(positions[1]) }
        #expect(contained.count == positions[1])
        #expect(try writer.confirm(contained, on: second.connect()).isEmpty)
        #expect(try second.status().tenants.first?.events == UInt64(positions[1]))
        #expect(made["position"] as? Int ?? 0 >= writer.acknowledged.count)
      }
    }

    @Test("A disk that takes no more fails the snapshot with words; older ones stay, the next one succeeds")
    func diskThatTakesNoMore() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let writer = JournalingWriter(number: 0, seed: 1, eventsMax: 60_000)
        writer.run(port: daemon.port)
        let good = try object(daemon.magpie("snapshot", "create", "--json"))
        // No file may grow beyond 200 kB from here on; the log segment is new and short.
        try limitFileSize(of: daemon, to: 200_000)
        let failed = try daemon.magpie("snapshot", "create")
        #expect(failed.ending == .exit(1))
        #expect(failed.errors.contains("too large"), "\(failed.errors)")
        let left = try FileManager.default.contentsOfDirectory(atPath: daemon.data + "/snapshots")
        #expect(left == [good["name"] as? String])
        #expect(try daemon.status().state == .ready)
        #expect(daemon.log.contains("snapshot_failed"))
        try limitFileSize(of: daemon, to: nil)
        _ = try object(daemon.magpie("snapshot", "create", "--json"))
        _ = try object(daemon.magpie("snapshot", "verify", good["name"] as? String ?? "", "--json"))
      }
    }

    @Test("Snapshots are made on schedule and old ones removed")
    func schedule() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        let shelf = daemon.workplace.file("elsewhere")
        daemon.arguments = [
          "--set", "snapshots.every_seconds=1", "--set", "snapshots.keep=2", "--set",
          "snapshots.directory=\(shelf)",
        ]
        try daemon.start()
        var newest = Set<String>()
        for round in 0..<4 {
          var draft = EventDraft()
          draft.id = Array("e\(round)".utf8)
          draft.type = Int32(EventType.view.rawValue)
          draft.user = [117]
          draft.item = [105]
          _ = try daemon.connect().ingest([draft])
          let deadline = Date(timeIntervalSinceNow: 30)
          while Date() < deadline {
            let listed = try object(daemon.magpie("snapshot", "list", "--directory", shelf, "--json"))
            let first = (listed["snapshots"] as? [[String: Any]])?.first
            if first?["position"] as? Int == round + 1, let name = first?["name"] as? String {
              newest.insert(name)
              break
            }
            usleep(50_000)
          }
        }
        #expect(newest.count == 4)
        #expect(try daemon.stop() == .exit(0))
        let left = try FileManager.default.contentsOfDirectory(atPath: shelf)
        #expect(left.count == 2 && newest.isSuperset(of: left), "\(left)")
      }
    }
  }
}

/// Seconds instead of minutes; the same in all daemons, because the hash of what shapes answers is compared too.
private let lightTraining = [
  "--set", "training.factors=16", "--set", "training.iterations=3", "--set", "training.blend=false",
]

/// A list with everything that says how it came about, apart from what differs from call to call.
private struct Listed: Equatable {
  var items: [SlateItem]
  var generation: GenerationNumber
  var position: Position
  var configurationHash: UInt64
  var seed: UInt64
  var fallbacks: [Fallback]
}

private func slates(of users: [String], from daemon: Daemon) throws -> [Listed] {
  let connection = try daemon.connect()
  return try users.map { user in
    var request = RecommendRequest()
    request.user = Array(user.utf8)
    request.k = 20
    request.seed = 7
    request.explain = .full
    request.includeTitles = true
    guard case .recommend(let slate) = try connection.call(.recommend(request)) else {
      throw HarnessFailure("the reply to Recommend is another one")
    }
    return Listed(
      items: slate.items, generation: slate.generation, position: slate.position,
      configurationHash: slate.configurationHash, seed: slate.seed, fallbacks: slate.fallbacks)
  }
}

private func object(_ finished: Programs.Finished) throws -> [String: Any] {
  guard finished.ending == .exit(0), let object = finished.json as? [String: Any] else {
    throw HarnessFailure("ended with \(finished.ending): \(finished.output) \(finished.errors)")
  }
  return object
}

/// Sets how large a file the daemon may write; nil lifts the limit.
private func limitFileSize(of daemon: Daemon, to bytes: Int?) throws {
  let limit = try ChildProcess(
    "/usr/bin/prlimit",
    ["--pid", "\(try daemon.running().pid)", "--fsize=\(bytes.map(String.init) ?? "unlimited"):unlimited"],
    output: daemon.workplace.file("prlimit.out"), errors: daemon.workplace.file("prlimit.err"))
  guard limit.wait(seconds: 10) == .exit(0) else {
    throw HarnessFailure("prlimit failed: \(daemon.workplace.read("prlimit.err"))")
  }
}
