import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// The ladder for the small files beside log and state: each damage to each of them, then a start of the real program.
  @Suite struct SmallFileLadderTests {
    private enum Damage: String, CaseIterable {
      case flip, cut, empty, zero, delete, duplicate, swap
    }

    /// Stopped, with a change at run time, a refused event and a finished scrub.
    private static func filled(_ name: String, hideSeen: Bool) throws -> Daemon {
      let daemon = try Daemon(in: Workplace())
      try daemon.start()
      for number in 0..<20 { _ = try Samples.send("\(name)-\(number)", to: daemon) }
      var refused = EventDraft()
      refused.id = Array("refused-\(name)".utf8)
      refused.type = Int32(EventType.purchase.rawValue)
      refused.user = [0]
      refused.item = Array("i".utf8)
      _ = try daemon.connect().ingest([refused])
      #expect(try Samples.reads(daemon))
      let change = try daemon.magpie("config", "set", "reading.hide_seen=\(hideSeen)")
      #expect(change.ending == .exit(0), "\(change.errors)")
      #expect(try daemon.magpie("scrub").ending == .exit(0))
      #expect(try daemon.stop() == .exit(0))
      return daemon
    }

    private static func inflict(_ damage: Damage, on path: String, _ original: Data, _ other: Data) throws {
      let files = FileManager.default
      var bytes = original
      switch damage {
      case .flip: bytes[bytes.count / 2] ^= 4
      case .cut: bytes.removeLast(1)
      case .empty: bytes = Data()
      case .zero: bytes = Data(count: bytes.count)
      case .delete: return try files.removeItem(atPath: path)
      case .duplicate: return try files.copyItem(atPath: path, toPath: path + ".copy")
      case .swap: bytes = other
      }
      try files.removeItem(atPath: path)
      try bytes.write(to: URL(filePath: path))
    }

    @Test(
      "Every damage to a small file beside the log: a start with everything, or exit 65 with file and next command"
    )
    func smallFiles() async throws {
      try await onThread {
        let daemon = try Self.filled("a", hideSeen: false)
        let other = try Self.filled("b", hideSeen: true)
        for (file, twin) in [
          ("configuration.changes", "configuration.changes"), ("scrub.last", "scrub.last"),
          ("quarantine/dead-letters", "quarantine/dead-letters"),
        ] {
          let path = daemon.data + "/" + file
          let original = try require(FileManager.default.contents(atPath: path), "no \(file)")
          let foreign = try require(
            FileManager.default.contents(atPath: other.data + "/" + twin), "no \(twin)")
          #expect(!original.isEmpty, "\(file)")
          for damage in Damage.allCases {
            try Self.inflict(damage, on: path, original, foreign)
            let what = "\(file): \(damage.rawValue)"
            // Only what was changed at run time may say what is shown to whom: without it there is no start.
            let isRefused =
              file == "configuration.changes" && [.flip, .cut, .empty, .zero].contains(damage)
            if isRefused {
              let refused = try Programs.run(
                "magpied", ["run", "--data", daemon.data, "--port", "0"], in: daemon.workplace)
              #expect(refused.ending == .exit(65), "\(what): \(refused.errors)")
              #expect(
                refused.errors.contains(path) && refused.errors.contains("snapshot"), "\(refused.errors)")
              #expect(FileManager.default.fileExists(atPath: path))
            } else {
              try daemon.start()
              #expect(try daemon.status().committed >= Position(20), "\(what)")
              #expect(try daemon.status().tenants.first?.events == 20, "\(what)")
              #expect(try Samples.reads(daemon), "\(what)")
              let hides = try daemon.magpie("config", "get", "reading.hide_seen").output
              // A deleted file is as one that never was; one of another directory is what it says.
              let isLost = file == "configuration.changes" && [.delete, .swap].contains(damage)
              #expect(hides.contains(isLost ? "true" : "false"), "\(what): \(hides)")
              #expect(try daemon.stop() == .exit(0), "\(what)")
            }
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: path + ".copy")
            try original.write(to: URL(filePath: path))
          }
        }
      }
    }
  }
}
