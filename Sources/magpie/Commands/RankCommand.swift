import ArgumentParser
import MagpieClient

/// `magpie rank`: in which order should this user see these items?
struct RankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank", abstract: "Put given items in the order in which a user should see them.",
    discussion: """
      What may not be shown, because it is deleted, hidden, out of stock, turned away or unknown, is left out.

      Examples:
        magpie rank 17372 21088 21096 22423
        magpie rank 196 242 393 381 --predict-ratings
      """)

  @OptionGroup var daemon: DaemonOptions
  @OptionGroup var surroundings: SurroundingsOptions

  @Argument(help: "The user.")
  var user: String

  @Argument(help: "The items, 1 to 1000.")
  var items: [String]

  @Option(
    help: ArgumentHelp("An item of the running session, oldest first; repeat for more.", valueName: "item"))
  var session: [String] = []

  @Option(help: ArgumentHelp("Same state, generation and seed give the same order.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Refuse unless the daemon has applied this position.", valueName: "position"))
  var minPosition: UInt64 = 0

  @Flag(help: "Show what the user would rate each item, where ratings were learned from.")
  var predictRatings = false

  @Flag(help: "Show each source's rank and score, and the time of each step.")
  var explain = false

  func validate() throws {
    guard (1...1000).contains(items.count) else {
      throw ValidationError("Name 1 to 1000 items; these are \(items.count).")
    }
  }

  func run() async throws {
    var query = RankQuery(user: user, items: items)
    query.sessionItems = session
    query.seed = seed
    query.scenario = surroundings.scenario
    query.filter = surroundings.filter
    query.boost = surroundings.boost
    query.context = try surroundings.context()
    query.explain = explain ? .full : .reasons
    query.includeTitles = true
    query.minPosition = minPosition
    query.predictRatings = predictRatings
    let asked = query
    try await daemon.withClient { client in
      let slate = try await client.rank(asked)
      await SlatePrinter.print(
        slate, heading: "For \(user)", user: user, options: daemon, explains: explain,
        asksRatings: predictRatings, client: client)
    }
  }
}
