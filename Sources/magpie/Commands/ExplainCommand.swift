import ArgumentParser
import MagpieClient

/// What `explain` and `why-not` ask about: the list that would be shown.
struct QuestionOptions: ParsableArguments {
  @Option(name: .short, help: ArgumentHelp("How many items the list has, 1 to 1000.", valueName: "n"))
  var k = 10

  @Option(
    help: ArgumentHelp("An item of the running session, oldest first; repeat for more.", valueName: "item"))
  var session: [String] = []

  @OptionGroup var surroundings: SurroundingsOptions

  @Option(
    name: .customLong("user-attribute"),
    help: ArgumentHelp(
      "What is known of the user besides the profile; repeat for more.", valueName: "name=value"))
  var userAttributes: [String] = []

  @Option(help: ArgumentHelp("An item that must not appear; repeat for more.", valueName: "item"))
  var exclude: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help: "Show, or leave out, what the user already has. Default: as the scenario says.")
  var seen: Bool?

  @Option(help: ArgumentHelp("The seed of the list.", valueName: "n"))
  var seed: UInt64 = 0

  func validate() throws {
    guard (1...1000).contains(k) else { throw ValidationError("-k must be 1 to 1000; it is \(k).") }
  }

  /// - Throws: `ValidationError` for what cannot be read.
  func query(user: String?) throws -> RecommendQuery {
    var query = RecommendQuery(user: user, k: k)
    query.sessionItems = session
    query.scenario = surroundings.scenario
    query.filter = surroundings.filter
    query.boost = surroundings.boost
    query.context = try surroundings.context()
    query.userAttributes = try SurroundingsOptions.attributes(userAttributes, flag: "--user-attribute")
    query.exclude = exclude
    query.seen = seen.map { $0 ? .allow : .hide } ?? .scenario
    query.seed = seed
    return query
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
