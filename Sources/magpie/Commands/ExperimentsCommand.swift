import ArgumentParser
import MagpieClient

/// `magpie experiments`: which arm does better?
struct ExperimentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiments", abstract: "Print how the arms of each experiment do.",
    discussion: """
      A list counts as clicked when an event that carries its recommendation clicks, views, plays or puts in the basket
      one of its items. The intervals hold however often one looks: stop when one has left zero behind.

      Weighted and robust say how an arm would do if every remembered list of the experiment were its own, from logged
      propensities (docs/off-policy.md). Items that exploration showed follow, with the click rate each would have if it
      always stood where chance put it. Where there is too little to tell, a word says so.

      Example:
        magpie experiments --json | jq '.experiments[0].comparisons'
      """)

  @OptionGroup var daemon: DaemonOptions

  func run() async throws {
    try await daemon.withClient { client in
      let report = try await client.experimentsReport()
      if daemon.json { return Terminal.say(JSONText.of(ExperimentsJSON(report))) }
      if report.experiments.isEmpty {
        Terminal.say("There are no experiments. docs/configuration.md shows how one is written.")
      }
      for experiment in report.experiments { Self.print(experiment) }
      Self.print(report.items)
    }
  }

  private static func print(_ items: [ItemEstimate]) {
    if items.isEmpty { return }
    Terminal.say(Terminal.bold("Explored items"))
    var table = Table([
      ("item", .left), ("scenario", .left), ("lists", .right), ("clicked", .right), ("weighted", .left),
    ])
    for item in items {
      table.add([
        DisplayText.plain(item.item), item.scenario, Figures.count(item.shown), Figures.count(item.clicked),
        weighted(item.estimate, item.standardError, item.effectiveCount) ?? item.refusal,
      ])
    }
    table.print()
  }

  private static func weighted(_ value: Double?, _ error: Double?, _ count: Double?) -> String? {
    guard let value, let error, let count else { return nil }
    return "\(percent(value)) ± \(percent(error)) from \(Int(count.rounded()))"
  }

  private static func print(_ report: ExperimentReport) {
    Terminal.say(
      Terminal.bold(report.name) + ": scenario \(report.scenario), divided by \(report.unit)")
    var table = Table([
      ("arm", .left), ("share", .right), ("lists", .right), ("clicked", .right), ("interval", .left),
      ("bought", .right), ("weighted", .left), ("robust", .left),
    ])
    for arm in report.arms {
      table.add([
        arm.name, percent(arm.share), Figures.count(arm.counts.lists), percent(arm.rate),
        "\(percent(arm.low)) to \(percent(arm.high))", Figures.count(arm.counts.convertedLists),
        weighted(arm.estimate, arm.standardError, arm.effectiveCount) ?? arm.refusal,
        weighted(arm.robust, arm.robustError, arm.effectiveCount) ?? "",
      ])
    }
    table.print()
    for arm in report.arms where !arm.note.isEmpty { Terminal.say("\(arm.name): \(arm.note)") }
    for comparison in report.comparisons {
      let verdict =
        comparison.isDecided
        ? (comparison.difference > 0 ? "better" : "worse") : "not decided"
      Terminal.say(
        "\(comparison.arm) against \(comparison.against): \(percent(comparison.difference)) (\(percent(comparison.low)) to \(percent(comparison.high))), \(verdict)"
      )
    }
  }

  private static func percent(_ share: Double) -> String { Figures.decimals(100 * share, 1) + " %" }
}

/// Experiments as `--json` prints them.
struct ExperimentsJSON: Encodable {
  struct Experiment: Encodable {
    var name: String
    var scenario: String
    var unit: String
    var arms: [Arm]
    var comparisons: [Comparison]
  }
  struct Arm: Encodable {
    var name: String
    var share: Double
    var scenario: String
    var generation: UInt64
    var counts: FeedbackCountsJSON
    var rate: Double
    var low: Double
    var high: Double
    @OrNull var estimate: Double?
    @OrNull var standard_error: Double?
    @OrNull var effective_count: Double?
    @OrNull var robust: Double?
    @OrNull var robust_error: Double?
    @OrNull var refusal: String?
    var note: String
  }
  struct Item: Encodable {
    var item: String
    var scenario: String
    var shown: UInt64
    var clicked: UInt64
    @OrNull var estimate: Double?
    @OrNull var standard_error: Double?
    @OrNull var effective_count: Double?
    @OrNull var refusal: String?
  }
  struct Comparison: Encodable {
    var arm: String
    var against: String
    var difference: Double
    var low: Double
    var high: Double
    var decided: Bool
  }

  var experiments: [Experiment]
  var items: [Item]
  /// Lists that estimates rest on.
  var remembered: UInt64

  init(_ report: ExperimentsReport) {
    remembered = report.remembered
    items = report.items.map {
      Item(
        item: $0.item, scenario: $0.scenario, shown: $0.shown, clicked: $0.clicked, estimate: $0.estimate,
        standard_error: $0.standardError, effective_count: $0.effectiveCount,
        refusal: $0.refusal.isEmpty ? nil : $0.refusal)
    }
    experiments = report.experiments.map { report in
      Experiment(
        name: report.name, scenario: report.scenario, unit: report.unit,
        arms: report.arms.map {
          Arm(
            name: $0.name, share: $0.share, scenario: $0.scenario, generation: $0.generation,
            counts: FeedbackCountsJSON($0.counts, catalogue: 0), rate: $0.rate, low: $0.low, high: $0.high,
            estimate: $0.estimate, standard_error: $0.standardError, effective_count: $0.effectiveCount,
            robust: $0.robust, robust_error: $0.robustError, refusal: $0.refusal.isEmpty ? nil : $0.refusal,
            note: $0.note)
        },
        comparisons: report.comparisons.map {
          Comparison(
            arm: $0.arm, against: $0.against, difference: $0.difference, low: $0.low, high: $0.high,
            decided: $0.isDecided)
        })
    }
  }
}

/// What lists led to, as `--json` prints it.
struct FeedbackCountsJSON: Encodable {
  var lists: UInt64
  var shown: UInt64
  var clicked_lists: UInt64
  var clicks: UInt64
  var converted_lists: UInt64
  var conversions: UInt64
  var distinct_items: UInt64
  @OrNull var novelty_bits: Double?
  @OrNull var click_rate: Double?
  @OrNull var conversion_rate: Double?
  @OrNull var coverage: Double?

  init(_ counts: FeedbackCounts, catalogue: UInt64) {
    lists = counts.lists
    shown = counts.shown
    clicked_lists = counts.clickedLists
    clicks = counts.clicks
    converted_lists = counts.convertedLists
    conversions = counts.conversions
    distinct_items = counts.distinctItems
    novelty_bits = counts.noveltyBits
    click_rate = lists > 0 ? Double(clicked_lists) / Double(lists) : nil
    conversion_rate = lists > 0 ? Double(converted_lists) / Double(lists) : nil
    coverage = catalogue > 0 ? min(1, Double(distinct_items) / Double(catalogue)) : nil
  }
}
