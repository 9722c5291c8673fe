import ArgumentParser
import MagpieClient

/// What all commands that print a list have in common.
struct SlateOptions: ParsableArguments {
  @Option(name: .short, help: ArgumentHelp("How many items, 1 to 1000.", valueName: "n"))
  var k = 10

  @Option(help: ArgumentHelp("An item that must not appear; repeat for more.", valueName: "item"))
  var exclude: [String] = []

  @Flag(help: "Show each source's rank and score, and the time of each step.")
  var explain = false

  @Flag(help: "Begin a list of several pages; the answer then holds a cursor.")
  var paged = false

  @Option(
    help: ArgumentHelp("The next page of such a list: the cursor of the page before.", valueName: "cursor"))
  var cursor: String?

  /// What a query takes: nothing for a list of one page.
  var place: String? { cursor ?? (paged ? "" : nil) }

  func validate() throws {
    if cursor?.isEmpty == true { throw ValidationError("--cursor is empty; begin a list with --paged.") }
    guard (1...1000).contains(k) else { throw ValidationError("-k must be 1 to 1000; it is \(k).") }
  }

  var level: ExplainLevel { explain ? .full : .reasons }
}
