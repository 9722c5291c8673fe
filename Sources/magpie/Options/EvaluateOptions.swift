import ArgumentParser
import Evaluating
import FoundationEssentials
import Training

/// The options of `magpie evaluate`, as typed.
struct EvaluateOptions: ParsableArguments {
  @Argument(help: "A file that is split here. Or give --train and --test.")
  var data: String?

  @Option(help: "What models learn from.")
  var train: String?
  @Option(help: "For tuning and the blend's weights; the models reported learn from it as well.")
  var valid: String?
  @Option(help: "What is asked.")
  var test: String?
  @Option(help: "Lines (user,item) TAB item TAB …: each right item against these only.")
  var negatives: String?
  @Option(
    help:
      "What is known of the items: a table with columns such as item, title, text, categories, latitude, longitude."
  )
  var items: String?
  @Option(help: "known or asked: all items of training compete, or those that are right for anybody.")
  var candidates: String?
  @Option(help: "Lines bundle TAB member: the items of the data are bundles of these.")
  var members: String?
  @Option(name: .customLong("member-events"), help: "Lines user TAB member: what users took of these.")
  var memberEvents: String?
  @Option(
    help: ArgumentHelp(
      "Lists made elsewhere, measured like a model: lines user item item …; repeat for more.",
      valueName: "name=file"))
  var lists: [String] = []
  @Option(help: "adjacency, pairs, sequences, sessions, baskets, csv or jsonl.")
  var format: String?
  @Option(help: "Which column is what: user=NAME, item=, rating=, time=, basket=.")
  var column: [String] = []
  @Option(name: .customLong("min-rating"), help: "Leave out rows rated lower.")
  var minimumRating: Double?

  @Option(help: "ranking, basket or rating.")
  var task: String?
  @Option(help: "last-item, temporal or random.")
  var split: String?
  @Option(help: "Share that temporal and random splits ask.")
  var share = 0.2
  @Option(name: .customLong("valid-share"), help: "Share of the rest for validation.")
  var validShare = 0.1
  @Option(help: "For random splits, models and intervals.")
  var seed: UInt64 = 1
  @Option(help: "excluded or allowed: whether items the user has are candidates.")
  var seen: String?
  @Option(help: "miss or drop: right items the user already has, if those are no candidates.")
  var repeats: String?
  @Option(help: "list or all: NDCG over min(k, right items), or over all right items.")
  var ideal: String?
  @Option(parsing: .upToNextOption, help: "Lengths of lists, such as 10 20; 10 and 20 unless given.")
  var k: [String] = []
  @Flag(name: .customLong("drop-cold-users"), help: "Do not ask users without history.")
  var dropsColdUsers = false

  @Option(parsing: .upToNextOption, help: "Names of models, all, or blend.")
  var model: [String] = []
  @Option(parsing: .upToNextOption, help: "Models that blend adds up, instead of those that suit the data.")
  var parts: [String] = []
  @Option(help: "A parameter, such as ials.dimensions=256.")
  var set: [String] = []
  @Option(help: "Minutes for each model to search its parameters on the validation part.")
  var tune: Double?
  @Option(
    name: .customLong("tune-journal"), help: "File that keeps what --tune tries; a later run goes on from it."
  )
  var tuneJournal: String?
  @Option(help: "Resamples for the intervals; 0 for none.")
  var bootstrap = 1000
  @Option(help: "Threads; all cores unless given.")
  var threads: Int?
  @Option(
    name: .customLong("memory-limit"),
    help: "MiB a model may need; three quarters of the machine unless given.")
  var memoryLimit: UInt64?

  static var modelNames: String {
    let names = ModelRegistry.all.map(\.name) + [ModelRegistry.blendName]
    return
      "\(names.joined(separator: ", ")); for ratings \(ModelRegistry.ratingModels.map(\.name).joined(separator: ", "))"
  }

