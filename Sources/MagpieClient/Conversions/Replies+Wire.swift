import Vocabulary

// From the words that travel to the public ones. Identifiers become text: bytes that are not UTF-8 show as
// replacement characters, so callers with such identifiers need another client.

extension ServerHello {
  init(_ reply: HelloReply) {
    self.init()
    version = reply.version
    directory = hex(reply.directory)
    state = ServingState(reply.state)
    durability = Durability(reply.durability)
    frameBytesMax = Int(reply.frameBytesMax)
    streamsMax = Int(reply.streamsMax)
    batchItemsMax = Int(reply.batchItemsMax)
    slateItemsMax = Int(reply.slateItemsMax)
    timeoutMillisecondsMax = Int(reply.timeoutMillisecondsMax)
  }
}

extension ServingState {
  init(_ state: Vocabulary.ServingState) {
    self =
      switch state {
      case .starting: .starting
      case .ready: .ready
      case .draining: .draining
      case .fenced: .fenced
      }
  }
}

extension Durability {
  init(_ durability: Vocabulary.Durability) {
    self =
      switch durability {
      case .committed: .committed
      case .written: .written
      case .accepted: .accepted
      }
  }
}

extension Receipt {
  init(_ reply: VerdictsReply) {
    self.init()
    verdicts = reply.verdicts.map { verdict in
      switch verdict {
      case .accepted(let position): .accepted(position: position.value)
      case .duplicate(let position): .duplicate(position: position.value)
      case .rejected(let fault): .rejected(MagpieError(fault))
      }
    }
    durability = Durability(reply.durability)
    position = reply.position.value
  }
}

extension Slate {
  init(_ slate: Vocabulary.Slate) {
    self.init()
    items = slate.items.map { SlateItem($0) }
    recommendation = String(decoding: slate.recommendation, as: UTF8.self)
    generation = slate.generation.value
    position = slate.position.value
    configurationHash = slate.configurationHash
    seed = slate.seed
    fallbacks = slate.fallbacks.compactMap { Fallback(rawValue: $0.name) }
    degraded = slate.degraded.compactMap { Step(rawValue: $0.name) }
    skipped = slate.skipped.compactMap { Source(rawValue: $0.name) }
    times = slate.times.compactMap { time in
      Step(rawValue: time.step.name).map { StepTime(step: $0, nanoseconds: time.nanoseconds) }
    }
    cursor = String(decoding: slate.cursor, as: UTF8.self)
    token = TokenText.of(slate.token)
    experiment = slate.experiment
    dropped = slate.dropped.map { DropCount($0) }
  }
}

extension PageList {
  init(_ list: Vocabulary.PageList) {
    self =
      switch list {
      case .slate(let slate): .slate(Slate(slate))
      case .fault(let fault): .fault(MagpieError(fault))
      }
  }
}

extension BundleProposals {
  init(_ reply: BundlesReply) {
    self.init()
    bundles = reply.bundles.map { bundle in
      ProposedBundle(
        members: bundle.members.map(\.item.text), titles: bundle.members.map(\.title), score: bundle.score,
        price: bundle.price, currency: bundle.currency)
    }
    recommendation = String(decoding: reply.recommendation, as: UTF8.self)
    generation = reply.generation.value
    position = reply.position.value
    configurationHash = reply.configurationHash
    seed = reply.seed
    fallbacks = reply.fallbacks.compactMap { Fallback(rawValue: $0.name) }
  }
}

extension SlateItem {
  init(_ item: Vocabulary.SlateItem) {
    self.init(
      item: item.item.text, score: item.score, title: item.title,
      sources: item.sources.compactMap { share in
        Source(rawValue: share.source.name).map {
          SourceShare(source: $0, rank: share.rank, score: share.score)
        }
      },
      explanations: item.explanations.compactMap { Explanation($0) },
      predictedRating: item.predictedRating)
    contributions = item.contributions.compactMap { Contribution($0) }
    members = item.members.map(\.text)
    placement = Placement(rawValue: item.placement.name) ?? .ranked
    propensity = item.propensity
    calibrated = item.calibrated
  }
}

extension StatusReport {
  init(_ report: Vocabulary.StatusReport) {
    self.init()
    version = report.version
    directory = hex(report.directory)
    state = ServingState(report.state)
    startedMicroseconds = report.started.microseconds
    nowMicroseconds = report.now.microseconds
    committed = report.committed.value
    applied = report.applied.value
    stored = report.stored.value
    logBytes = report.logBytes
    logSegments = report.logSegments
    diskFreeBytes = report.diskFreeBytes
    residentBytes = report.residentBytes
    connections = report.connections
    configurationHash = report.configurationHash
    durability = Durability(report.durability)
    tenants = report.tenants.map { TenantStatus($0) }
    latencies = report.latencies.map { LatencyReport($0) }
    snapshot = SnapshotStatus(report.snapshot)
    feedback = report.feedback.map { FeedbackRow($0) }
    feedbackDesk = FeedbackDesk(report.feedbackDesk)
    freshness = report.freshness.map { LatencyReport($0) }
    scrub = ScrubReport(report.scrub)
    quality = report.quality == 0 ? nil : Double(report.quality) / 1_000
  }
}

extension TenantStatus {
  init(_ status: Vocabulary.TenantStatus) {
    self.init(tenant: status.tenant.text)
    users = status.users
    items = status.items
    events = status.events
    generation = status.generation.value
    trainedTo = status.trainedTo.value
    training = TrainingStatus(status.training)
  }
}

