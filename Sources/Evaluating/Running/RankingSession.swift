import Training

/// Trains and measures one model after the other.
struct RankingSession {
  let run: EvaluationRun
  let rules: RankingRules
  let fit: FitData
  let measurer: Measurer
  let validation: Validation?
  let pool: ThreadPool
  private(set) var notes: [String] = []
  /// Trained models that the blend will need again.
  private var kept: [String: RankerBox] = [:]
  private var chosenSettings: [String: ModelSettings] = [:]

  init(
    run: EvaluationRun, rules: RankingRules, fit: FitData, measurer: Measurer, validation: Validation?,
    pool: ThreadPool
  ) {
    self.run = run
    self.rules = rules
    self.fit = fit
    self.measurer = measurer
    self.validation = validation
    self.pool = pool
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

  private func make(_ model: ModelDescription, _ settings: ModelSettings, _ fit: FitData)
    throws(EvaluationFault)
    -> RankerBox
  {
    let (name, progress) = (model.name, run.progress)
    progress("Training \(name)", 0)
    return try model.make(fit, settings, run.context(rules, pool) { progress("Training \(name)", $0) })
  }

  private func report(
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

  /// Defaults and what was set; with tuning, the best found on the validation part.
  private mutating func settings(_ model: ModelDescription) throws(EvaluationFault) -> ModelSettings {
    if let settings = chosenSettings[model.name] { return settings }
    let given = run.overrides[model.name] ?? [:]
    var settings = try model.settings(fit, given)
    if let minutes = run.tuningMinutes, let validation {
      settings = try tune(model, from: settings, fixed: Set(given.keys), validation, minutes: minutes)
    }
    chosenSettings[model.name] = settings
    return settings
  }

  /// Coordinate search: every parameter in turn takes the best of its candidates, until a round changes nothing or
  /// the time is over.
  private mutating func tune(
    _ model: ModelDescription, from start: ModelSettings, fixed: Set<String>, _ validation: Validation,
    minutes: Double
  ) throws(EvaluationFault) -> ModelSettings {
    let length = run.options.lengths.last ?? 10
    let judge = Measurer(
      validation.questions, statistics: ItemStatistics(validation.fit), lengths: [length],
      looksAtLists: false,
      pool: pool)
    let deadline = ContinuousClock.now + .seconds(60 * minutes)
    var tried: [ModelSettings: Double] = [:]
    func value(_ settings: ModelSettings) throws(EvaluationFault) -> Double {
      if let known = tried[settings] { return known }
      run.progress("Tuning \(model.name), \(tried.count + 1) tried", nil)
      let ranker = try model.make(validation.fit, settings, run.context(rules, pool) { _ in })
      let value = judge.measure(ranker).mean("NDCG@\(length)") ?? 0
      tried[settings] = value
      return value
    }
    let first = try value(start)
    var best = (settings: start, value: first)
    var isImproving = true
    while isImproving, ContinuousClock.now < deadline {
      isImproving = false
      for parameter in model.parameters where !fixed.contains(parameter.name) {
        for candidate in parameter.candidates(start[parameter.name]) where parameter.range.contains(candidate)
        {
          if ContinuousClock.now >= deadline { break }
          var settings = best.settings
          settings[parameter.name] = candidate
          // A setting that does not work out is no candidate.
          guard let found = try? value(settings), found > best.value else { continue }
          best = (settings, found)
          isImproving = true
        }
      }
    }
    notes.append(
      "\(model.name): \(tried.count) settings tried on validation, NDCG@\(length) \(Digits.four(first)) by default, \(Digits.four(best.value)) chosen"
        + (ContinuousClock.now >= deadline ? "; the time was over before the search." : "."))
    return best.settings
  }

  /// Weights from models that have not seen the validation part; the models reported are trained on everything.
  mutating func blend(_ models: [ModelDescription]) throws(EvaluationFault) -> ModelReport {
    guard let validation else {
      throw EvaluationFault(.usage, "blend needs a validation part; give --valid FILE.")
    }
    guard models.count > 1 else {
      throw EvaluationFault(.usage, "A blend needs at least two models; name more, or blend alone for all.")
    }
    PeakMemory.forget()
    let start = ContinuousClock.now
    var parts: [LinearBlend.Part] = []
    for model in models {
      parts.append(
        LinearBlend.Part(name: model.name, ranker: try make(model, try settings(model), validation.fit)))
    }
    run.progress("Weighing the models", nil)
    let asked = validation.questions.evaluationSet(limit: EvaluationRun.tuningQuestionsMax)
    var tuner = BlendTuner()
    tuner.length = run.options.lengths.last ?? 10
    var best: (outcome: BlendTuner.Outcome, scale: ScoreScale)?
    for scale in ScoreScale.allCases {
      let outcome = tuner.tune(parts, scale: scale, on: asked, pool: pool)
      if outcome.value > (best?.outcome.value ?? -1) { best = (outcome, scale) }
    }
    guard let (outcome, scale) = best else {
      throw EvaluationFault(.model, "No weights could be found for the blend.")
    }
    parts = []
    let trainStart = ContinuousClock.now
    var weights = ModelSettings()
    var final: [LinearBlend.Part] = []
    for part in outcome.blend.parts where part.weight != 0 {
      weights[part.name] = part.weight
      guard let model = ModelRegistry.named(part.name) else { continue }
      var ranker = kept[part.name]
      if ranker == nil { ranker = try make(model, try settings(model), fit) }
      if let ranker { final.append(LinearBlend.Part(name: part.name, ranker: ranker, weight: part.weight)) }
    }
    guard !final.isEmpty else { throw EvaluationFault(.model, "No model helps on the validation part.") }
    notes.append(
      "blend: scores by \(scale.rawValue), weights "
        + weights.values.sorted { $0.value > $1.value }.map { "\($0.key) \(Digits.four($0.value))" }
        .joined(separator: ", ") + ".")
    let blend = LinearBlend(final, scale: scale, seenRule: rules.seen)
    return report(
      ModelRegistry.blendName, RankerBox(blend), weights, start: start, trainStart: trainStart, trained: .now)
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
