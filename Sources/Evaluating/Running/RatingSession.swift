import Training

/// Ratings to learn from and ratings to predict.
private struct RatingPart {
  let ratings: RatingMatrix
  private let byItem: RatingMatrix
  /// Lowest and highest rating seen: predictions stay within.
  let range: ClosedRange<Double>
  let asked: EventTable

  /// Nil without ratings to learn from or to predict.
  init?(_ fit: FitData, asked: EventTable) {
    guard let ratings = fit.ratings, ratings.pairCount > 0, asked.count > 0, asked.hasValues else {
      return nil
    }
    self.ratings = ratings
    self.asked = asked
    byItem = ratings.transposed()
    let ends = ratings.confidences.reduce((low: Float.infinity, high: -Float.infinity)) {
      (min($0.low, $1), max($0.high, $1))
    }
    range = Double(ends.low)...Double(ends.high)
  }

  var filledItems: Int { byItem.filledRows }

  private func known(_ number: UInt32, in matrix: RatingMatrix) -> Int? {
    matrix.pairs(of: Int(number)).isEmpty ? nil : Int(number)
  }

  /// Users and items asked for that have no rating to learn from.
  var cold: (users: Int, items: Int) {
    (
      Set(asked.users.filter { known($0, in: ratings) == nil }).count,
      Set(asked.items.filter { known($0, in: byItem) == nil }).count
    )
  }

  /// One for each row that is asked.
  func predictions(_ predict: RatingModel.Predictor) -> [Double] {
    (0..<asked.count).map { row in
      let predicted = predict(known(asked.users[row], in: ratings), known(asked.items[row], in: byItem))
      return min(max(predicted.isNaN ? range.lowerBound : predicted, range.lowerBound), range.upperBound)
    }
  }
}

/// Trains and measures rating models, and their mean.
struct RatingSession {
  private let run: EvaluationRun
  private let data: DataSet
  private let pool: ThreadPool
  private let fit: FitData
  private let whole: RatingPart
  private let validation: (fit: FitData, part: RatingPart)?
  private let journal: TuningJournal?
  private let validationWords: String
  private(set) var notes: [String] = []
  private var chosenSettings: [String: ModelSettings] = [:]
  /// Predictions for the test part of models measured before the blend.
  private var kept: [String: [Double]] = [:]

  init(_ run: EvaluationRun, _ data: DataSet, pool: ThreadPool) throws(EvaluationFault) {
    guard case .events(let test) = data.test, test.hasValues else {
      throw EvaluationFault(.usage, "The test part has no ratings; --task rating needs them on every line.")
    }
    fit = FitData(data.train.followed(by: data.valid), data)
    guard let whole = RatingPart(fit, asked: test) else {
      throw EvaluationFault(.badData, "There are no ratings to learn from, or none to predict.")
    }
    var parts = (train: data.train, valid: data.valid)
    var words = "the validation part"
    if data.valid.count == 0 {
      var drawn = run.options
      (drawn.testShare, drawn.task) = (run.options.validShare, .rating)
      let cut = SplitParts.random(data.train, drawn, users: data.users, items: data.items)
      parts.train = cut.train.followed(by: cut.valid)
      if case .events(let asked) = cut.test { parts.valid = asked }
      words = "\(run.options.validShare) of the training ratings, seed \(run.options.seed)"
    }
    let learned = FitData(parts.train, data)
    validation = RatingPart(learned, asked: parts.valid).map { (learned, $0) }
    validationWords = "\(words), \(parts.valid.count) ratings; the models reported are trained on both"
    (self.run, self.data, self.pool, self.whole) = (run, data, pool, whole)
    guard let path = run.journalPath, validation != nil else {
      journal = nil
      return
    }
    var fingerprint = Fingerprint()
    fingerprint.add(parts.train, data)
    fingerprint.add(parts.valid, data)
    fingerprint.add("rating \(run.options.seed)")
    journal = try TuningJournal(path: path, fingerprint: fingerprint.value)
  }