extension TrainingStatus {
  init(_ status: Vocabulary.TrainingStatus) {
    self.init()
    state = TrainingState(rawValue: status.state.name) ?? .idle
    stage = status.stage
    fraction = status.fraction
    startedMicroseconds = status.started.microseconds
    finishedMicroseconds = status.finished.microseconds
    generation = status.generation.value
    message = status.message
  }
}

extension LatencyReport {
  init(_ report: Vocabulary.LatencyReport) {
    self.init(name: report.name)
    count = report.count
    errors = report.errors
    p50 = report.p50
    p99 = report.p99
    max = report.max
  }
}

extension GenerationSummary {
  init(_ summary: Vocabulary.GenerationSummary) {
    self.init(number: summary.number.value)
    isServing = summary.isServing
    createdMicroseconds = summary.created.microseconds
    trainedTo = summary.trainedTo.value
    users = summary.users
    items = summary.items
    events = summary.events
    bytes = summary.bytes
    trainingSeconds = summary.trainingSeconds
    metrics = summary.metrics.map { row in
      ModelMetrics(model: row.model, metrics: row.metrics.map { ($0.name, $0.value) })
    }
    problem = summary.problem
    tuning = summary.tuning.map { TuningSummary($0) }
    ranking = summary.ranking
    rankingReason = summary.rankingReason
    gate = summary.gate.map { GateVerdict($0) }
    settings = Dictionary(summary.settings.map { ($0.name, $0.value) }) { $1 }
  }
}

extension GateVerdict {
  init(_ verdict: Vocabulary.GateVerdict) {
    self.init()
    passed = verdict.passed
    isRefused = verdict.isRefused
    mode = verdict.mode
    metric = verdict.metric
    margin = verdict.margin
    served = verdict.served
    rule = verdict.rule
    reason = verdict.reason
    comparisons = verdict.comparisons.map { GateComparison($0) }
  }
}

extension GateComparison {
  init(_ comparison: Vocabulary.GateComparison) {
    self.init(against: comparison.against)
    questions = comparison.questions
    value = comparison.value
    other = comparison.other
    difference = comparison.difference
    standardError = comparison.standardError
    holds = comparison.holds
    decides = comparison.decides
    note = comparison.note
  }
}

extension TuningSummary {
  init(_ summary: Vocabulary.TuningSummary) {
    self.init(generation: summary.generation.value)
    searchedMicroseconds = summary.searched.microseconds
    seconds = summary.seconds
    measure = summary.measure
    validation = summary.validation
    users = summary.users
    ended = summary.ended
    caution = summary.caution
    families = summary.families.map { row in
      var family = Family(family: row.family)
      family.tried = row.tried
      family.trials = row.trials
      family.seconds = row.seconds
      family.chosen = Self.values(row.chosen)
      family.best = row.best.map { Self.point($0) }
      family.runnerUp = row.runnerUp.map { Self.point($0) }
      family.standard = row.standard.map { Self.point($0) }
      family.reason = row.reason
      family.isUsed = row.isUsed
      family.note = row.note
      return family
    }
  }

  private static func point(_ point: Vocabulary.TuningSummary.Point) -> Point {
    Point(settings: values(point.settings), value: point.value, standardError: point.standardError)
  }

  private static func values(_ settings: [MetricValue]) -> [String: Double] {
    Dictionary(settings.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
  }
}

extension ItemReport {
  init(_ report: Vocabulary.ItemReport) {
    self.init(id: String(decoding: report.id, as: UTF8.self))
    item = report.item.map { Item($0) }
    isDeleted = report.isDeleted
    events = report.events
  }
}

extension Item {
  init(_ item: Vocabulary.Item) {
    self.init(id: item.id.text, title: item.title, price: item.price)
    text = item.text
    categories = item.categories
    currency = item.currency
    isHidden = item.isHidden
    stock = item.stock
    createdMicroseconds = item.created?.microseconds
    availableFromMicroseconds = item.availableFrom?.microseconds
    availableUntilMicroseconds = item.availableUntil?.microseconds
    location = item.location.map { GeoPoint(latitude: $0.latitude, longitude: $0.longitude) }
    owner = item.owner?.text
    attributes = item.attributes.mapValues { AttributeValue($0) }
    vectors = item.vectors.map { NamedVector(name: $0.name, values: $0.values) }
    members = item.members.map(\.text)
  }
}

extension AttributeValue {
  init(_ value: Vocabulary.AttributeValue) {
    self =
      switch value {
      case .text(let text): .text(text)
      case .number(let number): .number(number)
      case .flag(let flag): .flag(flag)
      case .texts(let texts): .texts(texts)
      }
  }
}

extension UserReport {
  init(_ reply: GetUserReply) {
    let profile = reply.profile
    self.init(
      profile: UserProfile(
        id: profile.id.text, attributes: profile.attributes.mapValues { AttributeValue($0) },
        vectors: profile.vectors.map { NamedVector(name: $0.name, values: $0.values) }))
    history = reply.history.compactMap { row in
      EventType(rawValue: row.type.name).map {
        HistoryRow(
          type: $0, item: row.item.text, title: row.title, timeMicroseconds: row.time.microseconds,
          value: row.value)
      }
    }
    items = reply.items
  }
}

/// Two lower-case hexadecimal digits for each byte.
private func hex(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
