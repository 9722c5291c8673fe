import ArgumentParser
import Importing
import MagpieClient

/// `magpie import`: files into the daemon.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Import events, items or users from CSV or JSON Lines.",
    discussion: """
      The first line of a CSV file names the columns; common names are understood, --map names others. Columns of
      items and users that mean nothing else become attributes; a suffix types them, as in weight:number.

      Nothing counts twice: each event's identifier is derived from what it says and how often it was said
      before, so an import may be repeated at will. One that was cut off goes on where it stopped.

      Examples:
        magpie import events.csv --kind events
        magpie import clicks.jsonl --kind events --type click --max-errors 100
        magpie import shop.csv --kind events --map who=user --map sku=item --map when=time
      """)

  @OptionGroup var daemon: DaemonOptions

  @Argument(help: "The file, or - for standard input.")
  var file: String

  @Option(help: "What it holds: events, items or users. Default: what the file's name begins with.")
  var kind: String?

  @Option(help: "csv or jsonl. Default: as the file's name ends.")
  var format: String?

  @Option(
    help: ArgumentHelp(
      "What is between columns: comma, semicolon, tab, or a character. Default: found out.", valueName: "name"
    ))
  var delimiter: String?

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp("Use a column for a field, or for ignore; repeat for more.", valueName: "column=field")
  )
  var columns: [String] = []

  @Option(
    help: ArgumentHelp(
      "Type of events without one. Default: rate if the value is a rating by its name, else purchase.",
      valueName: "type"))
  var type: String?

  @Option(help: ArgumentHelp("Time of events without one.", valueName: "time"))
  var time: String?

  @Option(help: ArgumentHelp("s, ms, us, ns or iso. Default: found out.", valueName: "unit"))
  var timeUnit: String?

  @Option(help: ArgumentHelp("Bad lines to skip before giving up.", valueName: "n"))
  var maxErrors = 0

  @Option(help: ArgumentHelp("Where to keep how far it is. Default: FILE.magpie-import.", valueName: "file"))
  var resume: String?

  @Flag(help: "Start from the beginning, whatever was imported before.")
  var restart = false

  func validate() throws { _ = try plan() }

  private func plan() throws -> ImportPlan {
    guard maxErrors >= 0 else { throw ValidationError("--max-errors must not be negative.") }
    var plan = ImportPlan(path: file, kind: try chosenKind(), format: try chosenFormat())
    plan.columns = try columns.map { text in
      guard let equals = text.lastIndex(of: "="), equals > text.startIndex else {
        throw ValidationError("--map \(text): write it as column=field, for instance --map who=user.")
      }
      return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
    if let type {
      guard let known = EventType(importName: type) else {
        let names = EventType.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--type \(type) is not known; use one of \(names).")
      }
      plan.defaultType = known
    }
    if let timeUnit {
      guard let unit = TimeReader.Unit(rawValue: timeUnit) else {
        throw ValidationError("--time-unit \(timeUnit) is not known; use s, ms, us, ns or iso.")
      }
      plan.timeUnit = unit
    }
    if let time {
      var reader = TimeReader()
      do {
        plan.fixedTime = try reader.read(time, field: "--time")
      } catch {
        throw ValidationError(error.message)
      }
    }
    plan.errorsMax = maxErrors
    plan.isResuming = !restart
    plan.statePath = resume ?? (file == "-" ? nil : file + ".magpie-import")
    if file == "-", resume != nil {
      throw ValidationError(
        "--resume needs a file; standard input cannot be read again. Repeat the import instead: nothing counts twice."
      )
    }
    return plan
  }

  private func chosenKind() throws -> ImportKind {
    if let kind {
      guard let known = ImportKind(rawValue: kind) else {
        throw ValidationError("--kind \(kind) is not known; use events, items or users.")
      }
      return known
    }
    let name = file.split(separator: "/").last.map(String.init) ?? file
    guard let guessed = ImportKind.allCases.first(where: { name.lowercased().hasPrefix($0.rawValue) }) else {
      throw ValidationError("Say what \(file) holds: --kind events, --kind items or --kind users.")
    }
    return guessed
  }

  private func chosenFormat() throws -> ImportPlan.Format {
    var separator: UInt8?
    if let delimiter {
      switch delimiter {
      case "comma": separator = UInt8(ascii: ",")
      case "semicolon": separator = UInt8(ascii: ";")
      case "tab": separator = UInt8(ascii: "\t")
      default:
        guard delimiter.utf8.count == 1, let byte = delimiter.utf8.first, byte != 34, byte != 10, byte != 13
        else {
          throw ValidationError("--delimiter \(delimiter): use comma, semicolon, tab, or one character.")
        }
        separator = byte
      }
    }
    switch format {
    case "csv": return .csv(delimiter: separator)
    case "jsonl": return .jsonl
    case let other?: throw ValidationError("--format \(other) is not known; use csv or jsonl.")
    case nil:
      guard let format = ImportPlan.format(ofFile: file) else {
        throw ValidationError("Say how \(file) is written: --format csv or --format jsonl.")
      }
      if case .csv(let usual) = format { return .csv(delimiter: separator ?? usual) }
      return format
    }
  }

  private struct Report: Encodable {
    var kind: String
    var accepted: UInt64
    var duplicates: UInt64
    var errors: Int
    var skipped: UInt64
    var bytes: UInt64
    var position: UInt64
    var seconds: Double
  }

  func run() async throws {
    let plan = try plan()
    let listener = ImportNarrator(plan.kind)
    let patient: (inout MagpieClient.Configuration) -> Void = { configuration in
      // A restart of the daemon takes seconds; an import of hours should not die of it.
      configuration.retry.attemptsMax = 20
      configuration.retry.budget = 1000
    }
    try await daemon.withClient(patient) { client in
      do {
        let progress = try await ImportRun(plan, client: client, listener: listener).run()
        listener.finish()
        report(progress, seconds: listener.elapsedSeconds)
      } catch let fault as ImportFault {
        listener.finish()
        throw CommandFailure(fault, isJSON: daemon.json)
      }
    }
  }

  private func report(_ progress: ImportProgress, seconds: Double) {
    let kind = (try? chosenKind()) ?? .events
    if daemon.json {
      return Terminal.say(
        JSONText.of(
          Report(
            kind: kind.rawValue, accepted: progress.accepted, duplicates: progress.duplicates,
            errors: progress.errors,
            skipped: progress.skipped, bytes: progress.bytes, position: progress.position, seconds: seconds)))
    }
    let rows = progress.accepted + progress.duplicates
    var text =
      "Imported \(Figures.count(rows)) \(kind.rawValue) in \(Figures.duration(seconds: seconds))"
      + " (\(Figures.count(Int((Double(rows) / max(seconds, 1e-3)).rounded())))/s)"
    var details: [String] = []
    if progress.duplicates > 0 {
      details.append("\(Figures.count(progress.duplicates)) of them known before")
    }
    if progress.skipped > 0 {
      details.append("\(Figures.count(progress.skipped)) imported by an earlier run")
    }
    if progress.errors > 0 { details.append("\(Figures.count(progress.errors)) bad lines skipped") }
    if !details.isEmpty { text += ": " + details.joined(separator: ", ") }
    Terminal.say(text + ".")
  }
}
