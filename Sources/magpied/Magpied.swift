import ArgumentParser
import Glibc
import Vocabulary

/// `magpied`, the daemon.
@main
struct Magpied: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "magpied",
    abstract: "Magpie, a recommendation engine in one daemon.",
    discussion: """
      First steps:
        magpied init --data /var/lib/magpie
        magpied run --data /var/lib/magpie

      Exit codes:
        0 stopped in order   2 wrong usage   65 data damaged   69 address not to be had
        70 internal error   73 cannot create   74 read or write error   75 directory in use
        77 not permitted   78 configuration, or no data directory of this release
      docs/operations.md says what to do about each.
      """,
    version: "magpied \(productVersion)",
    subcommands: [RunCommand.self, InitCommand.self, ConfigCommand.self, RepairCommand.self],
    defaultSubcommand: RunCommand.self)

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let stop as Stop {
      Console.complain("magpied: \(stop.message)")
      Glibc.exit(stop.code)
    } catch {
      finish(error)
    }
  }

  /// Help and version go to standard output; wrong usage to standard error, with exit code 2.
  private static func finish(_ error: any Error) -> Never {
    let code = exitCode(for: error)
    let text = fullMessage(for: error)
    if code.isSuccess {
      Console.say(text)
      Glibc.exit(0)
    }
    if !text.isEmpty { Console.complain(text) }
    Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
  }
}
