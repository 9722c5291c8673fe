import ArgumentParser
import Vocabulary

/// `magpie size`: what a daemon will need.
struct SizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "size", abstract: "Print how much memory and disk a daemon will need; needs no daemon.",
    discussion: """
      Counts times bytes, each part by itself. docs/sizing.md explains them and says how far off they were when measured.

      Examples:
        magpie size --items 1000000 --users 5000000
        magpie size --items 100000 --users 200000 --events-per-user 50 --entry-bytes 300 --json
      """)

  @Option(help: ArgumentHelp("Items.", valueName: "n"))
  var items: Int

  @Option(help: ArgumentHelp("Users.", valueName: "n"))
  var users: Int

  @Option(help: ArgumentHelp("Factors of an item, as magpie train makes them.", valueName: "n"))
  var dimensions = 64

  @Option(
    name: .customLong("events-per-user"), help: ArgumentHelp("Events of a user in the log.", valueName: "n"))
  var eventsPerUser = 20.0

  @Option(
    name: .customLong("items-per-user"),
    help: ArgumentHelp("Different items of a user (default: three quarters of the events).", valueName: "n"))
  var itemsPerUser: Double?

  @Option(
    name: .customLong("entry-bytes"),
    help: ArgumentHelp(
      "Bytes of what is put of an item: title, text, categories, attributes.", valueName: "n"))
  var entryBytes = 0.0

  @Option(
    name: .customLong("identifier-bytes"), help: ArgumentHelp("Bytes of an identifier.", valueName: "n"))
  var identifierBytes = 12.0

  @Option(
    help: ArgumentHelp("Neighbours of an item in all lists of the generation together.", valueName: "n"))
  var neighbours = 40.0

  @Option(help: ArgumentHelp("Generations kept on disk.", valueName: "n"))
  var generations = 1.0

  @Flag(help: "Answer in JSON.")
  var json = false

  func validate() throws {
    guard items >= 0, items <= Limits.itemsMax, users >= 0, users <= 1_000_000_000 else {
      throw ValidationError("--items is 0 to \(Limits.itemsMax), --users 0 to 1000000000.")
    }
    guard dimensions >= 1, dimensions <= Limits.factorDimensionsMax else {
      throw ValidationError("--dimensions is 1 to \(Limits.factorDimensionsMax).")
    }
    for (name, value) in [
      ("--events-per-user", eventsPerUser), ("--items-per-user", itemsPerUser ?? 0),
      ("--entry-bytes", entryBytes),
      ("--identifier-bytes", identifierBytes), ("--neighbours", neighbours), ("--generations", generations),
    ] where !(value >= 0 && value <= 1e9) {
      throw ValidationError("\(name) is 0 to 1000000000.")
    }
  }

  func run() throws {
    var sizing = Sizing(items: items, users: users)
    sizing.dimensions = dimensions
    sizing.eventsPerUser = eventsPerUser
    sizing.itemsPerUser = itemsPerUser ?? eventsPerUser * 0.75
    sizing.entryBytes = entryBytes
    sizing.identifierBytes = identifierBytes
    sizing.neighbours = neighbours
    sizing.generations = generations
    if json { return Terminal.say(JSONText.of(SizeJSON(sizing))) }
    for (title, terms, total) in [
      ("Memory", sizing.memory, sizing.memoryBytes), ("Disk", sizing.disk, sizing.diskBytes),
    ] {
      Terminal.say(Terminal.bold("\(title): \(bytes(total))"))
      var table = Table([("part", .left), ("count", .right), ("bytes each", .right), ("together", .right)])
      for term in terms where term.count > 0 {
        table.add([
          term.name, Figures.count(Int64(term.count)), Figures.decimals(term.bytes, 0), bytes(term.total),
        ])
      }
      table.print()
      Terminal.say("")
    }
    Terminal.say(
      "One item more takes \(Figures.decimals(sizing.bytesPerItem, 0)) bytes of memory, one user more "
        + "\(Figures.decimals(sizing.bytesPerUser, 0)). docs/sizing.md says what is in these numbers.")
  }

  private func bytes(_ value: Double) -> String { Figures.bytes(UInt64(max(0, min(value, 1e18)))) }
}

/// The same for programs.
private struct SizeJSON: Encodable {
  struct Part: Encodable {
    let name: String
    let count: Double
    let bytes: Double
    let total: Double

    init(_ term: Sizing.Term) {
      (name, count, bytes, total) = (term.name, term.count, term.bytes, term.total)
    }
  }

  let memory_bytes: Double
  let disk_bytes: Double
  let bytes_per_item: Double
  let bytes_per_user: Double
  let memory: [Part]
  let disk: [Part]

  init(_ sizing: Sizing) {
    memory_bytes = sizing.memoryBytes.rounded()
    disk_bytes = sizing.diskBytes.rounded()
    bytes_per_item = sizing.bytesPerItem
    bytes_per_user = sizing.bytesPerUser
    memory = sizing.memory.map { Part($0) }
    disk = sizing.disk.map { Part($0) }
  }
}
