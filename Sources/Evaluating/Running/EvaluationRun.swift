import Training

/// One evaluation: read, split, train, rank, count. Takes the calling thread for the whole time.
package struct EvaluationRun: Sendable {
  package var options: EvaluationOptions
  /// Names of models; `all` and `blend` among them. Empty: the usual baselines.
  package var models: [String]
  /// Names of the models that `blend` adds up; empty: the standard parts for the data.
  package var parts: [String] = []
  /// Model, parameter, value.
  package var overrides: [String: [String: Double]]
  /// Minutes of search on the validation part for each model; nil does not tune.
  package var tuningMinutes: Double?
  /// File of what tuning has tried; a later run goes on from it.
  package var journalPath: String?
  /// Called with what is being done and how much of it, on any thread.
  package let progress: @Sendable (String, Double?) -> Void
  /// Called with sentences worth reading as soon as they are known.
  package let note: @Sendable (String) -> Void

  package init(
    options: EvaluationOptions, models: [String], overrides: [String: [String: Double]] = [:],
    tuningMinutes: Double? = nil, journalPath: String? = nil,
    progress: @escaping @Sendable (String, Double?) -> Void = { _, _ in },
    note: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.options = options
    self.models = models
    self.overrides = overrides
    self.tuningMinutes = tuningMinutes
    self.journalPath = journalPath
    self.progress = progress
    self.note = note
  }

  /// Questions that tuning asks at most; more cost time and change nothing that the test would notice.
  static let tuningQuestionsMax = 3000

  /// - Throws: whatever `EvaluationFault` says.
  package func run() throws(EvaluationFault) -> EvaluationReport {
    let start = ContinuousClock.now
    let rating = options.task == .rating
    try checkNames(rating: rating)
    progress("Reading", nil)
    let data = try DataSet.read(options)
    for text in data.notes { note(text) }
    let pool = ThreadPool(threads: options.threads)
    var report = rating ? try rate(data, pool: pool) : try rank(data, pool: pool)
    report.seconds = (ContinuousClock.now - start).inSeconds
    report.cpuSeconds = ProcessorTime.seconds
    return report
  }

  /// Reads and splits as `run` would, and writes the parts for recommenders elsewhere; `SplitWriter` says what.
  /// - Parameter end: when users without times end, microseconds since 1970.
  /// - Throws: whatever `EvaluationFault` says.
  package func writeSplit(to directory: String, end: Int64) throws(EvaluationFault) -> SplitWriter.Summary {
    progress("Reading", nil)
    let data = try DataSet.read(options)
    for text in data.notes { note(text) }
    progress("Writing", nil)
    return try SplitWriter.write(data, to: directory, end: end)
  }

  /// Before anything is read: a misspelt name must not cost a minute.
  private func checkNames(rating: Bool) throws(EvaluationFault) {
    let known = rating ? ModelRegistry.ratingModels.map(\.name) : ModelRegistry.all.map(\.name)
    let special = ["all", ModelRegistry.blendName]
    for name in models where !known.contains(name) && !special.contains(name) {
      throw EvaluationFault(
        .usage, "There is no model \(name); there are \((known + special).joined(separator: ", ")).")
    }
    for name in parts where !known.contains(name) {
      throw EvaluationFault(
        .usage, "--parts \(name): there is no such model; there are \(known.joined(separator: ", ")).")
    }
    if !parts.isEmpty, !models.contains(ModelRegistry.blendName) {
      throw EvaluationFault(.usage, "--parts is for --model blend; name blend as well.")
    }
    for name in overrides.keys where !known.contains(name) {
      throw EvaluationFault(
        .usage, "--set \(name).…: there is no model \(name); there are \(known.joined(separator: ", ")).")
    }
    let taken = known + special
    for (place, (name, _)) in options.lists.enumerated() {
      if rating { throw EvaluationFault(.usage, "--lists is for rankings; ratings have no lists.") }
      if taken.contains(name) || options.lists[..<place].contains(where: { $0.name == name }) {
        throw EvaluationFault(.usage, "--lists \(name)=…: \(name) is taken; give the lists another name.")
      }
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
      precision: fit.precision,
      tellsRepeats: data.task == .basket, pool: pool)
    let chosen = try choose(fit, context(rules, pool) { _ in })
    let wantsBlend = models.contains(ModelRegistry.blendName)
    var validation: Validation?
    var notes: [String] = []
    if wantsBlend || tuningMinutes != nil {
      validation = Validation(data, rules, options)
      if validation == nil, tuningMinutes != nil {
        notes.append("Nothing is left for validation, so nothing is tuned; give --valid FILE.")
        note(notes[0])
      }
    }
    var journal: TuningJournal?
    if let journalPath, let validation {
      journal = try TuningJournal(path: journalPath, fingerprint: fingerprint(data, validation))
    }
    var session = RankingSession(
      run: self, rules: rules, fit: fit, measurer: measurer, validation: validation, pool: pool,
      journal: journal)
    var reports: [ModelReport] = []
    for model in chosen.alone { reports.append(try session.measure(model, keeps: wantsBlend)) }
    if wantsBlend { reports.append(try session.blend(chosen.blended)) }
    for (name, path) in options.lists { reports.append(try session.listed(name, path, data)) }
    return EvaluationReport(
      rules: rules.described(data, fit, questions, validation), models: reports, skipped: chosen.skipped,
      notes: data.notes + notes + session.notes, task: data.task, lengths: options.lengths)
  }

  /// Everything the value of a setting hangs on.
  private func fingerprint(_ data: DataSet, _ validation: Validation) -> UInt64 {
    var fingerprint = Fingerprint()
    fingerprint.add(data.train, data)
    fingerprint.add(data.valid, data)
    for item in validation.questions.relevant { fingerprint.add(UInt64(item)) }
    fingerprint.add(validation.description)
    fingerprint.add("\(data.format) \(data.task) \(options.seed) \(options.lengths.last ?? 10)")
    return fingerprint.value
  }

  func context(_ rules: RankingRules, _ pool: ThreadPool, _ report: @escaping @Sendable (Double) -> Void)
    -> TrainingContext
  {
    TrainingContext(
      pool: pool, seed: options.seed, seenRule: rules.seen, memoryLimitBytes: options.memoryLimitBytes,
      progress: report)
  }

  /// Models reported one by one, those of the blend, and those left out with the reason.
  struct Choice {
    var alone: [ModelDescription] = []
    var blended: [ModelDescription] = []
    var skipped: [(name: String, reason: String)] = []
  }

  private func choose(_ fit: FitData, _ context: TrainingContext) throws(EvaluationFault) -> Choice {
    let wantsBlend = models.contains(ModelRegistry.blendName)
    let named = models.filter { $0 != "all" && $0 != ModelRegistry.blendName }
    var choice = Choice()
    if models.isEmpty, options.lists.isEmpty {
      choice.alone = ["popularity", "item-knn", "ials"].compactMap { ModelRegistry.named($0) }
    } else if !models.contains("all") {
      choice.alone = ModelRegistry.all.filter { named.contains($0.name) }
    }
    let parts =
      !wantsBlend
      ? []
      : parts.isEmpty ? ModelRegistry.partNames(fit, memoryLimitBytes: options.memoryLimitBytes) : parts
    for model in ModelRegistry.all {
      let isNamed = named.contains(model.name) || self.parts.contains(model.name)
      let isPart = parts.contains(model.name)
      let isAsked = models.contains("all") && (named.contains(model.name) || model.suits(fit))
      if models.contains("all"), !isAsked, !isPart {
        choice.skipped.append((model.name, "not made for such data; ask for it by name"))
      }
      guard isAsked || isPart else { continue }
      let settings = try model.settings(fit, overrides[model.name] ?? [:])
      if !isNamed, let reason = model.obstacle(fit, settings, context) {
        choice.skipped.append((model.name, reason))
        continue
      }
      if isAsked { choice.alone.append(model) }
      if isPart { choice.blended.append(model) }
    }
    return choice
  }
}
