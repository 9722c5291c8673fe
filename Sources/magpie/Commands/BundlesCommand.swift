import ArgumentParser
import MagpieClient

/// `magpie bundles`: which items make a good bundle?
struct BundlesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundles", abstract: "Propose bundles of items that go together.",
    discussion: """
      Each bundle holds one of the named items. Without any it is built around what the user touched last, or around popular
      items. Bundles that are in the catalogue are ranked by magpie complete --bundles.

      Examples:
        magpie bundles 21088
        magpie bundles 21088 --size 3-5 --distinct-categories --price-max 40 --currency GBP
        magpie bundles --user 17372 -k 3 --json | jq -c '.bundles[].members'
      """)

  @OptionGroup var daemon: DaemonOptions
  @OptionGroup var price: PriceOptions

  @Argument(help: "The items to build around.")
  var items: [String] = []

  @Option(help: ArgumentHelp("For whom.", valueName: "user"))
  var user: String?

  @Option(name: .short, help: ArgumentHelp("How many bundles, 1 to 100.", valueName: "n"))
  var k = 5

  @Option(help: ArgumentHelp("Members of a bundle, within 2 to 16.", valueName: "least-most"))
  var size = "2-4"

  @Option(help: ArgumentHelp("A category that added members may have; repeat for more.", valueName: "name"))
  var category: [String] = []

  @Flag(help: "No two members of the same category.")
  var distinctCategories = false

  @Option(help: ArgumentHelp("An item that must not appear; repeat for more.", valueName: "item"))
  var exclude: [String] = []

  @Option(help: ArgumentHelp("Same state, generation and seed give the same bundles.", valueName: "n"))
  var seed: UInt64 = 0

  func validate() throws {
    guard (1...100).contains(k) else { throw ValidationError("-k must be 1 to 100; it is \(k).") }
    guard range != nil else {
      throw ValidationError("--size must be like 3 or 2-4, within 2 to 16; it is \"\(size)\".")
    }
  }

  private var range: ClosedRange<Int>? {
    let parts = size.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(parts.count), let least = parts[0], let most = parts[parts.count - 1], least >= 2,
      least <= most, most <= 16
    else { return nil }
    return least...most
  }

  func run() async throws {
    var query = BundlesQuery(basket: items, user: user, k: k)
    query.size = range ?? query.size
    query.categories = category
    query.hasDistinctCategories = distinctCategories
    query.price = price.bounds
    query.exclude = exclude
    query.seed = seed
    query.includeTitles = true
    let asked = query
    try await daemon.withClient { client in
      BundlesPrinter.print(try await client.bundles(asked), options: daemon)
    }
  }
}
