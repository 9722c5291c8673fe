import Checksums
import Foundation
import Testing
import Torture

extension EndToEnd {
  /// Data directories that cannot or must not be used. docs/faults.md, row 52; more in StartTests.
  @Suite struct DirectoryTests {
    /// Starts and returns how it ended.
    private func refusal(_ daemon: Daemon) throws -> (ending: Ending?, words: String) {
      try daemon.launch()
      let ending = try daemon.running().wait(seconds: 30)
      if ending == nil { daemon.kill() }
      return (ending, daemon.log)
    }

    @Test("A symbolic link to a data directory is one; both names are the same directory to a second daemon")
    func link() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        let link = daemon.workplace.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: daemon.data)
        let linked = Daemon(in: daemon.workplace, on: link)
        try linked.start()
        _ = try Samples.send("1", to: linked)
        let second = try refusal(daemon)
        #expect(second.ending == .exit(75), "\(second.words)")
        #expect(second.words.contains("\(try linked.running().pid)"), "it names the holder: \(second.words)")
        #expect(try linked.stop() == .exit(0))
        try daemon.start()
        #expect(try daemon.status().committed.value == 1)
      }
    }

    @Test("A directory of a later release is refused with 78 before anything is touched")
    func laterRelease() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        let path = daemon.data + "/superblock"
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        // docs/storage.md: magic 8, format 4, oldest reader 4, …, check 4 at the end of each slot of 512.
        for slot in stride(from: 0, to: bytes.count, by: 512) {
          for place in [8, 12] {
            bytes.replaceSubrange((slot + place)..<(slot + place + 4), with: [99, 0, 0, 0])
          }
          let check = bytes[slot..<(slot + 508)].withUnsafeBytes { CRC32C.of($0) }
          withUnsafeBytes(of: check.littleEndian) {
            bytes.replaceSubrange((slot + 508)..<(slot + 512), with: $0)
          }
        }
        try Data(bytes).write(to: URL(filePath: path))
        let before = try FileManager.default.subpathsOfDirectory(atPath: daemon.data).sorted()
        let refused = try refusal(daemon)
        #expect(refused.ending == .exit(78), "\(refused.words)")
        #expect(refused.words.contains("format 99"), "\(refused.words)")
        #expect(try FileManager.default.subpathsOfDirectory(atPath: daemon.data).sorted() == before)
        #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == bytes)
      }
    }

    @Test(
      "A directory of somebody else is refused with 77 and the file's name",
      .enabled(if: geteuid() == 0, "only root can be somebody else"))
    func owner() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        chmod(daemon.workplace.path, 0o755)
        let program = daemon.workplace.file("magpied")
        // Where the programs were built another user may not be let in.
        try FileManager.default.copyItem(atPath: Programs.path("magpied"), toPath: program)
        let errors = daemon.workplace.file("other.err")
        let process = try ChildProcess(
          "/usr/bin/setpriv",
          ["--reuid=65534", "--regid=65534", "--clear-groups", "--", program, "run", "--data", daemon.data],
          output: "/dev/null", errors: errors)
        #expect(process.wait(seconds: 30) == .exit(77), "\(daemon.workplace.read("other.err"))")
        #expect(daemon.workplace.read("other.err").contains(daemon.data))
      }
    }

    @Test(
      "A file system that is read-only is refused with 77",
      .enabled(if: geteuid() == 0, "a file system of its own needs root"))
    func readOnly() async throws {
      let workplace = try Workplace()
      guard let disk = await TemporaryDisk.mounted(at: workplace.file("disk")) else { return }
      do {
        let made = try Programs.run("magpied", ["init", "--data", disk.path + "/data"], in: workplace)
        #expect(made.ending == .exit(0))
        let locked = try Programs.run("/bin/mount", ["-o", "remount,ro", disk.path], in: workplace)
        #expect(locked.ending == .exit(0), "\(locked.errors)")
        let refused = try refusal(Daemon(in: workplace, on: disk.path + "/data"))
        #expect(refused.ending == .exit(77), "\(refused.words)")
        #expect(refused.words.contains("read-only"), "\(refused.words)")
      } catch {
        Issue.record(error)
      }
      await disk.unmount()
    }
  }
}
