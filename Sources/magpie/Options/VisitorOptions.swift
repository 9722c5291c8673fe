import ArgumentParser
import MagpieClient

/// Whom a list is for besides the user's name, where it is shown, and by which scenario's rules: what `recommend`, `explain` and
/// `why-not` ask alike, so that the last two explain the list the first prints.
struct VisitorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("An item of the running session, oldest first; repeat for more.", valueName: "item"))
  var session: [String] = []

  @OptionGroup var surroundings: SurroundingsOptions

  @Option(
    name: .customLong("user-attribute"),
    help: ArgumentHelp(
      "What is known of the user besides the profile; repeat for more.", valueName: "name=value"))
  var userAttributes: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help: "Show, or leave out, what the user already has. Default: as the scenario says.")
  var seen: Bool?

  @Option(help: ArgumentHelp("Same state, generation and seed give the same list.", valueName: "n"))
  var seed: UInt64 = 0

  /// The query these options make for `k` items.
  /// - Throws: `ValidationError` for what cannot be read.
  func query(user: String?, k: Int, exclude: [String]) throws -> RecommendQuery {
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
