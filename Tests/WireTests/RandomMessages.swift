import Vocabulary

/// Random requests and replies, any field present or absent, from a seed.
struct RandomMessages {
  var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func chance() -> Bool { Bool.random(using: &random) }
  mutating func count() -> Int { Int.random(in: 0...4, using: &random) }
  mutating func number() -> UInt64 { random.next() >> UInt64.random(in: 0...63, using: &random) }
  mutating func signed() -> Int64 { Int64(bitPattern: number()) }
  mutating func small() -> UInt32 { UInt32(truncatingIfNeeded: number()) }
  mutating func float() -> Float { Float.random(in: -1000...1000, using: &random) }
  mutating func double() -> Double { Double.random(in: -1e9...1e9, using: &random) }
  mutating func bytes() -> [UInt8] { random.bytes(0...40) }
  mutating func word() -> String {
    // Some longer than 127 bytes, so that lengths of two bytes occur.
    let letters = ["a", "ß", "語", "🐦", " ", "z"]
    let length = chance() ? Int.random(in: 0...12, using: &random) : Int.random(in: 0...200, using: &random)
    return (0..<length).map { _ in letters.randomElement(using: &random) ?? "a" }.joined()
  }
  mutating func list<Value>(_ make: (inout Self) -> Value) -> [Value] {
    (0..<count()).map { _ in make(&self) }
  }
  mutating func id<Kind>() -> Identifier<Kind> {
    while true {
      let raw = random.bytes(1...Kind.bytesMax).map { $0 == 0 ? 1 : $0 }
      if let id = Identifier<Kind>(checked: raw) { return id }
    }
  }
  mutating func pick<Value: CaseIterable>(_: Value.Type) -> Value where Value.AllCases == [Value] {
    let all = Value.allCases
    return all[Int.random(in: 0..<all.count, using: &random)]
  }

  // MARK: Requests

  mutating func request(_ method: Method) -> Request {
    switch method {
    case .check: return .check
    case .hello:
      var request = HelloRequest()
      request.client = bytes()
      return .hello(request)
    case .ingestEvents:
      var request = IngestEventsRequest()
      request.events = list { $0.event() }
      request.durability =
        [Durability.committed, .written, .accepted].randomElement(using: &random) ?? .written
      return .ingestEvents(request)
    case .putItems:
      var request = PutItemsRequest()
      request.items = list { $0.itemDraft() }
      return .putItems(request)
    case .putUsers:
      var request = PutUsersRequest()
      request.users = list { $0.userDraft() }
      return .putUsers(request)
    case .deleteItems:
      var request = DeleteItemsRequest()
      request.items = list { $0.bytes() }
      return .deleteItems(request)
    case .recommend: return .recommend(recommend())
    case .recommendPage:
      var request = RecommendPageRequest()
      request.lists = list { $0.recommend() }
      return .recommendPage(request)
    case .bundles: return .bundles(bundles())
    case .rank:
      var request = RankRequest()
      request.user = bytes()
      request.items = list { $0.bytes() }
      request.sessionItems = list { $0.bytes() }
      request.seed = number()
      request.explain = [ExplainLevel.none, .reasons, .full].randomElement(using: &random) ?? .full
      request.includeTitles = chance()
      request.minPosition = number()
      request.predictRatings = chance()
      request.scenario = bytes()
      request.filter = bytes()
      request.boost = bytes()
      request.context = context()
      return .rank(request)
    case .similar:
      var request = SimilarRequest()
      request.item = bytes()
      request.k = small()
      request.exclude = list { $0.bytes() }
      request.explain = .reasons
      request.includeTitles = chance()
      request.user = bytes()
      request.cursor = cursor()
      request.scenario = bytes()
      request.filter = bytes()
      request.boost = bytes()
      request.context = context()
      return .similar(request)
    case .complete:
      var request = CompleteRequest()
      request.basket = list { $0.bytes() }
      request.user = bytes()
      request.k = small()
      request.exclude = list { $0.bytes() }
      request.explain = .full
      request.includeTitles = chance()
      request.answer = chance() ? .items : .bundles
      request.price = price()
      request.cursor = cursor()
      request.scenario = bytes()
      request.filter = bytes()
      request.boost = bytes()
      request.context = context()
      return .complete(request)
    case .explain: return .explain(explainRequest())
    case .whyNot: return .whyNot(whyNotRequest())
    case .replay: return .replay(replayRequest())
    case .experiments: return .experiments(ExperimentsRequest())
    case .status: return .status(StatusRequest())
    case .train:
      var request = TrainRequest()
      request.tuneMinutes = UInt32(truncatingIfNeeded: number())
      return .train(request)
    case .generations:
      var request = GenerationsRequest()
      request.action = [.list, .promote, .rollback].randomElement(using: &random) ?? .promote
      request.generation = number()
      request.force = chance()
      return .generations(request)
    case .deadLetters:
      var request = DeadLettersRequest()
      request.action = [.list, .requeue, .drop].randomElement(using: &random) ?? .drop
      request.numbers = list { $0.number() }
      request.isAll = chance()
      request.after = number()
      request.limit = small()
      return .deadLetters(request)
    case .drain: return .drain(DrainRequest())
    case .config: return .config(configRequest())
    case .snapshot: return .snapshot(snapshotRequest())
    case .scrub: return .scrub(scrubRequest())
    case .getItems:
      var request = GetItemsRequest()
      request.items = list { $0.bytes() }
      return .getItems(request)
    case .getUser:
      var request = GetUserRequest()
      request.user = bytes()
      return .getUser(request)
    }
  }

