import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// The ladder with the real program: the exit status, what is on standard error, and what stays on disk. Every file and
  /// every damage, in one process, is in IngestionTests.
  @Suite struct RecoveryLadderTests {
    @Test(
      "A damaged, missing or foreign state is made anew at start, with everything; it lies in the quarantine")
    func stateIsMadeAnew() async throws {
      try await onThread {
        let daemon = try filled()
        let other = try filled()
        _ = try other.stop()
        let state = daemon.data + "/state"
        let files = FileManager.default
        let damages: [(String, () throws -> Void)] = [
          ("deleted", { try files.removeItem(atPath: state) }),
          ("without CURRENT", { try files.removeItem(atPath: state + "/CURRENT") }),
          (
            "of another directory",
            {
              try files.removeItem(atPath: state)
              try files.copyItem(atPath: other.data + "/state", toPath: state)
            }
          ),
          (
            "with tables cut short",
            {
              for name in try files.contentsOfDirectory(atPath: state) where name.hasSuffix(".ldb") {
                let bytes = files.contents(atPath: state + "/" + name) ?? Data()
                try bytes.prefix(bytes.count / 2).write(to: URL(filePath: state + "/" + name))
              }
            }
          ),
        ]
        for (number, (what, inflict)) in damages.enumerated() {
          // Twice: the second opening turns LevelDB's log into a table.
          _ = try daemon.stop()
          try daemon.start()
          _ = try daemon.stop()
          try inflict()
          try daemon.start()
          let rebuilt =
            daemon.workplace.read("magpied.err").components(separatedBy: "state_rebuilt").count - 1
          #expect(rebuilt == number + 1, "\(what)")
          #expect(try daemon.status().tenants.first?.events == 3_000, "\(what)")
          #expect(try daemon.connect().ingest(events).verdicts == expected, "\(what)")
          let aside = try files.contentsOfDirectory(atPath: daemon.data + "/quarantine")
          #expect(aside.contains { $0.hasSuffix("-state") } || what == "deleted", "\(what)")
          #expect(!files.fileExists(atPath: daemon.data + "/state.rebuilding"))
        }
      }
    }

    @Test("Damage that only a look-up meets closes the write path; the next start makes the state anew")
    func damageMetWhileServing() async throws {
      try await onThread {
        let daemon = try filled()
        _ = try daemon.stop()
        // As the daemon itself notes it.
        try daemon.workplace.write("A table is damaged.\n", to: "data/state.damaged")
        try daemon.start()
        #expect(daemon.workplace.read("magpied.err").contains("A table is damaged"))
        #expect(try daemon.connect().ingest(events).verdicts == expected)
        #expect(!FileManager.default.fileExists(atPath: daemon.data + "/state.damaged"))
      }
    }

    @Test(
      "A damaged log or superblock is refused with 65, names the file and the next command, and stays as it is"
    )
    func truthIsRefused() async throws {
      try await onThread {
        let daemon = try filled()
        _ = try object(daemon.magpie("snapshot", "create", "--json"))
        _ = try daemon.stop()
        let files = FileManager.default
        let segments = try files.contentsOfDirectory(atPath: daemon.data + "/log").sorted()
        #expect(segments.count == 2)
        let cases: [(String, (Data) -> Data?)] = [
          ("log/" + segments[0], { _ in nil }), ("log/" + segments[0], { $0.prefix($0.count / 2) }),
          ("log/" + segments[0], { Data(count: $0.count) }), ("superblock", { _ in nil }),
          ("superblock", { Data(count: $0.count) }), ("superblock", { $0.prefix(100) }),
        ]
        for (name, damage) in cases {
          let path = daemon.data + "/" + name
          let whole = try require(files.contents(atPath: path), "no \(name)")
          if let damaged = damage(whole) {
            try damaged.write(to: URL(filePath: path))
          } else {
            try files.removeItem(atPath: path)
          }
          let found = files.contents(atPath: path)
          let finished = try Programs.run(
            "magpied", ["run", "--port", "0", "--data", daemon.data], in: daemon.workplace, seconds: 30)
          #expect(finished.ending == .exit(65), "\(name): \(finished.errors)")
          #expect(finished.errors.contains(path), "\(name): \(finished.errors)")
          #expect(finished.errors.contains("magpie snapshot restore"), "\(name): \(finished.errors)")
          #expect(files.contents(atPath: path) == found, "\(name)")
          try whole.write(to: URL(filePath: path))
        }
        // What the message says helps.
        try files.removeItem(atPath: daemon.data + "/superblock")
        let target = daemon.workplace.file("new")
        let restored = try Programs.run(
          "magpie",
          [
            "snapshot", "restore", "latest", "--directory", daemon.data + "/snapshots", "--to", target,
            "--log",
            daemon.data + "/log",
          ], in: daemon.workplace)
        #expect(restored.ending == .exit(0), "\(restored.errors)")
        let second = Daemon(in: daemon.workplace, on: target)
        try second.start()
        #expect(try second.connect().ingest(events).verdicts == expected)
      }
    }

    @Test("A damaged snapshot is refused with 65 before anything is made")
    func damagedSnapshot() async throws {
      try await onThread {
        let daemon = try filled()
        let made = try object(daemon.magpie("snapshot", "create", "--json"))
        let export = daemon.data + "/snapshots/" + (made["name"] as? String ?? "") + "/state.export"
        var bytes = try require(FileManager.default.contents(atPath: export), "no export")
        bytes[bytes.count / 2] ^= 1
        try FileManager.default.removeItem(atPath: export)
        try bytes.write(to: URL(filePath: export))
        let asked = try daemon.magpie("snapshot", "verify", "latest")
        #expect(asked.ending == .exit(1))
        #expect(asked.errors.contains("state.export"), "\(asked.errors)")
        let verified = try Programs.run(
          "magpie", ["snapshot", "verify", "--directory", daemon.data + "/snapshots"], in: daemon.workplace)
        #expect(verified.ending == .exit(65))
        let target = daemon.workplace.file("new")
        let refused = try Programs.run(
          "magpie", ["snapshot", "restore", "--directory", daemon.data + "/snapshots", "--to", target],
          in: daemon.workplace)
        #expect(refused.ending == .exit(65))
        #expect(refused.errors.contains(export), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: target))
      }
    }
  }
}

private let events: [EventDraft] = (0..<3_000).map { number in
  var draft = EventDraft()
  draft.id = Array("event-\(number)".utf8)
  draft.type = Int32(EventType.purchase.rawValue)
  draft.user = Array("user-\(number % 50)".utf8)
  draft.item = Array("item-\(number % 300)".utf8)
  draft.timeMicroseconds = 1_700_000_000_000_000 + Int64(number) * 1_000_000
  return draft
}

/// What each of them is answered when it is sent again.
private let expected = (1...3_000).map { Verdict.duplicate(Position(UInt64($0))) }

/// A daemon that holds the events.
private func filled() throws -> Daemon {
  let daemon = try Daemon.started(in: Workplace())
  _ = try daemon.connect().ingest(events)
  return daemon
}

private func object(_ finished: Programs.Finished) throws -> [String: Any] {
  guard finished.ending == .exit(0), let object = finished.json as? [String: Any] else {
    throw HarnessFailure("ended with \(finished.ending): \(finished.output) \(finished.errors)")
  }
  return object
}