  func resolved() throws(EvaluationFault) -> EvaluationOptions {
    var options = EvaluationOptions()
    (options.data, options.train, options.valid, options.test) = (file, train, valid, test)
    options.negatives = negatives
    options.items = items
    options.candidates = try Self.choice(candidates, "--candidates", CandidateRule.self) ?? .known
    (options.members, options.memberEvents) = (members, memberEvents)
    options.lists = try listFiles()
    options.format = try Self.choice(format, "--format", DataFormat.self)
    options.task = try Self.choice(task, "--task", EvaluationTask.self)
    options.split = try Self.choice(split, "--split", SplitRule.self)
    options.ideal = try Self.choice(ideal, "--ideal", IdealRule.self) ?? .list
    options.repeats = try Self.choice(repeats, "--repeats", RepeatRule.self)
    if let seen {
      guard let rule = SeenRule(rawValue: seen) else {
        throw EvaluationFault(.usage, "--seen \(seen): use excluded or allowed.")
      }
      options.seen = rule
    }
    options.columns = EventColumns(try columns())
    options.minimumRating = minimumRating
    (options.testShare, options.validShare, options.seed) = (share, validShare, seed)
    options.lengths = try lengths()
    options.dropsColdUsers = dropsColdUsers
    guard (0...100_000).contains(bootstrap) else {
      throw EvaluationFault(.usage, "--bootstrap \(bootstrap): use 0 to 100000 resamples.")
    }
    options.resamples = bootstrap
    let cores = ProcessInfo.processInfo.activeProcessorCount
    guard (1...1024).contains(threads ?? cores) else {
      throw EvaluationFault(.usage, "--threads \(threads ?? cores): use 1 to 1024.")
    }
    options.threads = threads ?? cores
    if tuneJournal != nil, tune == nil {
      throw EvaluationFault(.usage, "--tune-journal is for --tune MINUTES; give that as well.")
    }
    if let tune, !(tune > 0) { throw EvaluationFault(.usage, "--tune \(tune): give minutes above 0.") }
    let (bytes, overflow) = (memoryLimit ?? 0).multipliedReportingOverflow(by: 1 << 20)
    options.memoryLimitBytes =
      memoryLimit != nil ? (overflow ? .max : bytes) : ProcessInfo.processInfo.physicalMemory / 4 * 3
    return options
  }

  /// Model, parameter, value.
  func overrides() throws(EvaluationFault) -> [String: [String: Double]] {
    var overrides: [String: [String: Double]] = [:]
    for text in set {
      let sides = text.split(separator: "=", maxSplits: 1)
      let names = sides.first?.split(separator: ".", maxSplits: 1) ?? []
      guard sides.count == 2, names.count == 2, let value = Double(sides[1]), value.isFinite else {
        throw EvaluationFault(
          .usage, "--set \(text): write MODEL.PARAMETER=NUMBER, such as ials.dimensions=256.")
      }
      overrides[String(names[0]), default: [:]][String(names[1])] = value
    }
    return overrides
  }

  private func listFiles() throws(EvaluationFault) -> [(name: String, path: String)] {
    var files: [(name: String, path: String)] = []
    for text in lists {
      let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2 else {
        throw EvaluationFault(.usage, "--lists \(text): write NAME=FILE, such as served=lists.txt.")
      }
      files.append((sides[0], sides[1]))
    }
    return files
  }

  private func columns() throws(EvaluationFault) -> [EventColumns.Field: String] {
    var columns: [EventColumns.Field: String] = [:]
    for text in column {
      let sides = text.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, let field = EventColumns.Field(rawValue: String(sides[0])) else {
        throw EvaluationFault(
          .usage, "--column \(text): write FIELD=NAME with user, item, rating, time or basket.")
      }
      columns[field] = String(sides[1])
    }
    return columns
  }

  private func lengths() throws(EvaluationFault) -> [Int] {
    var lengths: Set<Int> = []
    for part in taken.lengths.joined(separator: ",").split(separator: ",") {
      guard let length = Int(part.filter { $0 != " " }) else {
        throw EvaluationFault(
          .usage, "--k \(k.joined(separator: " ")): write lengths such as 10 20, and the file before --k.")
      }
      lengths.insert(length)
    }
    return k.isEmpty ? [10, 20] : lengths.sorted()
  }

  /// Options that take several words also take a file that stands behind them: `--k 10 20 data.txt`. The last word is the file
  /// if there is no other and it can be neither a length nor a model.
  private var taken: (lengths: [String], models: [String], file: String?) {
    if data != nil || train != nil { return (k, model, data) }
    if let last = k.last, last.contains(where: { !$0.isNumber && $0 != "," && $0 != " " && $0 != "-" }) {
      return (k.dropLast(), model, last)
    }
    if model.count > 1, let last = model.last, last.contains(where: { $0 == "." || $0 == "/" }) {
      return (k, model.dropLast(), last)
    }
    return (k, model, nil)
  }

  private var file: String? { taken.file }
  /// Names of models as given.
  var models: [String] { taken.models.flatMap { $0.split(separator: ",").map(String.init) } }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ text: String?, _ option: String, _: Choice.Type
  ) throws(EvaluationFault) -> Choice? where Choice.RawValue == String {
    guard let text else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw EvaluationFault(.usage, "\(option) \(text): use one of \(names).")
  }
}
