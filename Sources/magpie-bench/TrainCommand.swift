import ArgumentParser
import Evaluating
import Training

/// Trains iALS on files, and measures factors, ours or a peer's, with the code of `magpie evaluate`.
///
/// Lines: `run` trains once; `measure` measures what the last run made; `measure USERS ITEMS` measures two files of
/// 32-bit floats, row by row, over the same numbers; `save USERS ITEMS` writes what the last run made.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "iALS: time of a run, and how well its lists do.")

  @Option(help: "What is learned from.") var train: String
  @Option(help: "More to learn from: the validation part, unless that is what is asked.") var also: String?
  @Option(help: "What is asked.") var test: String?
  @Option(help: "Lines (user,item) TAB item …, instead of --test.") var negatives: String?
  @Option(help: "Length of the lists.") var k = 20
  @Option(help: "Length of the factors.") var dimensions = 64
  @Option(help: "Epochs of a run.") var iterations = 15
  @Option(help: "λ.") var regularisation = 0.004
  @Option(help: "a₀.") var unobserved = 0.01
  @Option(help: "ν.") var exponent = 1.0
  @Option(help: "Steps towards the answer of a row; 0 solves it exactly.") var steps = 3
  @Option(help: "Threads.") var threads = 2
  @Option(
    help: "Writes the pairs for the peer: rows, columns, pairs and row starts as u64, then columns as u32.")
  var pairs: String?

  func run() throws {
    var options = EvaluationOptions()
    (options.train, options.valid, options.test, options.negatives) = (train, also, test, negatives)
    options.lengths = [k]
    options.threads = threads
    let data: DataSet
    do { data = try DataSet.read(options) } catch { throw BenchFailure(error.message) }
    let fit = FitData(data.train.followed(by: data.valid), data)
    let pool = ThreadPool(threads: threads)
    let measurer = Measurer(
      Questions(data, fit, options), statistics: ItemStatistics(fit), lengths: options.lengths,
      looksAtLists: false, pool: pool)
    if let pairs { try write(fit.pairs, to: pairs) }

    var settings = FactorSettings()
    settings.dimensions = dimensions
    settings.iterations = iterations
    settings.descentSteps = steps
    settings.regularisation = regularisation
    settings.unobservedWeight = unobserved
    settings.regularisationExponent = exponent
    let trainer = FactorTrainer(settings)

    var ready = JSONLine()
    ready.add("users", fit.pairs.rowCount)
    ready.add("items", fit.pairs.columnCount)
    ready.add("pairs", fit.pairs.pairCount)
    Session.say(ready)

    var last: StoredFactors?
    try Session.run { words in
      var line = JSONLine()
      switch words[0] {
      case "run":
        var made: TrainedFactors?
        let (seconds, processor) = Session.time { made = trainer.train(fit.pairs, pool: pool) }
        guard let made else { throw BenchFailure("the numbers stopped being finite") }
        last = StoredFactors(users: made.users.values.array(), items: made.items.values.array(), fit.pairs)
        line.add("seconds", seconds)
        line.add("processor_seconds", processor)
      case "measure":
        if words.count == 3 {
          last = StoredFactors(users: try floats(words[1]), items: try floats(words[2]), fit.pairs)
        }
        guard let last else { throw BenchFailure("there are no factors of these users and items") }
        let measured = measurer.measure(last)
        for name in ["NDCG@\(k)", "Recall@\(k)"] { line.add(name, measured.mean(name) ?? .nan) }
      case "save" where words.count == 3:
        guard let last else { throw BenchFailure("there are no factors yet") }
        try RawFiles.write([last.users], to: words[1])
        try RawFiles.write([last.items], to: words[2])
        line.add("dimensions", dimensions)
      default: throw BenchFailure("no such measurement: \(words[0])")
      }
      return line
    }
  }

  private func write(_ pairs: PairMatrix, to path: String) throws {
    let head = [UInt64(pairs.rowCount), UInt64(pairs.columnCount), UInt64(pairs.pairCount)]
    try RawFiles.write([head, pairs.rowStart.map { UInt64($0) }], to: path)
    try RawFiles.write([pairs.columns], to: path, append: true)
  }

  private func floats(_ path: String) throws -> [Float] { try RawFiles.read(path, of: Float.self, zero: 0) }
}
