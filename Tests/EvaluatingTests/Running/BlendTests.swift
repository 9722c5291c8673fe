import Evaluating
import Testing
import Training

/// What `--model blend` is made of, and that odd data do not break it.
@Suite struct BlendTests {
  /// Histories in cycles of the user's taste, for every format.
  private static func history(_ user: Int, _ length: Int = 8) -> [String] {
    (0..<length).map { "i\((user % 2) + 2 * ((user / 2 + $0) % 12))" }
  }

  private static func text(_ format: DataFormat, users: Int) -> String {
    let histories = (0..<users).map { (user: $0, items: history($0)) }
    switch format {
    case .adjacency, .sequences:
      return histories.map { "u\($0.user) " + $0.items.joined(separator: " ") }.joined(separator: "\n")
    case .sessions: return histories.map { $0.items.joined(separator: " ") }.joined(separator: "\n")
    case .pairs:
      return histories.flatMap { row in row.items.map { "u\(row.user)\t\($0)" } }.joined(separator: "\n")
    case .baskets:
      let users = histories.map { row in
        "\"u\(row.user)\": [" + row.items.map { "[\"\($0)\", \"i\(row.user % 3)\"]" }.joined(separator: ", ")
          + "]"
      }
      return "{" + users.joined(separator: ", ") + "}"
    case .csv:
      return "user,item,time\n"
        + histories.flatMap { row in
          row.items.enumerated().map { "u\(row.user),\($1),2026-01-\(10 + $0)T08:00:00Z" }
        }.joined(separator: "\n")
    case .jsonl:
      return histories.flatMap { row in
        row.items.enumerated().map {
          "{\"user\": \"u\(row.user)\", \"item\": \"\($1)\", \"time\": \(1000 + 86_400 * $0)}"
        }
      }.joined(separator: "\n")
    }
  }

  private func options(_ text: String, _ format: DataFormat?, _ directory: TemporaryDirectory) throws
    -> EvaluationOptions
  {
    var options = EvaluationOptions()
    options.data = try directory.file("data", text.utf8)
    options.format = format
    (options.lengths, options.resamples) = ([5], 20)
    return options
  }

  /// The trainer's parts and those of the evaluation are the same models: names, order and every score.
  @Test(arguments: [DataFormat.adjacency, .sequences, .sessions, .baskets])
  func partsAreTheStandardParts(_ format: DataFormat) throws {
    let directory = try TemporaryDirectory()
    var options = try options(Self.text(format, users: 40), format, directory)
    options.split = .random
    let data = try DataSet.read(options)
    let fit = FitData(data.train, data)
    let pool = ThreadPool(threads: 2)
    let standard = StandardParts(memoryLimit: 1 << 30)
    let parts =
      switch fit.kind {
      case .pairs: try #require(standard.pairs(fit.pairs, pool: pool))
      case .sequences: try #require(standard.sequences(fit.sequences, pairs: fit.pairs, pool: pool))
      case .sessions: standard.sessions(fit.sessions, pool: pool)
      case .baskets: try #require(standard.baskets(fit.baskets, pairs: fit.pairs, pool: pool))
      }
    let names = ModelRegistry.partNames(fit, memoryLimitBytes: 1 << 30)
    #expect(Array(names.prefix(parts.count)) == parts.map(\.name))
    let questions = Questions(data, fit, options)
    let context = TrainingContext(pool: pool, seenRule: questions.seenRule)
    for part in parts {
      let model = try #require(ModelRegistry.named(part.name))
      let ranker = try model.make(fit, try model.settings(fit), context)
      #expect(scores(ranker, questions) == scores(part.ranker, questions), "\(part.name)")
    }
  }

  private func scores(_ ranker: RankerBox, _ questions: Questions) -> [Float] {
    let count = min(20, questions.count)
    let output = SharedArray<Float>(repeating: 0, count: count * questions.itemCount)
    questions.withQueries(0..<count) {
      ranker.score($0, into: output.pointer, scratch: ranker.makeScratch())
    }
    return output.array()
  }

  @Test(arguments: DataFormat.allCases, [2, 5, 30]) func everyFormatAndSizeIsBlended(
    _ format: DataFormat, users: Int
  )
    throws
  {
    let directory = try TemporaryDirectory()
    let options = try options(Self.text(format, users: users), format, directory)
    let report = try EvaluationRun(options: options, models: ["blend"]).run()
    #expect(report.models.map(\.name) == ["blend"])
    let weights = try #require(report.models.first).settings.values.values
    #expect(!weights.isEmpty && weights.allSatisfy { $0.isFinite })
    let ndcg = try #require(report.models.first?.value("NDCG@5"))
    #expect(ndcg.isFinite && (0...1).contains(ndcg))
  }

