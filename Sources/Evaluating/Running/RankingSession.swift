import Training

/// Trains and measures one model after the other.
struct RankingSession {
  let run: EvaluationRun
  let rules: RankingRules
  let fit: FitData
  let measurer: Measurer
  let validation: Validation?
  let pool: ThreadPool
  let journal: TuningJournal?
  var notes: [String] = []
  /// Trained models that the blend will need again.
  var kept: [String: RankerBox] = [:]
  private var chosenSettings: [String: ModelSettings] = [:]

  init(
    run: EvaluationRun, rules: RankingRules, fit: FitData, measurer: Measurer, validation: Validation?,
    pool: ThreadPool, journal: TuningJournal?
  ) {
    self.run = run
    self.rules = rules
    self.fit = fit
    self.measurer = measurer
    self.validation = validation
    self.pool = pool
    self.journal = journal
  }

  mutating func measure(_ model: ModelDescription, keeps: Bool) throws(EvaluationFault) -> ModelReport {
    PeakMemory.forget()
    let start = ContinuousClock.now
    let settings = try settings(model)
    let trainStart = ContinuousClock.now
    let ranker = try make(model, settings, fit)
    let trained = ContinuousClock.now
    if keeps { kept[model.name] = ranker }
    return report(model.name, ranker, settings, start: start, trainStart: trainStart, trained: trained)
  }

  func make(
    _ model: ModelDescription, _ settings: ModelSettings, _ fit: FitData, purpose: String = ""
  ) throws(EvaluationFault) -> RankerBox {
    let (stage, progress) = ("Training \(model.name)\(purpose)", run.progress)
    progress(stage, 0)
    return try model.make(fit, settings, run.context(rules, pool) { progress(stage, $0) })
  }

  func report(
    _ name: String, _ ranker: RankerBox, _ settings: ModelSettings, start: ContinuousClock.Instant,
    trainStart: ContinuousClock.Instant, trained: ContinuousClock.Instant
  ) -> ModelReport {
    let progress = run.progress
    let measured = measurer.measure(ranker) { progress("Ranking by \(name)", $0) }
    let done = ContinuousClock.now
    let peak = PeakMemory.bytes
    progress("Intervals of \(name)", nil)
    let intervals = Bootstrap(resamples: run.options.resamples, seed: run.options.seed)
      .intervals(measured.perQuestion, columns: measured.names.count, pool: pool)
    var estimates: [Estimate] = []
    for (column, metric) in measured.names.enumerated() {
      guard let mean = measured.mean(metric) else { continue }
      estimates.append(
        Estimate(name: metric, value: mean, low: intervals?[column].low, high: intervals?[column].high))
    }
    for (metric, value) in measured.together {
      estimates.append(Estimate(name: metric, value: value, low: nil, high: nil))
    }
    return ModelReport(
      name: name, estimates: estimates, seconds: (done - start).inSeconds,
      trainSeconds: (trained - trainStart).inSeconds, peakBytes: peak, settings: settings)
  }

  /// Lists made elsewhere, measured like a model.
  mutating func listed(_ name: String, _ path: String, _ data: DataSet) throws(EvaluationFault) -> ModelReport
  {
    PeakMemory.forget()
    let start = ContinuousClock.now
    let lists = try ListsFile(path, users: data.users, items: data.items)
    if lists.strangers > 0 {
      notes.append("\(path): \(lists.strangers) lists are of users that the data do not have.")
    }
    if lists.unknownItems > 0 {
      notes.append(
        "\(path): \(lists.unknownItems) items of lists are not in the data and are passed over; what stands behind them moves up."
      )
    }
    let ranker = RankerBox(ListedRanker(lists, itemCount: data.items.count))
    let read = ContinuousClock.now
    return report(name, ranker, ModelSettings(), start: start, trainStart: read, trained: read)
  }

  /// Defaults and what was set; with tuning, the best found on the validation part.
  mutating func settings(_ model: ModelDescription) throws(EvaluationFault) -> ModelSettings {
    if let settings = chosenSettings[model.name] { return settings }
    let given = run.overrides[model.name] ?? [:]
    var settings = try model.settings(fit, given)
    if let minutes = run.tuningMinutes, let validation {
      settings = try tune(model, from: settings, fixed: Set(given.keys), validation, minutes: minutes)
    }
    chosenSettings[model.name] = settings
    return settings
  }

  private mutating func tune(
    _ model: ModelDescription, from start: ModelSettings, fixed: Set<String>, _ validation: Validation,
    minutes: Double
  ) throws(EvaluationFault) -> ModelSettings {
    let length = run.options.lengths.last ?? 10
    let judge = Measurer(
      validation.questions, statistics: ItemStatistics(validation.fit), lengths: [length],
      looksAtLists: false, pool: pool)
    let (stage, progress) = ("Tuning \(model.name)", run.progress)
    let search = ParameterSearch(
      model: model.name, parameters: model.parameters, fixed: fixed, minutes: minutes, journal: journal,
      progress: { progress(stage, $0) })
    let (run, rules, pool) = (run, rules, pool)
    let found = try search.run(from: start) { (settings, tick) throws(EvaluationFault) in
      let ranker = try model.make(validation.fit, settings, run.context(rules, pool) { _ in tick() })
      return judge.measure(ranker) { _ in tick() }.mean("NDCG@\(length)") ?? 0
    }
    notes.append(
      "\(model.name): \(found.tried) settings tried on validation"
        + (found.remembered > 0 ? ", \(found.remembered) of them from the journal" : "")
        + ", NDCG@\(length) \(Digits.four(found.first)) by default, \(Digits.four(found.best)) chosen"
        + (found.isComplete ? "." : "; the time was over before the search."))
    return found.settings
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// Numbers for sentences.
package enum Digits {
  /// Four decimals; `-` for what is no number.
  package static func four(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "-" }
    let units = Int64((value.magnitude * 10_000).rounded())
    let rest = String(units % 10_000)
    return (value < 0 && units > 0 ? "-" : "") + "\(units / 10_000)."
      + String(repeating: "0", count: 4 - rest.count) + rest
  }
}
