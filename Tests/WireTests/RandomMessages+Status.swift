import Vocabulary

/// What operators are told.
extension RandomMessages {
  mutating func status() -> StatusReport {
    var report = StatusReport()
    report.version = word()
    report.directory = bytes()
    report.state = state()
    report.started = Timestamp(microseconds: signed())
    report.now = Timestamp(microseconds: signed())
    report.committed = Position(number())
    report.applied = Position(number())
    report.stored = Position(number())
    report.logBytes = number()
    report.logSegments = number()
    report.diskFreeBytes = number()
    report.residentBytes = number()
    report.connections = number()
    report.configurationHash = number()
    report.durability = .written
    report.tenants = list { make in
      var tenant = TenantStatus(tenant: .default)
      tenant.users = make.number()
      tenant.items = make.number()
      tenant.events = make.number()
      tenant.generation = GenerationNumber(make.number())
      tenant.trainedTo = Position(make.number())
      tenant.training.state =
        [.idle, .running, .succeeded, .failed].randomElement(using: &make.random) ?? .running
      tenant.training.stage = make.word()
      tenant.training.fraction = make.float()
      tenant.training.started = Timestamp(microseconds: make.signed())
      tenant.training.finished = Timestamp(microseconds: make.signed())
      tenant.training.generation = GenerationNumber(make.number())
      tenant.training.message = make.word()
      return tenant
    }
    report.snapshot = snapshotStatus()
    report.latencies = latencies()
    report.feedback = list { $0.feedbackReport() }
    report.feedbackDesk = feedbackDesk()
    report.freshness = latencies()
    report.quality = small()
    return report
  }

  private mutating func latencies() -> [LatencyReport] {
    list { make in
      var latency = LatencyReport(name: make.word())
      latency.count = make.number()
      latency.errors = make.number()
      latency.p50 = make.float()
      latency.p99 = make.float()
      latency.max = make.float()
      return latency
    }
  }

  mutating func generation() -> GenerationSummary {
    var summary = GenerationSummary(number: GenerationNumber(number()))
    summary.isServing = chance()
    summary.created = Timestamp(microseconds: signed())
    summary.trainedTo = Position(number())
    summary.users = number()
    summary.items = number()
    summary.events = number()
    summary.bytes = number()
    summary.trainingSeconds = float()
    summary.metrics = list { make in
      ModelMetrics(
        model: make.word(), metrics: make.list { MetricValue(name: $0.word(), value: $0.double()) })
    }
    summary.problem = word()
    if chance() { summary.tuning = tuning() }
    summary.ranking = word()
    summary.rankingReason = word()
    summary.gate = chance() ? verdict() : nil
    summary.settings = list { TrainerSetting(name: $0.word(), value: $0.word()) }
    return summary
  }

  private mutating func verdict() -> GateVerdict {
    var verdict = GateVerdict()
    verdict.passed = chance()
    verdict.isRefused = chance()
    verdict.mode = word()
    verdict.metric = word()
    verdict.margin = double()
    verdict.served = word()
    verdict.rule = word()
    verdict.reason = word()
    verdict.comparisons = list { make in
      var comparison = GateComparison(against: make.word())
      comparison.questions = make.number()
      comparison.value = make.double()
      comparison.other = make.double()
      comparison.difference = make.double()
      comparison.standardError = make.double()
      comparison.holds = make.chance()
      comparison.decides = make.chance()
      comparison.note = make.word()
      return comparison
    }
    return verdict
  }
}