  private func train(
    _ model: RatingModel, _ settings: ModelSettings, _ part: RatingPart,
    _ report: @escaping @Sendable (Double) -> Void
  ) throws(EvaluationFault) -> RatingModel.Predictor {
    let context = TrainingContext(
      pool: pool, seed: run.options.seed, seenRule: .allowed,
      memoryLimitBytes: run.options.memoryLimitBytes, progress: report)
    guard let predict = model.train(part.ratings, settings, context) else {
      throw EvaluationFault(.model, "\(model.name) left the range of numbers; try fewer dimensions.")
    }
    return predict
  }

  private func training(_ model: RatingModel, _ purpose: String = "") -> @Sendable (Double) -> Void {
    let (stage, progress) = ("Training \(model.name)\(purpose)", run.progress)
    progress(stage, 0)
    return { progress(stage, $0) }
  }

  private mutating func settings(_ model: RatingModel) throws(EvaluationFault) -> ModelSettings {
    if let settings = chosenSettings[model.name] { return settings }
    let given = run.overrides[model.name] ?? [:]
    var settings = try ModelSettings(of: model.name, model.parameters, fit, given)
    if let minutes = run.tuningMinutes, let validation, !model.parameters.isEmpty {
      let (stage, progress) = ("Tuning \(model.name)", run.progress)
      let search = ParameterSearch(
        model: model.name, parameters: model.parameters, fixed: Set(given.keys), minutes: minutes,
        journal: journal, progress: { progress(stage, $0) })
      let session = self
      let found = try search.run(from: settings) { (settings, tick) throws(EvaluationFault) in
        let predict = try session.train(model, settings, validation.part) { _ in tick() }
        return -Self.rmse(validation.part.predictions(predict), validation.part.asked)
      }
      notes.append(
        "\(model.name): \(found.tried) settings tried on validation"
          + (found.remembered > 0 ? ", \(found.remembered) of them from the journal" : "")
          + ", RMSE \(Digits.four(-found.first)) by default, \(Digits.four(-found.best)) chosen"
          + (found.isComplete ? "." : "; the time was over before the search."))
      settings = found.settings
    }
    chosenSettings[model.name] = settings
    return settings
  }

