import Training

extension EvaluationRun {
  /// Predicts every rating of the test part. Errors are pooled over ratings; intervals resample users.
  func rate(_ data: DataSet, pool: ThreadPool) throws(EvaluationFault) -> EvaluationReport {
    guard case .events(let test) = data.test, test.hasValues else {
      throw EvaluationFault(.usage, "The test part has no ratings; --task rating needs them on every line.")
    }
    let fit = FitData(data.train.followed(by: data.valid), data)
    guard let ratings = fit.ratings, ratings.pairCount > 0, test.count > 0 else {
      throw EvaluationFault(.badData, "There are no ratings to learn from, or none to predict.")
    }
    if tuningMinutes != nil { note("Rating models are not tuned; --set gives their parameters.") }
    let named = models.filter { $0 != "all" }
    let chosen = ModelRegistry.ratingModels.filter {
      named.isEmpty || models.contains("all") || named.contains($0.name)
    }
    let range = ratings.confidences.reduce((low: Float.infinity, high: -Float.infinity)) {
      (min($0.low, $1), max($0.high, $1))
    }
    let byItem = ratings.transposed()
    func knownUser(_ user: UInt32) -> Int? { ratings.pairs(of: Int(user)).isEmpty ? nil : Int(user) }
    func knownItem(_ item: UInt32) -> Int? { byItem.pairs(of: Int(item)).isEmpty ? nil : Int(item) }
    var reports: [ModelReport] = []
    for model in chosen {
      PeakMemory.forget()
      let start = ContinuousClock.now
      let settings = try ModelSettings(of: model.name, model.parameters, fit, overrides[model.name] ?? [:])
      let (name, progress) = (model.name, progress)
      progress("Training \(name)", 0)
      let context = TrainingContext(
        pool: pool, seed: options.seed, seenRule: .allowed, memoryLimitBytes: options.memoryLimitBytes,
        progress: { progress("Training \(name)", $0) })
      guard let predict = model.train(ratings, settings, context) else {
        throw EvaluationFault(.model, "\(name) left the range of numbers; try fewer dimensions.")
      }
      let trained = ContinuousClock.now
      var errors = RatingErrors(userCount: data.users.count)
      for row in 0..<test.count {
        let predicted = predict(knownUser(test.users[row]), knownItem(test.items[row]))
        let kept = min(max(predicted, Double(range.low)), Double(range.high))
        errors.add(user: Int(test.users[row]), error: Double(test.values[row]) - kept)
      }
      let done = ContinuousClock.now
      reports.append(
        ModelReport(
          name: name,
          estimates: errors.estimates(
            Bootstrap(resamples: options.resamples, seed: options.seed), pool: pool),
          seconds: (done - start).inSeconds, trainSeconds: (trained - start).inSeconds,
          peakBytes: PeakMemory.bytes, settings: settings))
    }
    let cold = (
      users: Set(test.users.filter { knownUser($0) == nil }).count,
      items: Set(test.items.filter { knownItem($0) == nil }).count
    )
    let rules: [(name: String, text: String)] = [
      ("split", data.description),
      (
        "learned from",
        "\(ratings.pairCount) ratings of \(ratings.filledRows) users and \(byItem.filledRows) items"
      ),
      (
        "asked",
        "\(test.count) ratings; \(cold.users) users and \(cold.items) items among them have none in training and get what is known of the rest"
      ),
      ("errors", "RMSE and MAE over ratings; predictions are kept within \(range.low) to \(range.high)"),
      (
        "intervals",
        options.resamples > 1
          ? "95 %, percentile bootstrap over users, \(options.resamples) resamples, seed \(options.seed)"
          : "none"
      ),
    ]
    return EvaluationReport(
      rules: rules, models: reports, skipped: [], notes: data.notes, task: .rating, lengths: [])
  }
}
