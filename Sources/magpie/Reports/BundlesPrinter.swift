import MagpieClient

/// Proposed bundles as `--json` prints them. docs/cli.md holds the schema.
struct BundlesReport: Encodable {
  struct Member: Encodable {
    var item: String
    var title: String
  }
  struct Entry: Encodable {
    var rank: Int
    var members: [Member]
    var score: Float
    @OrNull var price: Double?
    var currency: String
  }

  var bundles: [Entry]
  var recommendation: String
  var generation: UInt64
  var position: UInt64
  var configuration_hash: String
  var seed: UInt64
  var fallbacks: [String]

  init(_ reply: BundleProposals) {
    bundles = reply.bundles.enumerated().map { place, bundle in
      Entry(
        rank: place + 1,
        members: zip(bundle.members, bundle.titles).map { Member(item: $0, title: $1) }, score: bundle.score,
        price: bundle.price, currency: bundle.currency)
    }
    recommendation = reply.recommendation
    generation = reply.generation
    position = reply.position
    configuration_hash = hexadecimal(reply.configurationHash)
    seed = reply.seed
    fallbacks = reply.fallbacks.map(\.rawValue)
  }
}

/// Prints proposed bundles.
enum BundlesPrinter {
  static func print(_ reply: BundleProposals, options: DaemonOptions) {
    if options.json { return Terminal.say(JSONText.of(BundlesReport(reply))) }
    if reply.bundles.isEmpty { Terminal.say("No bundles.") }
    var table = Table([("#", .right), ("members", .left), ("score", .right), ("price", .right)])
    for (place, bundle) in reply.bundles.enumerated() {
      let members = zip(bundle.members, bundle.titles).map { $1.isEmpty ? $0 : "\($0) \($1)" }
      let price = bundle.price.map { "\(Figures.decimals($0, 2)) \(bundle.currency)" } ?? "-"
      table.add([
        "\(place + 1)", members.joined(separator: " + "), Figures.decimals(Double(bundle.score), 4), price,
      ])
    }
    if !reply.bundles.isEmpty { table.print() }
    for fallback in reply.fallbacks {
      // The words of a slate speak of items.
      Terminal.say(
        "Note: \(fallback == .fewerThanK ? "No more bundles meet these conditions." : fallback.words)")
    }
  }
}
