import ArgumentParser
import MagpieClient

/// `magpie dead-letters`: events that were refused.
struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters",
    abstract: "Look at events that were refused, try them again, or forget them.",
    discussion: """
      The daemon tells every caller which of its events it refused, and keeps the newest 10,000 of them, because not \
      every caller listens.

      Examples:
        magpie dead-letters list
        magpie dead-letters requeue --all
        magpie dead-letters drop 17 18
      """,
    subcommands: [List.self, Show.self, Requeue.self, Drop.self], defaultSubcommand: List.self)

  /// Which ones.
  struct Selection: ParsableArguments {
    @Argument(help: "Their numbers.")
    var numbers: [UInt64] = []
    @Flag(help: "All of the tenant's.")
    var all = false

    func validate() throws {
      if all != numbers.isEmpty {
        throw ValidationError("Name some by number, or say --all: magpie dead-letters list shows them.")
      }
      if numbers.count > 1_000 { throw ValidationError("At most 1000 at once; or say --all.") }
    }

    /// Calls `body` until nothing is left to do, and adds up.
    func forEach(
      _ bar: ProgressBar, _ body: (MagpieClient.DeadLetterSelection) async throws -> DeadLetterOutcome
    ) async throws -> DeadLetterOutcome {
      guard all else { return try await body(.numbers(numbers)) }
      var sum = try await body(.oldest)
      let first = sum.total
      // Letters that are refused again stay, and would come again and again.
      while sum.total > 0, sum.refused == 0 {
        bar.show(fraction: Double(first - sum.total) / Double(max(1, first)), details: "\(sum.total) left")
        let next = try await body(.oldest)
        if next.requeued + next.dropped == 0 { break }
        sum.requeued += next.requeued
        sum.dropped += next.dropped
        sum.refused += next.refused
        sum.total = next.total
      }
      bar.clear()
      return sum
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List refused events, oldest first.",
      discussion: """
        Example:
          magpie dead-letters list --limit 20
        """)
    @OptionGroup var daemon: DaemonOptions
    @Option(help: ArgumentHelp("Only those with a higher number.", valueName: "number"))
    var after: UInt64 = 0
    @Option(help: ArgumentHelp("At most this many, up to 1000.", valueName: "n"))
    var limit = 100

    func validate() throws {
      guard (1...1_000).contains(limit) else { throw ValidationError("--limit must be 1 to 1000.") }
    }

    func run() async throws {
      try await daemon.withClient { client in
        DeadLettersPrinter.print(try await client.deadLetters(after: after, limit: limit), daemon)
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one refused event.",
      discussion: """
        Example:
          magpie dead-letters show 17
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "Its number.")
    var number: UInt64

    func run() async throws {
      try await daemon.withClient { client in
        let page = try await client.deadLetters(after: number == 0 ? 0 : number - 1, limit: 1)
        guard let letter = page.letters.first, letter.number == number else {
          throw CommandFailure(
            .failed, reason: "dead_letter_unknown",
            "There is no dead letter \(number). List them: magpie dead-letters list", isJSON: daemon.json)
        }
        DeadLettersPrinter.print(details: letter, daemon)
      }
    }
  }

  struct Requeue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send refused events once more; those accepted now are listed no longer.",
      discussion: """
        Harmless to repeat: every event keeps its identifier. Ends with 1 if some are refused again.

        Example:
          magpie dead-letters requeue --all
        """)
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var selection: Selection

    func run() async throws {
      try await daemon.withClient { client in
        let bar = ProgressBar("Sending again", isSilent: daemon.json)
        let outcome = try await selection.forEach(bar) { try await client.requeueDeadLetters($0) }
        DeadLettersPrinter.print(outcome, daemon)
        if outcome.refused > 0 {
          throw CommandFailure(
            .failed, reason: "refused_again",
            "\(outcome.refused) were refused again and stay, with the new reason: magpie dead-letters list",
            isJSON: daemon.json)
        }
      }
    }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forget refused events.",
      discussion: """
        Example:
          magpie dead-letters drop 17 18
        """)
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var selection: Selection

    func run() async throws {
      try await daemon.withClient { client in
        let bar = ProgressBar("Forgetting", isSilent: daemon.json)
        let outcome = try await selection.forEach(bar) { try await client.dropDeadLetters($0) }
        DeadLettersPrinter.print(outcome, daemon)
      }
    }
  }
}
