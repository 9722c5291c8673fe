import ArgumentParser
import MagpieClient

/// `magpie user`: single users.
struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Show single users.",
    discussion: """
      Example:
        magpie user show 17372
      """,
    subcommands: [Show.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a user's profile and recent history, newest first.",
      discussion: """
        Example:
          magpie user show 17372 --limit 5
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "The user.")
    var user: String
    @Option(help: ArgumentHelp("Most events shown.", valueName: "n"))
    var limit = 20

    func validate() throws {
      guard limit >= 0 else { throw ValidationError("--limit must not be negative.") }
    }

    func run() async throws {
      try await daemon.withClient { client in
        let report = try await client.user(user)
        if daemon.json { return Terminal.say(JSONText.of(UserJSON(report, limit: limit))) }
        ItemPrinter.print(report, limit: limit)
      }
    }
  }
}
