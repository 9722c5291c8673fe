import Vocabulary

// Traces, feedback and experiments, from the words that travel to the public ones.

extension Contribution {
  init?(_ contribution: Vocabulary.Contribution) {
    guard let kind = ContributionKind(rawValue: contribution.kind.name) else { return nil }
    self.init(
      kind: kind, source: contribution.source.flatMap { Source(rawValue: $0.name) },
      total: contribution.total,
      parts: contribution.parts.map {
        ContributionPart(item: $0.item?.text ?? "", name: $0.name, value: $0.value)
      })
  }
}

extension DropCount {
  init(_ count: Vocabulary.DropCount) { self.init(rule: count.rule, count: count.count) }
}

extension ItemTrace {
  init(_ trace: Vocabulary.ItemTrace) {
    self.init(
      item: String(decoding: trace.item, as: UTF8.self), fate: Fate(rawValue: trace.fate.name) ?? .unknown,
      step: Step(rawValue: trace.step.name) ?? .look)
    title = trace.title
    rule = trace.rule
    rank = trace.rank
    scoredRank = trace.scoredRank
    score = trace.score
    lastScore = trace.lastScore
    filters = trace.filters.compactMap { given in
      guard let origin = FilterOrigin(rawValue: given.origin.name) else { return nil }
      var trace = FilterTrace(origin: origin, passes: given.passes)
      trace.part = given.part
      trace.character = given.character
      return trace
    }
    sources = trace.sources.compactMap { given in
      guard let source = Source(rawValue: given.source.name),
        let state = SourceState(rawValue: given.state.name)
      else { return nil }
      var trace = SourceTrace(source: source, state: state)
      trace.rank = given.rank
      trace.score = given.score
      trace.lowest = given.lowest
      trace.count = given.count
      trace.weight = given.weight
      return trace
    }
    contributions = trace.contributions.compactMap { Contribution($0) }
    explanations = trace.explanations.compactMap { Explanation($0) }
  }
}

extension Explanation {
  init?(_ explanation: Vocabulary.Explanation) {
    guard let code = ExplanationCode(rawValue: explanation.code.name) else { return nil }
    self.init(code: code, items: explanation.items.map(\.text), segment: explanation.segment)
  }
}

extension TraceReport {
  init(_ reply: ExplainReply) {
    self.init()
    items = reply.items.map { ItemTrace($0) }
    recommendation = String(decoding: reply.recommendation, as: UTF8.self)
    generation = reply.generation.value
    position = reply.position.value
    configurationHash = reply.configurationHash
    seed = reply.seed
    k = reply.k
    count = reply.count
    candidates = reply.candidates
    isBlended = reply.isBlended
    fallbacks = reply.fallbacks.compactMap { Fallback(rawValue: $0.name) }
    degraded = reply.degraded.compactMap { Step(rawValue: $0.name) }
    times = reply.times.compactMap { time in
      Step(rawValue: time.step.name).map { StepTime(step: $0, nanoseconds: time.nanoseconds) }
    }
    dropped = reply.dropped.map { DropCount($0) }
    forbidden = reply.forbidden.map { DropCount($0) }
  }
}

extension FeedbackCounts {
  init(_ counts: Vocabulary.FeedbackCounts) {
    self.init()
    lists = counts.lists
    shown = counts.shown
    clickedLists = counts.clickedLists
    clicks = counts.clicks
    convertedLists = counts.convertedLists
    conversions = counts.conversions
    distinctItems = counts.distinctItems
    noveltyBits = counts.noveltyItems > 0 ? counts.noveltyBits / Double(counts.noveltyItems) : nil
  }
}

extension FeedbackRow {
  init(_ report: FeedbackReport) {
    self.init(
      tenant: report.key.tenant.text, scenario: report.key.scenario, generation: report.key.generation.value,
      experiment: report.key.experiment)
    total = FeedbackCounts(report.total)
    hour = FeedbackCounts(report.hour)
    minutes = FeedbackCounts(report.minutes)
    catalogue = report.catalogue
  }
}

extension FeedbackDesk {
  init(_ report: FeedbackDeskReport) {
    self.init()
    taken = report.taken
    dropped = report.dropped
    remembered = report.remembered
    joined = report.joined
    unknown = report.unknown
    logged = report.logged
    logBytes = report.logBytes
  }
}

extension ExperimentReport {
  init(_ report: Vocabulary.ExperimentReport) {
    self.init(name: report.name)
    scenario = report.scenario
    unit = report.unit.rawValue
    arms = report.arms.map { given in
      var arm = ArmReport(name: given.name)
      arm.share = given.share
      arm.scenario = given.scenario
      arm.generation = given.generation.value
      arm.counts = FeedbackCounts(given.counts)
      arm.rate = given.rate
      arm.low = given.low
      arm.high = given.high
      arm.estimate = given.estimate?.value
      arm.standardError = given.estimate?.standardError
      arm.effectiveCount = given.estimate?.effectiveCount
      arm.robust = given.robust?.value
      arm.robustError = given.robust?.standardError
      arm.refusal = given.refusal
      arm.note = given.note
      return arm
    }
    comparisons = report.comparisons.map { given in
      var comparison = ArmComparison(arm: given.arm, against: given.against)
      comparison.difference = given.difference
      comparison.low = given.low
      comparison.high = given.high
      return comparison
    }
  }
}

extension ItemEstimate {
  init(_ given: Vocabulary.ItemEstimate) {
    self.init(item: String(decoding: given.item, as: UTF8.self))
    scenario = given.scenario
    shown = given.shown
    clicked = given.clicked
    estimate = given.estimate?.value
    standardError = given.estimate?.standardError
    effectiveCount = given.estimate?.effectiveCount
    refusal = given.refusal
  }
}
