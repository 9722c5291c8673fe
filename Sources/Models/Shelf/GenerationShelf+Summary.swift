import Vocabulary

extension GenerationShelf.Entry {
  /// For replies.
  package func summary(isServing: Bool) -> GenerationSummary {
    var summary = GenerationSummary(number: number)
    summary.isServing = isServing
    summary.problem = problem
    guard let manifest else { return summary }
    summary.created = Timestamp(microseconds: manifest.created)
    summary.trainedTo = manifest.position
    summary.users = manifest.users
    summary.items = manifest.items
    summary.events = manifest.events
    summary.bytes = manifest.bytes
    summary.trainingSeconds = Float(manifest.trainingSeconds)
    summary.tuning = manifest.tuning?.summary
    summary.metrics = manifest.metrics.sorted { $0.key < $1.key }.map { model, metrics in
      ModelMetrics(
        model: model,
        metrics: metrics.sorted { $0.key < $1.key }.map { MetricValue(name: $0.key, value: $0.value) })
    }
    summary.ranking = manifest.ranking?.served ?? ""
    summary.rankingReason = manifest.ranking?.reason ?? ""
    summary.gate = manifest.gate.map { $0.verdict }
    summary.settings = manifest.settings.sorted { $0.key < $1.key }.map {
      TrainerSetting(name: $0.key, value: $0.value)
    }
    return summary
  }
}

extension Manifest.Gate {
  /// For replies.
  fileprivate var verdict: GateVerdict {
    var result = GateVerdict()
    result.passed = passed
    result.isRefused = isRefused
    result.mode = mode
    result.metric = metric
    result.margin = margin
    result.served = served
    result.rule = rule
    result.reason = reason
    result.comparisons = comparisons.map { comparison in
      var shown = GateComparison(against: comparison.against)
      shown.questions = comparison.questions
      shown.value = comparison.value
      shown.other = comparison.other
      shown.difference = comparison.difference
      shown.standardError = comparison.standardError
      shown.holds = comparison.holds
      shown.decides = comparison.decides
      shown.note = comparison.note
      return shown
    }
    return result
  }
}
