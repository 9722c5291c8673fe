import ArgumentParser
import MagpieClient

/// `magpie generations`: which there are, and which serves.
struct GenerationsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generations", abstract: "List, show, promote and roll back generations.",
    discussion: """
      Examples:
        magpie generations list
        magpie generations rollback
      """,
    subcommands: [List.self, Show.self, Promote.self, Rollback.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List generations, newest first.",
      discussion: """
        Example:
          magpie generations list --json | jq '.generations[] | select(.serving)'
        """)
    @OptionGroup var daemon: DaemonOptions

    func run() async throws {
      try await daemon.withClient { client in
        GenerationsPrinter.print(try await client.generations(), options: daemon)
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one generation and how well its models do.",
      discussion: """
        Example:
          magpie generations show 2
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "Its number; none for the serving one.")
    var number: UInt64?

    func run() async throws {
      try await daemon.withClient { client in
        let all = try await client.generations()
        guard let summary = all.first(where: { number == nil ? $0.isServing : $0.number == number }) else {
          throw CommandFailure(
            .failed, reason: "generation_unknown",
            number.map { "There is no generation \($0). List them: magpie generations list" }
              ?? "No generation serves. Make one: magpie train --wait", isJSON: daemon.json)
        }
        if daemon.json { return Terminal.say(JSONText.of(GenerationJSON(summary))) }
        Terminal.say(Terminal.bold("Generation \(summary.number)") + (summary.isServing ? ", serving" : ""))
        GenerationsPrinter.print(details: summary)
      }
    }
  }

  struct Promote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Serve a generation from now on.",
      discussion: """
        One that the gate refused needs --force; `magpie generations show N` says why it was refused.

        Examples:
          magpie generations promote 3
          magpie generations promote 3 --force
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "Its number.")
    var number: UInt64
    @Flag(help: "Serve it although the gate refused it.")
    var force = false

    func run() async throws {
      try await daemon.withClient { client in
        GenerationsPrinter.print(
          try await client.promote(generation: number, force: force), options: daemon)
      }
    }
  }

  struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Serve the newest usable generation older than the serving one.",
      discussion: """
        Example:
          magpie generations rollback
        """)
    @OptionGroup var daemon: DaemonOptions

    func run() async throws {
      try await daemon.withClient { client in
        GenerationsPrinter.print(try await client.rollback(), options: daemon)
      }
    }
  }
}
