import Vocabulary
import Wire

/// What explains, repeats and counts lists.
extension RandomMessages {
  mutating func recommendRequest() -> RecommendRequest {
    if case .recommend(let made) = request(.recommend) { return made }
    return RecommendRequest()
  }

  mutating func explainRequest() -> ExplainRequest {
    var request = ExplainRequest()
    request.request = recommendRequest()
    request.items = list { $0.bytes() }
    return request
  }

  mutating func whyNotRequest() -> WhyNotRequest {
    var request = WhyNotRequest()
    request.request = recommendRequest()
    request.item = bytes()
    return request
  }

  /// A token that the codec reads back, and what it says.
  mutating func replayRequest() -> ReplayRequest {
    let methods: [Method] = [.recommend, .similar, .complete, .rank]
    let asked = request(methods[Int.random(in: 0..<4, using: &random)])
    let made = slate()
    var provenance = Provenance(
      second: signed(), quality: UInt16.random(in: 1...1_000, using: &random), counted: Position(number()))
    if chance(), case .recommend = asked {
      provenance.page = PageOrigin(
        first: .recommend(recommendRequest()), place: UInt32.random(in: 0...UInt32.max, using: &random),
        second: signed())
    }
    var request = ReplayRequest()
    request.token = ReplayToken.make(asked, made, provenance)
    let question: ReplayPlan.Question? =
      switch asked {
      case .recommend(let asked): .recommend(asked)
      case .similar(let asked): .similar(asked)
      case .complete(let asked): .complete(asked)
      case .rank(let asked): .rank(asked)
      default: nil
      }
    request.plan = question.map {
      ReplayPlan(
        $0, provenance, position: made.position, generation: made.generation,
        configurationHash: made.configurationHash, digest: ReplayToken.digest(of: made))
    }
    return request
  }

  mutating func contributions() -> [Contribution] {
    list { make in
      Contribution(
        make.pick(ContributionKind.self), source: make.chance() ? make.pick(SourceKind.self) : nil,
        total: make.double(),
        parts: make.list { part in
          ContributionPart(item: part.chance() ? part.id() : nil, name: part.word(), value: part.double())
        })
    }
  }

  mutating func explanations() -> [Explanation] {
    list { make in
      Explanation(
        code: make.pick(ExplanationCode.self), items: make.list { $0.id() }, segment: make.word())
    }
  }

  mutating func dropCounts() -> [DropCount] { list { DropCount(rule: $0.word(), count: $0.number()) } }

  mutating func explainReply() -> ExplainReply {
    var reply = ExplainReply()
    reply.items = list { make in
      var trace = ItemTrace(item: make.bytes(), fate: make.pick(Fate.self), step: make.pick(StepKind.self))
      trace.title = make.word()
      trace.rule = make.word()
      trace.rank = make.small()
      trace.scoredRank = make.small()
      trace.score = make.float()
      trace.lastScore = make.float()
      trace.sources = make.list { make in
        var source = SourceTrace(make.pick(SourceKind.self), make.pick(SourceState.self))
        source.rank = make.small()
        source.score = make.float()
        source.lowest = make.float()
        source.count = make.small()
        source.weight = make.double()
        return source
      }
      trace.contributions = make.contributions()
      trace.explanations = make.explanations()
      trace.filters = make.list { make in
        var filter = FilterTrace(make.pick(FilterOrigin.self), passes: make.chance())
        filter.part = make.word()
        filter.character = make.small()
        return filter
      }
      return trace
    }
    reply.recommendation = bytes()
    reply.generation = GenerationNumber(number())
    reply.position = Position(number())
    reply.configurationHash = number()
    reply.seed = number()
    reply.k = small()
    reply.count = small()
    reply.candidates = number()
    reply.isBlended = chance()
    reply.fallbacks = list { $0.pick(Fallback.self) }
    reply.degraded = list { $0.pick(StepKind.self) }
    reply.times = list { StepTime(step: $0.pick(StepKind.self), nanoseconds: $0.number()) }
    reply.dropped = dropCounts()
    reply.forbidden = dropCounts()
    return reply
  }

  mutating func replayReply() -> ReplayReply {
    let made = slate()
    return ReplayReply(made, expected: number(), found: ReplayToken.digest(of: made))
  }

  mutating func feedbackCounts() -> FeedbackCounts {
    var counts = FeedbackCounts()
    counts.lists = number()
    counts.shown = number()
    counts.clickedLists = number()
    counts.clicks = number()
    counts.convertedLists = number()
    counts.conversions = number()
    counts.distinctItems = number()
    counts.noveltyBits = double()
    counts.noveltyItems = number()
    return counts
  }

  mutating func feedbackReport() -> FeedbackReport {
    var report = FeedbackReport(
      FeedbackKey(
        tenant: .default, scenario: word(), generation: GenerationNumber(number()), experiment: word()))
    report.total = feedbackCounts()
    report.hour = feedbackCounts()
    report.minutes = feedbackCounts()
    report.catalogue = number()
    return report
  }

  mutating func feedbackDesk() -> FeedbackDeskReport {
    var desk = FeedbackDeskReport()
    (desk.taken, desk.dropped, desk.remembered) = (number(), number(), number())
    (desk.joined, desk.unknown, desk.logged, desk.logBytes) = (number(), number(), number(), number())
    return desk
  }

  mutating func experimentsReply() -> ExperimentsReply {
    var reply = ExperimentsReply()
    reply.alpha = double()
    reply.experiments = list { make in
      var report = ExperimentReport(name: make.word())
      report.scenario = make.word()
      report.unit = make.pick(ExperimentSettings.Unit.self)
      report.arms = make.list { make in
        var arm = ArmReport(name: make.word())
        arm.share = make.double()
        arm.scenario = make.word()
        arm.generation = GenerationNumber(make.number())
        arm.counts = make.feedbackCounts()
        (arm.rate, arm.low, arm.high) = (make.double(), make.double(), make.double())
        (arm.estimate, arm.robust) = (make.rate(), make.rate())
        (arm.note, arm.refusal) = (make.word(), make.word())
        return arm
      }
      report.comparisons = make.list { make in
        var comparison = ArmComparison(arm: make.word(), against: make.word())
        (comparison.difference, comparison.low, comparison.high) = (
          make.double(), make.double(), make.double()
        )
        return comparison
      }
      return report
    }
    reply.items = list { make in
      var item = ItemEstimate(item: make.bytes())
      item.scenario = make.word()
      (item.shown, item.clicked) = (make.number(), make.number())
      item.estimate = make.rate()
      item.refusal = make.word()
      return item
    }
    reply.remembered = number()
    return reply
  }

  private mutating func rate() -> WeightedRate? {
    chance() ? WeightedRate(value: double(), standardError: double(), effectiveCount: double()) : nil
  }
}
