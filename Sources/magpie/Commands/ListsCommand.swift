import ArgumentParser
import MagpieClient
import Reading

/// `magpie lists`: what should all these users see next?
struct ListsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lists", abstract: "Print the lists of many users: for a mailing, or to measure them.",
    discussion: """
      Prints the user and the items, best first, parted by tabs, in the order of the file. magpie evaluate --lists
      measures such a file; docs/evaluate.md shows the whole way.

      Examples:
        magpie lists users.txt -k 20 > lists.txt
        cut -d, -f1 subscribers.csv | magpie lists - --scenario mail --json
      """)

  @OptionGroup var daemon: DaemonOptions

  @Argument(help: "A file with a user a line, or - for standard input.")
  var users: String

  @Option(name: .short, help: ArgumentHelp("How many items, 1 to 1000.", valueName: "n"))
  var k = 10

  @Option(help: ArgumentHelp("Where the lists will be shown.", valueName: "name"))
  var scenario: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Show, or leave out, what the user already has. Default: as the scenario says.")
  var seen: Bool?

  @Option(help: ArgumentHelp("Same state, generation and seed give the same lists.", valueName: "n"))
  var seed: UInt64 = 0

  /// Requests under way at once: enough to keep the daemon busy, and far below what a connection may have.
  private static let underWay = 16

  private struct Line: Encodable {
    var user: String
    var items: [String]
    /// Steps that were cut short.
    var degraded: [String]
  }

  func validate() throws {
    guard (1...1000).contains(k) else { throw ValidationError("-k must be 1 to 1000; it is \(k).") }
  }

  func run() async throws {
    let names = try read()
    let bar = ProgressBar("Asking", isSilent: daemon.json)
    // Lists are measured and mailed: whether they are all they could be must be known.
    let cut = try await daemon.withClient { client in
      var begun = 0
      var (lists, steps) = (0, Set<String>())
      while begun < names.count {
        let batch = Array(names[begun..<min(names.count, begun + Self.underWay)])
        for (user, slate) in zip(batch, try await ask(batch, client)) {
          say(user, slate)
          if slate.degraded.isEmpty { continue }
          lists += 1
          steps.formUnion(slate.degraded.map(\.rawValue))
        }
        begun += batch.count
        bar.show(fraction: Double(begun) / Double(names.count), details: "\(begun) users")
      }
      return (lists: lists, steps: steps)
    }
    bar.clear()
    if cut.lists > 0 {
      Terminal.complain(
        "\(cut.lists) of \(names.count) lists were cut short for want of time (\(cut.steps.sorted().joined(separator: ", "))); ask when the daemon has less to do, or allow more with --timeout."
      )
    }
  }

  private func ask(_ users: [String], _ client: MagpieClient) async throws -> [Slate] {
    try await withThrowingTaskGroup(of: (Int, Slate).self) { group in
      for (place, user) in users.enumerated() {
        var query = RecommendQuery(user: user, k: k)
        query.scenario = scenario
        query.seen = seen.map { $0 ? .allow : .hide } ?? .scenario
        query.seed = seed
        let asked = query
        group.addTask { (place, try await client.recommend(asked)) }
      }
      var lists = [Slate?](repeating: nil, count: users.count)
      for try await (place, slate) in group { lists[place] = slate }
      return lists.compactMap { $0 }
    }
  }

  private func say(_ user: String, _ slate: Slate) {
    let items = slate.items.map(\.item)
    Terminal.say(
      daemon.json
        ? JSONText.line(Line(user: user, items: items, degraded: slate.degraded.map(\.rawValue)))
        : ([user] + items).joined(separator: "\t"))
  }

  private func read() throws(CommandFailure) -> [String] {
    do throws(FileFault) {
      let source = try ByteSource(path: users)
      try source.skipByteOrderMark()
      while try source.fill() {}
      return source.withAvailable { bytes in
        bytes.split { $0 == 10 || $0 == 13 }.map { String(decoding: $0, as: UTF8.self) }
      }
    } catch {
      throw CommandFailure(.failed, reason: "file", error.message, isJSON: daemon.json)
    }
  }
}