  mutating func event() -> EventDraft {
    var event = EventDraft()
    event.id = bytes()
    event.type = Int32(truncatingIfNeeded: signed())
    event.user = bytes()
    event.item = bytes()
    event.timeMicroseconds = signed()
    event.value = chance() ? (chance() ? 0 : double()) : nil
    event.session = bytes()
    event.recommendation = bytes()
    event.query = bytes()
    return event
  }

  mutating func itemDraft() -> ItemDraft {
    var item = ItemDraft()
    item.id = bytes()
    item.title = bytes()
    item.text = random.bytes(0...300)
    item.categories = list { $0.bytes() }
    item.price = chance() ? (chance() ? 0 : double()) : nil
    item.currency = bytes()
    item.isHidden = chance()
    item.stock = chance() ? (chance() ? 0 : double()) : nil
    item.created = signed()
    item.availableFrom = signed()
    item.availableUntil = signed()
    item.location = chance() ? GeoPoint(latitude: double(), longitude: chance() ? 0 : double()) : nil
    item.owner = bytes()
    item.attributes = list { $0.attributeDraft() }
    item.vectors = list { $0.vectorDraft() }
    item.members = list { $0.bytes() }
    return item
  }

  mutating func userDraft() -> UserDraft {
    var user = UserDraft()
    user.id = bytes()
    user.attributes = list { $0.attributeDraft() }
    user.vectors = list { $0.vectorDraft() }
    return user
  }

  mutating func attributeDraft() -> AttributeDraft {
    let value: AttributeDraft.Value =
      switch Int.random(in: 0...4, using: &random) {
      case 0: .missing
      case 1: .text(bytes())
      case 2: .number(chance() ? 0 : double())
      case 3: .flag(chance())
      default: .texts(list { $0.bytes() })
      }
    return AttributeDraft(name: bytes(), value: value)
  }

  mutating func vectorDraft() -> VectorDraft {
    VectorDraft(name: bytes(), values: (0..<Int.random(in: 0...50, using: &random)).map { _ in float() })
  }

  // MARK: Replies

  mutating func reply(_ method: Method) -> Reply {
    switch method {
    case .check: return .check(HealthReport(state: state()))
    case .hello:
      var reply = HelloReply()
      reply.version = word()
      reply.directory = bytes()
      reply.state = state()
      reply.durability = .written
      reply.frameBytesMax = small()
      reply.streamsMax = small()
      reply.batchItemsMax = small()
      reply.slateItemsMax = small()
      reply.timeoutMillisecondsMax = small()
      return .hello(reply)
    case .ingestEvents: return .ingestEvents(verdicts())
    case .putItems: return .putItems(verdicts())
    case .putUsers: return .putUsers(verdicts())
    case .deleteItems: return .deleteItems(verdicts())
    case .recommend: return .recommend(slate())
    case .similar: return .similar(slate())
    case .complete: return .complete(slate())
    case .rank: return .rank(slate())
    case .recommendPage:
      var reply = RecommendPageReply()
      reply.lists = list { $0.chance() ? .slate($0.slate()) : .fault($0.fault()) }
      return .recommendPage(reply)
    case .bundles: return .bundles(bundlesReply())
    case .explain: return .explain(explainReply())
    case .whyNot: return .whyNot(explainReply())
    case .replay: return .replay(replayReply())
    case .experiments: return .experiments(experimentsReply())
    case .status: return .status(status())
    case .train: return .train(TrainReply(generation: GenerationNumber(number())))
    case .generations:
      var reply = GenerationsReply()
      reply.generations = list { $0.generation() }
      return .generations(reply)
    case .deadLetters:
      var reply = DeadLettersReply()
      reply.letters = list { make in
        var letter = DeadLetter(number: make.number())
        letter.time = Timestamp(microseconds: make.signed())
        letter.reason = make.word()
        letter.message = make.word()
        letter.field = make.word()
        letter.event = make.event()
        return letter
      }
      (reply.total, reply.requeued, reply.refused, reply.dropped) = (number(), number(), number(), number())
      return .deadLetters(reply)
    case .drain: return .drain(DrainReply(seconds: signed()))
    case .config: return .config(configReply())
    case .snapshot: return .snapshot(snapshotReply())
    case .scrub: return .scrub(scrubReply())
    case .getItems:
      var reply = GetItemsReply()
      reply.items = list { make in
        var report = ItemReport(id: make.bytes())
        report.item = make.chance() ? make.item() : nil
        report.isDeleted = make.chance()
        report.events = make.number()
        return report
      }
      return .getItems(reply)
    case .getUser:
      var profile = UserProfile(id: id())
      profile.attributes = attributes()
      profile.vectors = vectors()
      var reply = GetUserReply(profile: profile)
      reply.history = list { make in
        var row = HistoryRow(
          type: make.pick(EventType.self), item: make.id(), time: Timestamp(microseconds: make.signed()),
          value: make.float())
        row.title = make.word()
        return row
      }
      reply.items = number()
      return .getUser(reply)
    }
  }

