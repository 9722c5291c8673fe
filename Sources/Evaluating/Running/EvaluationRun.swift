import Training

/// One evaluation: read, split, train, rank, count. Takes the calling thread for the whole time.
package struct EvaluationRun: Sendable {
  package var options: EvaluationOptions
  /// Names of models; `all` and `blend` among them. Empty: the usual baselines.
  package var models: [String]
  /// Model, parameter, value.
  package var overrides: [String: [String: Double]]
  /// Minutes of search on the validation part for each model; nil does not tune.
  package var tuningMinutes: Double?
  /// Called with what is being done and how much of it, on any thread.
  package let progress: @Sendable (String, Double?) -> Void
  /// Called with sentences worth reading as soon as they are known.
  package let note: @Sendable (String) -> Void

  package init(
    options: EvaluationOptions, models: [String], overrides: [String: [String: Double]] = [:],
    tuningMinutes: Double? = nil, progress: @escaping @Sendable (String, Double?) -> Void = { _, _ in },
    note: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.options = options
    self.models = models
    self.overrides = overrides
    self.tuningMinutes = tuningMinutes
    self.progress = progress
    self.note = note
  }

  /// Questions that tuning asks at most; more cost time and change nothing that the test would notice.
  static let tuningQuestionsMax = 3000

  /// - Throws: whatever `EvaluationFault` says.
  package func run() throws(EvaluationFault) -> EvaluationReport {
    let rating = options.task == .rating
    try checkNames(rating: rating)
    progress("Reading", nil)
    let data = try DataSet.read(options)
    for text in data.notes { note(text) }
    let pool = ThreadPool(threads: options.threads)
    if rating { return try rate(data, pool: pool) }
    return try rank(data, pool: pool)
  }

  /// Before anything is read: a misspelt name must not cost a minute.
  private func checkNames(rating: Bool) throws(EvaluationFault) {
    let known = rating ? ModelRegistry.ratingModels.map(\.name) : ModelRegistry.all.map(\.name)
    let special = rating ? ["all"] : ["all", ModelRegistry.blendName]
    for name in models where !known.contains(name) && !special.contains(name) {
      throw EvaluationFault(
        .usage, "There is no model \(name); there are \((known + special).joined(separator: ", ")).")
    }
    for name in overrides.keys where !known.contains(name) {
      throw EvaluationFault(
        .usage, "--set \(name).…: there is no model \(name); there are \(known.joined(separator: ", ")).")
    }
    guard !options.lengths.isEmpty, options.lengths.allSatisfy({ (1...10_000).contains($0) }) else {
      throw EvaluationFault(.usage, "--k takes lengths from 1 to 10000, such as 10,20.")
    }
    for (name, share) in [("--share", options.testShare), ("--valid-share", options.validShare)]
    where !(share > 0 && share < 1) {
      throw EvaluationFault(.usage, "\(name) is \(share); it must be above 0 and below 1.")
    }
  }

  private func rank(_ data: DataSet, pool: ThreadPool) throws(EvaluationFault) -> EvaluationReport {
    let rules = RankingRules(options, data)
    let fit = FitData(data.train.followed(by: data.valid), data)
    let questions = rules.questions(data.test, fit)
    guard questions.count > 0 else {
      throw EvaluationFault(
        .badData, "There is nothing to ask: no user of the test part has an item that may be recommended.")
    }
    let measurer = Measurer(
      questions, statistics: ItemStatistics(fit), lengths: options.lengths, ideal: options.ideal,
      tellsRepeats: data.task == .basket, pool: pool)
    let (chosen, skipped) = try choose(fit, context(rules, pool) { _ in })
    let wantsBlend = models.contains(ModelRegistry.blendName)
    var validation: Validation?
    if wantsBlend || tuningMinutes != nil { validation = try Validation(data, rules, options) }
    var session = RankingSession(
      run: self, rules: rules, fit: fit, measurer: measurer, validation: validation, pool: pool)
    let alone = models.allSatisfy { $0 == ModelRegistry.blendName } && wantsBlend
    var reports: [ModelReport] = []
    for model in chosen where !alone { reports.append(try session.measure(model, keeps: wantsBlend)) }
    if wantsBlend { reports.append(try session.blend(chosen)) }
    return EvaluationReport(
      rules: rules.described(data, fit, questions, validation), models: reports, skipped: skipped,
      notes: data.notes + session.notes, task: data.task, lengths: options.lengths)
  }

  func context(_ rules: RankingRules, _ pool: ThreadPool, _ report: @escaping @Sendable (Double) -> Void)
    -> TrainingContext
  {
    TrainingContext(
      pool: pool, seed: options.seed, seenRule: rules.seen, memoryLimitBytes: options.memoryLimitBytes,
      progress: report)
  }

  private func choose(_ fit: FitData, _ context: TrainingContext) throws(EvaluationFault) -> (
    [ModelDescription], [(name: String, reason: String)]
  ) {
    let named = models.filter { $0 != "all" && $0 != ModelRegistry.blendName }
    let takesAll = models.contains("all") || (named.isEmpty && models.contains(ModelRegistry.blendName))
    if !takesAll {
      let names = named.isEmpty ? ["popularity", "item-knn", "ials"] : named
      return (names.compactMap { ModelRegistry.named($0) }, [])
    }
    var chosen: [ModelDescription] = []
    var skipped: [(name: String, reason: String)] = []
    for model in ModelRegistry.all {
      if named.contains(model.name) {
        chosen.append(model)
      } else if !model.suits(fit) {
        skipped.append((model.name, "not made for such data; ask for it by name"))
      } else if let reason = model.obstacle(
        fit, try model.settings(fit, overrides[model.name] ?? [:]), context)
      {
        skipped.append((model.name, reason))
      } else {
        chosen.append(model)
      }
    }
    return (chosen, skipped)
  }
}