  /// One item for each user: nothing can be held out of training, so the parts weigh the same.
  @Test func historiesOfOneItemAreNoTrap() throws {
    let directory = try TemporaryDirectory()
    var options = EvaluationOptions()
    options.format = .pairs
    options.train = try directory.file("train", (0..<10).map { "u\($0) i\($0 % 3)\n" }.joined().utf8)
    options.test = try directory.file("test", (0..<10).map { "u\($0) i\(($0 + 1) % 3)\n" }.joined().utf8)
    options.resamples = 0
    let report = try EvaluationRun(options: options, models: ["blend"]).run()
    #expect(report.notes.contains { $0.contains("nothing can be held out") })
    #expect(Set(try #require(report.models.first).settings.values.values).count == 1)
  }

  /// Sampled candidates without a validation part: one item of each user against as many drawn ones.
  @Test func sampledCandidatesAreValidatedAsTheyAreAsked() throws {
    let directory = try TemporaryDirectory()
    var options = EvaluationOptions()
    options.format = .pairs
    options.train = try directory.file("train", Self.text(.pairs, users: 30).utf8)
    let lines = (0..<30).map { user in
      let own = Set(Self.history(user))
      let others = (0..<24).map { "i\($0)" }.filter { !own.contains($0) }
      return "(u\(user),\(others[user % others.count]))\t" + others.prefix(9).joined(separator: "\t")
    }
    options.negatives = try directory.file("negatives", lines.joined(separator: "\n").utf8)
    (options.lengths, options.resamples) = ([3], 0)
    let report = try EvaluationRun(options: options, models: ["blend"]).run()
    let words = try #require(report.rules.first { $0.name == "validation" }?.text)
    #expect(words.contains("one item of each user") && words.contains("30 questions"), "\(words)")
    #expect(words.contains("against 9 negatives") || words.contains("against 8 negatives"), "\(words)")
  }

  @Test func partsMayBeNamed() throws {
    let directory = try TemporaryDirectory()
    let options = try options(Self.text(.adjacency, users: 30), .adjacency, directory)
    var run = EvaluationRun(options: options, models: ["popularity", "blend"])
    run.parts = ["item-knn", "user-knn"]
    let report = try run.run()
    #expect(report.models.map(\.name) == ["popularity", "blend"])
    #expect(Set(try #require(report.models.last).settings.values.keys).isSubset(of: run.parts))
    run.parts = ["magic"]
    #expect(throws: EvaluationFault.self) { try run.run() }
    (run.parts, run.models) = (["ials"], ["popularity"])
    #expect(throws: EvaluationFault.self) { try run.run() }
  }

  @Test func aJournalIsGoneOnWith() throws {
    let directory = try TemporaryDirectory()
    let options = try options(Self.text(.sequences, users: 30), .sequences, directory)
    let path = directory.path + "/journal"
    func tune(_ change: (inout EvaluationOptions) -> Void = { _ in }) throws -> EvaluationReport {
      var options = options
      change(&options)
      return try EvaluationRun(
        options: options, models: ["item-knn"], tuningMinutes: 5, journalPath: path
      ).run()
    }
    let first = try tune()
    let lines = try TemporaryDirectory.lines(path)
    #expect(lines.count > 10)
    // Again: everything is remembered, nothing is tried and the choice is the same.
    let second = try tune()
    #expect(second.models[0].settings == first.models[0].settings)
    #expect(try TemporaryDirectory.lines(path) == lines)
    #expect(second.notes.contains { $0.contains("\(lines.count) of them from the journal") })
    // A torn end is no harm, and only what is missing is tried again.
    try TemporaryDirectory.write(
      path, lines.dropLast().joined(separator: "\n") + "\n" + lines[lines.count - 1].prefix(20))
    #expect(try tune().models[0].settings == first.models[0].settings)
    #expect(try TemporaryDirectory.lines(path).last == lines.last)
    // Other data, another seed: nothing is remembered.
    let other = try tune { $0.seed = 9 }
    #expect(!other.notes.contains { $0.contains("from the journal") })
    // What is no journal is not written to.
    try TemporaryDirectory.write(path, "precious\n")
    #expect(throws: EvaluationFault.self) { try tune() }
    #expect(try TemporaryDirectory.lines(path) == ["precious"])
  }
}
