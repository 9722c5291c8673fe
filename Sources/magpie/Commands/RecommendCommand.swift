import ArgumentParser
import MagpieClient

/// `magpie recommend`: what should this user see next?
struct RecommendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommend", abstract: "Print what a user should see next, and why.",
    discussion: """
      Without a user, or with --session, the items of the running session say what is known.

      Examples:
        magpie recommend 17372 -k 5
        magpie recommend --session 21088 --session 21096
        magpie recommend 17372 --predict-ratings
        magpie recommend 17372 --paged
        magpie recommend 17372 --cursor 0120…
        magpie recommend 17372 --scenario home --filter 'item.price < 20' --boost 'if(item.age < 7d, 2, 1)'
        magpie recommend --location 48.85,2.35 --filter 'distance(item.location, context.location) < 5'
        magpie recommend 17372 --json | jq -r '.items[].item'
      """)

  @OptionGroup var daemon: DaemonOptions
  @OptionGroup var list: SlateOptions

  @Argument(help: "The user; none for an anonymous visitor.")
  var user: String?

  @OptionGroup var visitor: VisitorOptions

  @Option(help: ArgumentHelp("Refuse unless the daemon has applied this position.", valueName: "position"))
  var minPosition: UInt64 = 0

  @Flag(help: "Show what the user would rate each item, where ratings were learned from.")
  var predictRatings = false

  @Option(
    help: ArgumentHelp(
      "Milliseconds the daemon may take; it leaves things out to keep them.", valueName: "ms"))
  var budget: Double?

  func validate() throws {
    guard budget.map({ $0 >= 0.001 && $0 <= 600_000 }) ?? true else {
      throw ValidationError("--budget must be from 0.001 to 600000 milliseconds.")
    }
  }

  func run() async throws {
    var query = try visitor.query(user: user, k: list.k, exclude: list.exclude)
    query.explain = list.level
    query.includeTitles = true
    query.minPosition = minPosition
    query.predictRatings = predictRatings
    query.cursor = list.place
    query.budget = budget.map { .nanoseconds(Int64($0 * 1e6)) }
    let asked = query
    try await daemon.withClient { client in
      let slate = try await client.recommend(asked)
      await SlatePrinter.print(
        slate, heading: user.map { "For \($0)" } ?? "For an anonymous visitor", user: user, options: daemon,
        explains: list.explain, asksRatings: predictRatings, client: client)
    }
  }
}

/// `magpie similar`: what resembles this item?
struct SimilarCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similar", abstract: "Print what resembles an item.",
    discussion: """
      With a user the same items are ordered by this user's taste as well.

      Examples:
        magpie similar 21088 -k 5
        magpie similar 21088 --user 17372
      """)

  @OptionGroup var daemon: DaemonOptions
  @OptionGroup var list: SlateOptions

  @OptionGroup var surroundings: SurroundingsOptions

  @Argument(help: "The item.")
  var item: String

  @Option(help: ArgumentHelp("Whose taste orders the list as well.", valueName: "user"))
  var user: String?

  func run() async throws {
    var query = SimilarQuery(item: item, k: list.k)
    query.scenario = surroundings.scenario
    query.filter = surroundings.filter
    query.boost = surroundings.boost
    query.context = try surroundings.context()
    query.exclude = list.exclude
    query.explain = list.level
    query.includeTitles = true
    query.user = user
    query.cursor = list.place
    let asked = query
    try await daemon.withClient { client in
      let slate = try await client.similar(asked)
      await SlatePrinter.print(
        slate, heading: "Similar to \(item)", user: nil, options: daemon, explains: list.explain,
        client: client)
    }
  }
}

/// `magpie complete`: what goes with this basket?
struct CompleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "complete", abstract: "Print what goes with a basket.",
    discussion: """
      With --bundles the answer is bundles of the catalogue: items that were put with members. They need no basket if a user
      is named.

      Examples:
        magpie complete 21088 21096 --user 17372
        magpie complete 21088 --bundles --price-max 30 --currency GBP
      """)

  @OptionGroup var daemon: DaemonOptions
  @OptionGroup var list: SlateOptions

  @OptionGroup var surroundings: SurroundingsOptions

  @Argument(help: "The items in the basket.")
  var items: [String] = []

  @Flag(help: "Answer with bundles of the catalogue.")
  var bundles = false

  @OptionGroup var price: PriceOptions

  @Option(help: ArgumentHelp("Whose basket it is, if known.", valueName: "user"))
  var user: String?

  func validate() throws {
    if items.isEmpty, !bundles || user == nil {
      throw ValidationError("Name the items in the basket; only --bundles with --user needs none.")
    }
    if !bundles, price.bounds != PriceBounds() {
      throw ValidationError("--price-min, --price-max and --currency need --bundles.")
    }
  }

  func run() async throws {
    var query = CompleteQuery(basket: items, user: user, k: list.k)
    query.answer = bundles ? .bundles : .items
    query.price = price.bounds
    query.cursor = list.place
    query.scenario = surroundings.scenario
    query.filter = surroundings.filter
    query.boost = surroundings.boost
    query.context = try surroundings.context()
    query.exclude = list.exclude
    query.explain = list.level
    query.includeTitles = true
    let asked = query
    try await daemon.withClient { client in
      let slate = try await client.complete(asked)
      await SlatePrinter.print(
        slate,
        heading: items.isEmpty
          ? "Bundles for \(user ?? "")" : "Goes with \(items.joined(separator: ", "))", user: user,
        options: daemon,
        explains: list.explain, client: client)
    }
  }
}
