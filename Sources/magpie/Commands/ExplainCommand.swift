import ArgumentParser
import MagpieClient

/// What `explain` and `why-not` ask about: the list that would be shown.
struct QuestionOptions: ParsableArguments {
  @Option(name: .short, help: ArgumentHelp("How many items the list has, 1 to 1000.", valueName: "n"))
  var k = 10

  @OptionGroup var visitor: VisitorOptions

  @Option(help: ArgumentHelp("An item that must not appear; repeat for more.", valueName: "item"))
  var exclude: [String] = []

  func validate() throws {
    guard (1...1000).contains(k) else { throw ValidationError("-k must be 1 to 1000; it is \(k).") }
  }

  /// - Throws: `ValidationError` for what cannot be read.
  func query(user: String?) throws -> RecommendQuery {
    try visitor.query(user: user, k: k, exclude: exclude)
  }
}

/// `magpie why-not`: why does this user not see this item?
struct WhyNotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why-not",
    abstract: "Tell which step keeps an item out of a user's list, or its place in it.",
    discussion: """
      The list is the one that `magpie recommend` would print with the same options. docs/read-path.md names the steps and
      the rules.

      Examples:
        magpie why-not 17372 21088
        magpie why-not 17372 21088 -k 20 --json
        magpie why-not 17372 21088 --filter 'item.price > 1 and item.price < 20'
      """)

  @OptionGroup var daemon: DaemonOptions
  @OptionGroup var question: QuestionOptions

  @Argument(help: "The user; an empty text for an anonymous visitor.")
  var user: String

  @Argument(help: "The item.")
  var item: String

  func run() async throws {
    let query = try question.query(user: user.isEmpty ? nil : user)
    try await daemon.withClient { client in
      let report = try await client.whyNot(query, item: item)
      await TracePrinter.print(report, user: user.isEmpty ? nil : user, options: daemon, client: client)
    }
  }
}

/// `magpie explain`: where does every number of a list come from?
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Take a user's list apart: sources, exact contributions, rules.",
    discussion: """
      Without items, those of the list itself; at most 100. Contributions add up to the number they explain.

      Examples:
        magpie explain 17372 -k 3
        magpie explain 17372 21088 21096
      """)

  @OptionGroup var daemon: DaemonOptions
  @OptionGroup var question: QuestionOptions

  @Argument(help: "The user; an empty text for an anonymous visitor.")
  var user: String

  @Argument(help: "Items, whether in the list or not.")
  var items: [String] = []

  func validate() throws {
    guard items.count <= 100 else {
      throw ValidationError("Name at most 100 items; these are \(items.count).")
    }
  }

  func run() async throws {
    let query = try question.query(user: user.isEmpty ? nil : user)
    try await daemon.withClient { client in
      let report = try await client.explain(query, items: items)
      await TracePrinter.print(report, user: user.isEmpty ? nil : user, options: daemon, client: client)
    }
  }
}
