import Foundation
import Testing

extension EndToEnd {
  @Suite struct ProgramTests {
    @Test("The programs lie beside the tests", arguments: ["magpied", "magpie", "magpie-train"])
    func programsAreThere(name: String) throws {
      _ = try Programs.path(name)
    }

    /// The superuser may set socket options that others may not, so a mistake there hides from whoever tests as
    /// root.
    @Test("An ordinary user can run the daemon and talk to it")
    func ordinaryUser() async throws {
      try await onThread {
        let workplace = try Workplace()
        // Where the programs were built an ordinary user may not be let in.
        for name in ["magpied", "magpie"] {
          try FileManager.default.copyItem(atPath: Programs.path(name), toPath: workplace.file(name))
        }
        for (path, mode) in [
          (workplace.path, 0o777), (workplace.file("magpied"), 0o755), (workplace.file("magpie"), 0o755),
        ] {
          try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        func start(_ name: String, _ arguments: [String]) throws -> ChildProcess {
          let program = workplace.file(name)
          let (output, errors) = (workplace.file(name + ".out"), workplace.file(name + ".err"))
          if geteuid() != 0 { return try ChildProcess(program, arguments, output: output, errors: errors) }
          let drop = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", program]
          return try ChildProcess("/usr/bin/setpriv", drop + arguments, output: output, errors: errors)
        }
        let daemon = try start(
          "magpied",
          [
            "run", "--init", "--data", workplace.file("data"), "--port", "0", "--ready-file",
            workplace.file("ready"),
          ])
        var place: [Substring] = []
        for _ in 0..<20_000 where place.count != 2 && daemon.isRunning {
          place = workplace.read("ready").split(whereSeparator: \.isWhitespace)
          usleep(1_000)
        }
        let port = try require(place.last, "not ready: \(workplace.read("magpied.err"))")
        let sent = try start(
          "magpie", ["event", "send", "--user", "u", "--item", "i", "--type", "view", "--port", String(port)])
        #expect(sent.wait(seconds: 20) == .exit(0), "\(workplace.read("magpie.err"))")
        daemon.send(SIGTERM)
        #expect(daemon.wait(seconds: 30) == .exit(0))
      }
    }
  }
}