  mutating func fault() -> Fault {
    Fault(
      pick(FaultReason.self), word(), field: word(), retryAfterMilliseconds: chance() ? max(1, small()) : nil)
  }

  mutating func state() -> ServingState {
    [ServingState.starting, .ready, .draining, .fenced].randomElement(using: &random) ?? .ready
  }

  mutating func verdicts() -> VerdictsReply {
    var reply = VerdictsReply()
    reply.verdicts = list { make in
      switch Int.random(in: 0...2, using: &make.random) {
      case 0: .accepted(Position(make.number()))
      case 1: .duplicate(Position(make.number()))
      default: .rejected(make.fault())
      }
    }
    reply.durability = .accepted
    reply.position = Position(number())
    return reply
  }

  mutating func slate() -> Slate {
    var slate = Slate()
    slate.items = list { make in
      var item = SlateItem(item: make.id(), score: make.chance() ? 0 : make.float())
      item.title = make.word()
      item.sources = make.list {
        SourceShare(source: $0.pick(SourceKind.self), rank: $0.small(), score: $0.float())
      }
      item.explanations = make.list { make in
        Explanation(
          code: make.pick(ExplanationCode.self), items: make.list { $0.id() }, segment: make.word())
      }
      item.predictedRating = make.chance() ? (make.chance() ? 0 : make.float()) : nil
      item.members = make.list { $0.id() }
      item.contributions = make.contributions()
      item.placement = make.pick(Placement.self)
      item.propensity = make.chance() ? (make.chance() ? 0 : make.float()) : nil
      item.calibrated = make.chance() ? (make.chance() ? 0 : make.float()) : nil
      return item
    }
    slate.recommendation = bytes()
    slate.generation = GenerationNumber(number())
    slate.position = Position(number())
    slate.configurationHash = number()
    slate.seed = number()
    slate.fallbacks = list { $0.pick(Fallback.self) }
    slate.degraded = list { $0.pick(StepKind.self) }
    slate.skipped = list { $0.pick(SourceKind.self) }
    slate.times = list { StepTime(step: $0.pick(StepKind.self), nanoseconds: $0.number()) }
    slate.cursor = bytes()
    slate.token = bytes()
    slate.experiment = word()
    slate.dropped = dropCounts()
    return slate
  }

  mutating func item() -> Item {
    var item = Item(id: id())
    item.title = word()
    item.text = word()
    item.categories = list { $0.word() }
    item.price = chance() ? (chance() ? 0 : double()) : nil
    item.currency = word()
    item.isHidden = chance()
    item.stock = chance() ? (chance() ? 0 : double()) : nil
    item.created = chance() ? Timestamp(microseconds: signed() | 1) : nil
    item.availableFrom = chance() ? Timestamp(microseconds: signed() | 1) : nil
    item.availableUntil = chance() ? Timestamp(microseconds: signed() | 1) : nil
    item.location = chance() ? GeoPoint(latitude: double(), longitude: double()) : nil
    item.owner = chance() ? id() : nil
    item.attributes = attributes()
    item.vectors = vectors()
    item.members = list { $0.id() }
    return item
  }

  mutating func attributes() -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for _ in 0..<count() {
      let value: AttributeValue =
        switch Int.random(in: 0...3, using: &random) {
        case 0: .text(word())
        case 1: .number(chance() ? 0 : double())
        case 2: .flag(chance())
        default: .texts(list { $0.word() })
        }
      attributes[word()] = value
    }
    return attributes
  }

  mutating func vectors() -> [NamedVector] {
    list { make in NamedVector(name: make.word(), values: make.list { $0.float() }) }
  }
}
