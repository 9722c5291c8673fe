import ArgumentParser
import Evaluating
import FoundationEssentials
import Glibc

/// `magpie evaluate`: how well models do on files, without a daemon.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure models on data in files; needs no daemon.",
    discussion: """
      Give one file, which is split here, or --train and --test. Formats, told by looking or by --format:
        adjacency   user item item …            one user a line, items in no order
        sequences   user item item …            one user a line, oldest first
        pairs       user item [rating [time]]   parted by tab, comma, :: or blanks
        sessions    item item …                 one session a line; for tests: prefix TAB target
        baskets     {"user": [[item, …], …]}    JSON; or train, validate and test with such objects
        csv, jsonl  columns user, item, and if there are any rating, time, basket

      Numbers stand beside what they mean: split, seen rule, ideal rule, tie rule, 95 % intervals.

      Examples:
        magpie evaluate --train train.txt --valid valid.txt --test test.txt --k 20 --model blend
        magpie evaluate --train train.txt --test test.txt --model popularity item-knn ials
        magpie evaluate sequences.txt --format sequences --split last-item --model all blend --k 10
        magpie evaluate --train train.txt --negatives test.negative --model ease
        magpie evaluate ratings.csv --split temporal --model all --json
        magpie evaluate ratings.csv --task rating --split random --seed 7 --model bias svd blend
        magpie evaluate sequences.txt --split last-item --model ials --tune 10 --tune-journal tuning.jsonl

      `blend` adds up the models that suit the data, or those of --parts; weights come from validation, never from the test part.
      Models: \(EvaluateOptions.modelNames). docs/evaluate.md explains models, metrics and rules.
      """)

  @OptionGroup var options: EvaluateOptions

  @Option(help: "Write a picture of the main numbers with their intervals.", transform: { $0 })
  var plot: String?

  @Flag(help: "One JSON object: models, metrics with value, low and high, and the protocol.")
  var json = false

  @Option(
    name: .customLong("write-split"),
    help: ArgumentHelp(
      "Write what models learn from to DIR/train.csv and the users that are asked to DIR/asked.txt, and stop.",
      valueName: "dir"))
  var writeSplit: String?

  @Flag(name: .customLong("list-models"), help: "Print all models with their parameters, and stop.")
  var listsModels = false

  func run() throws {
    if listsModels { return EvaluationPrinter.printModels() }
    let narrator = EvaluationNarrator()
    let report: EvaluationReport
    do throws(EvaluationFault) {
      var run = EvaluationRun(
        options: try options.resolved(), models: options.models, overrides: try options.overrides(),
        tuningMinutes: options.tune, journalPath: options.tuneJournal,
        progress: { narrator.progressed($0, $1) }, note: { narrator.noted($0) })
      run.parts = options.parts
      if let writeSplit {
        // Users whose times are made up end a moment ago, as if the data had just been collected.
        let summary = try run.writeSplit(to: writeSplit, end: Int64(time(nil) - 3600) * 1_000_000)
        narrator.finish()
        return Self.tell(summary, directory: writeSplit, isJSON: json)
      }
      report = try run.run()
      narrator.finish()
      if let plot { try BarPlot(report).write(to: plot) }
    } catch {
      narrator.finish()
      throw CommandFailure(error, isJSON: json)
    }
    if json { Terminal.say(report.json) } else { EvaluationPrinter.print(report) }
  }

  private static func tell(_ summary: SplitWriter.Summary, directory: String, isJSON: Bool) {
    if isJSON {
      return Terminal.say(
        "{\"events\":\(summary.events),\"users\":\(summary.users),\"invents_times\":\(summary.inventsTimes)}")
    }
    Terminal.say(
      "Wrote \(summary.events) events to \(directory)/train.csv and \(summary.users) users to \(directory)/asked.txt."
        + (summary.inventsTimes ? " The data have no times; these come from the order." : ""))
  }
}

extension CommandFailure {
  init(_ fault: EvaluationFault, isJSON: Bool) {
    switch fault.kind {
    case .usage: self.init(.usage, reason: "usage", fault.message, isJSON: isJSON)
    case .badData: self.init(.badData, reason: "bad_data", fault.message, isJSON: isJSON)
    case .file: self.init(.failed, reason: "file", fault.message, isJSON: isJSON)
    case .model: self.init(.failed, reason: "model", fault.message, isJSON: isJSON)
    }
  }
}
