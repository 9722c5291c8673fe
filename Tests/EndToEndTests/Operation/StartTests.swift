import Foundation
import Testing

extension EndToEnd {
  /// What the daemon refuses to start on, with which exit status, and whether it says what to do.
  @Suite struct StartTests {
    /// Runs `magpied run` where it must not run, and expects it to end by itself.
    private static func refusal(
      _ arguments: [String], in workplace: Workplace, environment: [String: String] = [:]
    ) throws -> Programs.Finished {
      try Programs.run(
        "magpied", ["run", "--port", "0"] + arguments, in: workplace, environment: environment, seconds: 20)
    }

    @Test("A second daemon on one directory ends with 75 and names the first")
    func secondDaemon() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let first = try daemon.running()
        let second = try Self.refusal(["--data", daemon.data], in: daemon.workplace)
        #expect(second.ending == .exit(75))
        #expect(second.errors.contains("\(first.pid)"), "\(second.errors)")
        // The first goes on.
        #expect(try daemon.status().state == .ready)
        // A lock left behind by a kill is no lock.
        daemon.kill()
        try daemon.start()
      }
    }

    @Test("A missing directory ends with 78, names the command that makes one, and is not made")
    func missingDirectory() async throws {
      try await onThread {
        let workplace = try Workplace()
        let finished = try Self.refusal(["--data", workplace.file("nothing")], in: workplace)
        #expect(finished.ending == .exit(78))
        #expect(finished.errors.contains("magpied init"), "\(finished.errors)")
        #expect(!FileManager.default.fileExists(atPath: workplace.file("nothing")))
      }
    }

    @Test("A foreign directory ends with 78 and is left as it was")
    func foreignDirectory() async throws {
      try await onThread {
        let workplace = try Workplace()
        let foreign = workplace.file("foreign")
        try FileManager.default.createDirectory(atPath: foreign, withIntermediateDirectories: false)
        try workplace.write("not ours", to: "foreign/letters.txt")
        let served = try Self.refusal(["--data", foreign], in: workplace)
        #expect(served.ending == .exit(78))
        #expect(served.errors.contains(foreign), "\(served.errors)")
        let initialized = try Programs.run("magpied", ["init", "--data", foreign], in: workplace)
        #expect(initialized.ending != .exit(0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: foreign) == ["letters.txt"])
        #expect(workplace.read("foreign/letters.txt") == "not ours")
      }
    }

    @Test("A directory whose superblock is damaged is refused with 65 and left as it was")
    func damagedSuperblock() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        let superblock = daemon.data + "/superblock"
        var bytes = [UInt8](try require(FileManager.default.contents(atPath: superblock), "no superblock"))
        // Both slots: one alone is what a crash may leave.
        for offset in [40, 512 + 40] where offset < bytes.count { bytes[offset] ^= 0xff }
        try Data(bytes).write(to: URL(fileURLWithPath: superblock))
        let finished = try Self.refusal(["--data", daemon.data], in: daemon.workplace)
        #expect(finished.ending == .exit(65) || finished.ending == .exit(78))
        #expect(finished.errors.contains("superblock"), "\(finished.errors)")
        #expect([UInt8](FileManager.default.contents(atPath: superblock) ?? Data()) == bytes)
      }
    }

    @Test("A typo in the configuration ends with 78 and names key, line and the likely key")
    func configurationTypo() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        let file = try daemon.workplace.write(
          """
          host: 127.0.0.1
          training:
            factors: 32
            iteratoins: 3
          """, to: "magpie.yaml")
        let finished = try Self.refusal(["--data", daemon.data, "--config", file], in: daemon.workplace)
        #expect(finished.ending == .exit(78))
        #expect(finished.errors.contains("iteratoins"), "\(finished.errors)")
        #expect(finished.errors.contains("4"), "\(finished.errors)")
        #expect(finished.errors.contains("training.iterations"), "\(finished.errors)")
      }
    }

    @Test("A value out of range in the environment ends with 78 and names the variable")
    func environmentValue() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        let finished = try Self.refusal(
          ["--data", daemon.data], in: daemon.workplace, environment: ["MAGPIE_TRAINING_FACTORS": "-3"])
        #expect(finished.ending == .exit(78))
        #expect(finished.errors.contains("MAGPIE_TRAINING_FACTORS"), "\(finished.errors)")
      }
    }

    @Test("A port that is taken is an error with words, not a crash")
    func portTaken() async throws {
      try await onThread {
        let workplace = try Workplace()
        let daemon = try Daemon.started(in: workplace)
        let other = try Workplace()
        let second = try Daemon(in: other)
        let finished = try Programs.run(
          "magpied", ["run", "--data", second.data, "--port", String(daemon.port)], in: other, seconds: 20)
        guard case .exit(let status) = finished.ending else {
          Issue.record("ended with \(finished.ending)")
          return
        }
        #expect(status != 0)
        #expect(finished.errors.contains("\(daemon.port)"), "\(finished.errors)")
      }
    }
  }
}
