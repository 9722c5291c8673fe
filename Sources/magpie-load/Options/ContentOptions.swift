import ArgumentParser
import Loading
import Vocabulary

extension SeenPolicy: ExpressibleByArgument {
  /// `scenario`, `hide` or `allow`.
  package init?(argument: String) {
    switch argument {
    case "scenario": self = .scenario
    case "hide": self = .hide
    case "allow": self = .allow
    default: return nil
    }
  }
}

/// What is asked.
struct ContentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Methods and weights: recommend, ingest, similar, complete, check.", valueName: "mix"))
  var mix = "recommend=8,ingest=1,similar=1"
  @Option(help: ArgumentHelp("Users there are.", valueName: "n"))
  var users = 100_000
  @Option(help: ArgumentHelp("Items there are.", valueName: "n"))
  var items = 40_000
  @Option(help: ArgumentHelp("Zipf exponent of users; 0 makes all alike.", valueName: "s"))
  var zipfUsers = 1.0
  @Option(help: ArgumentHelp("Zipf exponent of items.", valueName: "s"))
  var zipfItems = 1.0
  @Option(help: ArgumentHelp("What stands before the number in a user's identifier.", valueName: "text"))
  var userPrefix = "u"
  @Option(help: ArgumentHelp("What stands before the number in an item's identifier.", valueName: "text"))
  var itemPrefix = "i"
  @Option(help: ArgumentHelp("Share of Recommend for users nobody has heard of.", valueName: "share"))
  var cold = 0.05
  @Option(name: .short, help: ArgumentHelp("Items asked for.", valueName: "n"))
  var k: UInt32 = 20
  @Option(help: ArgumentHelp("Events in one Ingest.", valueName: "n"))
  var batch = 1
  @Option(help: ArgumentHelp("Scenario of Recommend.", valueName: "name"))
  var scenario = ""
  @Option(help: ArgumentHelp("Items the user already has: scenario, hide or allow.", valueName: "rule"))
  var seen = SeenPolicy.scenario
  @Option(
    help: ArgumentHelp(
      "A filter for Recommend and Similar, such as 'item.price < 50'. See docs/expressions.md.",
      valueName: "expression"))
  var filter = ""
  @Option(help: ArgumentHelp("Share of them that have it.", valueName: "share"))
  var filtered = 1.0
  @Option(
    help: ArgumentHelp("Same seed, same requests. Default: a new one, which is printed.", valueName: "n"))
  var seed: UInt64?
}

/// Whether acknowledged events are looked for afterwards.
struct VerifyOptions: ParsableArguments {
  @Flag(help: "Keep a journal of acknowledged events, and check at the end that each is there exactly once.")
  var verify = false
  @Option(
    help: ArgumentHelp("Keep the journal in this file, instead of one that is removed.", valueName: "file"))
  var journal: String?
  @Option(
    help: ArgumentHelp(
      "Instead of a run: write an event, and see on another connection, right after its acknowledgement, whether the list knows it; so many times.",
      valueName: "n"))
  var freshness: Int?
  @Flag(help: "Others write to this daemon too: positions that are not ours are no fault.")
  var otherWriters = false
}

/// What comes out.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Report in JSON.")
  var json = false
  @Option(
    help: ArgumentHelp(
      "Write latency distributions (HdrHistogram text) to PREFIX-METHOD.hgrm.", valueName: "prefix"))
  var hgrm: String?
  @Option(help: ArgumentHelp("Draw latency against rate of a sweep into this file.", valueName: "file"))
  var svg: String?
  @Flag(help: "Also print each second of the run.")
  var seconds = false
}