  private static func rmse(_ predicted: [Double], _ asked: EventTable) -> Double {
    let squares = zip(predicted, asked.values).reduce(0.0) {
      $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1))
    }
    return (squares / Double(max(1, predicted.count))).squareRoot()
  }

  mutating func measure(_ model: RatingModel) throws(EvaluationFault) -> ModelReport {
    PeakMemory.forget()
    let start = ContinuousClock.now
    let settings = try settings(model)
    let trainStart = ContinuousClock.now
    let predict = try train(model, settings, whole, training(model))
    let trained = ContinuousClock.now
    let predicted = whole.predictions(predict)
    kept[model.name] = predicted
    return report(
      model.name, predicted, settings, seconds: (.now - start).inSeconds,
      trainSeconds: (trained - trainStart).inSeconds)
  }

  private func report(
    _ name: String, _ predicted: [Double], _ settings: ModelSettings, seconds: Double, trainSeconds: Double
  ) -> ModelReport {
    var errors = RatingErrors(userCount: data.users.count)
    for (row, value) in predicted.enumerated() {
      errors.add(user: Int(whole.asked.users[row]), error: Double(whole.asked.values[row]) - value)
    }
    run.progress("Intervals of \(name)", nil)
    let bootstrap = Bootstrap(resamples: run.options.resamples, seed: run.options.seed)
    return ModelReport(
      name: name, estimates: errors.estimates(bootstrap, pool: pool), seconds: seconds,
      trainSeconds: trainSeconds, peakBytes: PeakMemory.bytes, settings: settings)
  }

  /// The mean of the models, by the shares that predict the validation part best.
  mutating func blend(_ models: [RatingModel]) throws(EvaluationFault) -> ModelReport {
    PeakMemory.forget()
    let start = ContinuousClock.now
    var shares = [Double](repeating: 1 / Double(max(1, models.count)), count: models.count)
    if let validation {
      var predictions: [[Double]] = []
      for model in models {
        let predict = try train(
          model, try settings(model), validation.part, training(model, " for validation"))
        predictions.append(validation.part.predictions(predict))
      }
      let truths = validation.part.asked.values.map { Double($0) }
      shares = PredictionBlend.shares(predictions, truths: truths)
      let mean = truths.indices.map { row in
        zip(shares, predictions).reduce(0.0) { $0 + $1.0 * $1.1[row] }
      }
      notes.append(
        "blend: RMSE on validation \(Digits.four(Self.rmse(mean, validation.part.asked))), its parts "
          + zip(models, predictions).map { "\($0.name) \(Digits.four(Self.rmse($1, validation.part.asked)))" }
          .joined(separator: ", ") + ".")
    } else {
      notes.append("blend: nothing can be held out of these data, so its parts weigh the same.")
    }
    let trainStart = ContinuousClock.now
    var settings = ModelSettings()
    var sum = [Double](repeating: 0, count: whole.asked.count)
    for (model, share) in zip(models, shares) where share > 1e-6 {
      let predicted: [Double]
      if let known = kept[model.name] {
        predicted = known
      } else {
        predicted = whole.predictions(try train(model, try self.settings(model), whole, training(model)))
      }
      for row in sum.indices { sum[row] += share * predicted[row] }
      settings[model.name] = share
    }
    let seconds = (ContinuousClock.now - trainStart).inSeconds
    return report(
      ModelRegistry.blendName, sum, settings, seconds: (.now - start).inSeconds, trainSeconds: seconds)
  }

  /// What the numbers mean.
  func rules(usesValidation: Bool) -> [(name: String, text: String)] {
    let (cold, options) = (whole.cold, run.options)
    var rules: [(name: String, text: String)] = [
      ("split", data.description),
      (
        "learned from",
        "\(whole.ratings.pairCount) ratings of \(whole.ratings.filledRows) users and \(whole.filledItems) items"
          + (data.valid.count > 0 ? ", train and validation together" : "")
      ),
      (
        "asked",
        "\(whole.asked.count) ratings; \(cold.users) users and \(cold.items) items among them have none in training and get what is known of the rest"
      ),
      (
        "errors",
        "RMSE and MAE over ratings; predictions are kept within \(whole.range.lowerBound) to \(whole.range.upperBound)"
      ),
      (
        "intervals",
        options.resamples > 1
          ? "95 %, percentile bootstrap over users, \(options.resamples) resamples, seed \(options.seed)"
          : "none"
      ),
    ]
    if usesValidation, validation != nil { rules.append(("validation", validationWords)) }
    return rules
  }
}

extension EvaluationRun {
  /// Predicts every rating of the test part. Errors are pooled over ratings; intervals resample users.
  func rate(_ data: DataSet, pool: ThreadPool) throws(EvaluationFault) -> EvaluationReport {
    var session = try RatingSession(self, data, pool: pool)
    let wantsBlend = models.contains(ModelRegistry.blendName)
    let named = models.filter { $0 != "all" && $0 != ModelRegistry.blendName }
    let chosen = ModelRegistry.ratingModels.filter {
      models.isEmpty || models.contains("all") || named.contains($0.name)
    }
    var reports: [ModelReport] = []
    for model in chosen { reports.append(try session.measure(model)) }
    if wantsBlend {
      let blended = ModelRegistry.ratingModels.filter { parts.isEmpty || parts.contains($0.name) }
      reports.append(try session.blend(blended))
    }
    return EvaluationReport(
      rules: session.rules(usesValidation: wantsBlend || tuningMinutes != nil), models: reports, skipped: [],
      notes: data.notes + session.notes, task: .rating, lengths: [])
  }
}
