import ArgumentParser
import Glibc
import MagpieClient

/// `magpie`, the command line.
@main
struct Magpie: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "magpie",
    abstract: "Talk to a Magpie daemon: import, train, recommend, look inside.",
    discussion: """
      First steps:
        magpie import items.csv --kind items
        magpie import events.csv --kind events
        magpie train --wait
        magpie recommend 17372

      MAGPIE_HOST, MAGPIE_PORT and MAGPIE_TENANT stand in for --host, --port and --tenant. Answers go to
      standard output, everything else to standard error; --json makes answers readable to programs.

      Exit codes:
        0 done   1 failed   2 wrong usage   65 bad data   69 daemon not there   75 try again later
      docs/cli.md has everything.
      """,
    version: "magpie \(MagpieClient.version)",
    subcommands: [
      PingCommand.self, ImportCommand.self, RecommendCommand.self, ListsCommand.self, SimilarCommand.self,
      CompleteCommand.self,
      RankCommand.self, PageCommand.self, BundlesCommand.self, ExplainCommand.self, WhyNotCommand.self,
      ReplayCommand.self, ExperimentsCommand.self,
      StatusCommand.self, TrainCommand.self, GenerationsCommand.self, SnapshotCommand.self,
      ItemCommand.self, UserCommand.self, EventCommand.self, DeadLettersCommand.self, DrainCommand.self,
      ScrubCommand.self, ConfigCommand.self, EvaluateCommand.self, OffPolicyCommand.self, SizeCommand.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as CommandFailure {
      failure.complain()
      Glibc.exit(failure.code)
    } catch {
      finish(error)
    }
  }

  /// Help and version go to standard output; wrong usage to standard error, with exit code 2.
  private static func finish(_ error: any Error) -> Never {
    let code = exitCode(for: error)
    let text = fullMessage(for: error)
    if code.isSuccess {
      Terminal.say(text)
      Glibc.exit(0)
    }
    if !text.isEmpty { Terminal.complain(text) }
    Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
  }
}
