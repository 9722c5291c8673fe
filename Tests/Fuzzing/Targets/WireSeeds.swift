import Checksums
import Vocabulary
import Wire

/// A message of each kind, with most of its fields set.
enum WireSeeds {
  static let requests: [Request] = {
    var event = EventDraft()
    event.id = Array("event-1".utf8)
    event.type = Int32(EventType.rate.rawValue)
    event.user = Array("anna".utf8)
    event.item = Array("plates".utf8)
    event.timeMicroseconds = 1_700_000_000_000_000
    event.value = 4.5
    event.session = Array("s".utf8)
    event.recommendation = Array("r".utf8)
    event.query = Array("blue plates".utf8)
    var events = IngestEventsRequest()
    events.events = [event, EventDraft()]

    var item = ItemDraft()
    item.id = Array("plates".utf8)
    item.title = Array("Plates, blue".utf8)
    item.text = Array("Six of them.".utf8)
    item.categories = [Array("kitchen".utf8)]
    item.price = 12.5
    item.currency = Array("EUR".utf8)
    item.stock = 3
    item.created = 1_600_000_000_000_000
    item.location = GeoPoint(latitude: 48, longitude: 9)
    item.attributes = [
      AttributeDraft(name: Array("colour".utf8), value: .text(Array("blue".utf8))),
      AttributeDraft(name: Array("weight".utf8), value: .number(1.25)),
      AttributeDraft(name: Array("new".utf8), value: .flag(true)),
      AttributeDraft(name: Array("tags".utf8), value: .texts([Array("a".utf8), Array("b".utf8)])),
    ]
    item.vectors = [VectorDraft(name: Array("image".utf8), values: [0.5, -1, 2])]
    item.members = [Array("plate".utf8)]
    var items = PutItemsRequest()
    items.items = [item]

    var user = UserDraft()
    user.id = Array("anna".utf8)
    user.attributes = item.attributes
    var users = PutUsersRequest()
    users.users = [user]
    var deleted = DeleteItemsRequest()
    deleted.items = [Array("plates".utf8), Array("cups".utf8)]

    var recommend = RecommendRequest()
    recommend.user = Array("anna".utf8)
    recommend.sessionItems = [Array("plates".utf8)]
    recommend.exclude = [Array("cups".utf8)]
    recommend.k = 5
    recommend.seed = 7
    recommend.explain = .full
    recommend.minPosition = 12
    recommend.scenario = Array("home".utf8)
    recommend.filter = Array("item.price < 20 and \"kitchen\" in item.categories".utf8)
    recommend.boost = Array("if(item.age < 7d, 1.5, 1)".utf8)
    recommend.context.timeMicroseconds = 1_700_000_000_000_000
    recommend.context.location = GeoPoint(latitude: 48, longitude: 9)
    recommend.context.attributes = [
      AttributeDraft(name: Array("device".utf8), value: .text(Array("phone".utf8)))
    ]
    recommend.userAttributes = [AttributeDraft(name: Array("country".utf8), value: .text(Array("DE".utf8)))]
    var paged = recommend
    paged.cursor = []
    paged.distinct = Array("home".utf8)
    var next = paged
    next.cursor = Array(repeating: UInt8(ascii: "0"), count: 80)
    var page = RecommendPageRequest()
    page.lists = [paged, next, recommend]
    var similar = SimilarRequest()
    similar.item = Array("plates".utf8)
    similar.user = Array("anna".utf8)
    similar.cursor = []
    var complete = CompleteRequest()
    complete.basket = [Array("plates".utf8), Array("cups".utf8)]
    complete.answer = .bundles
    complete.price.least = 1
    complete.price.most = 20
    complete.price.currency = Array("EUR".utf8)
    complete.cursor = next.cursor
    var bundles = BundlesRequest()
    bundles.basket = complete.basket
    bundles.user = Array("anna".utf8)
    bundles.sizeMax = 3
    bundles.categories = [Array("kitchen".utf8)]
    bundles.hasDistinctCategories = true
    bundles.price = complete.price
    bundles.exclude = [Array("cups".utf8)]
    bundles.includeTitles = true
    var rank = RankRequest()
    rank.user = Array("anna".utf8)
    rank.items = [Array("plates".utf8), Array("cups".utf8)]
    rank.predictRatings = true
    var config = ConfigRequest()
    config.action = .apply
    config.changes = [.init(path: Array("reading.hide_seen".utf8), value: Array("false".utf8))]
    config.file = Array("scenarios:\n  home:\n    hide_seen: false\n".utf8)
    config.expectedHash = 0x1234
    var hello = HelloRequest()
    hello.client = Array("seed 1".utf8)
    var generations = GenerationsRequest()
    generations.action = .promote
    generations.generation = 3
    var letters = DeadLettersRequest()
    letters.action = .requeue
    letters.numbers = [1, 300, 70_000]
    var getItems = GetItemsRequest()
    getItems.items = [Array("plates".utf8)]
    var getUser = GetUserRequest()
    getUser.user = Array("anna".utf8)
    return [
      .check, .hello(hello), .ingestEvents(events), .putItems(items), .putUsers(users), .deleteItems(deleted),
      .recommend(recommend), .similar(similar), .complete(complete), .rank(rank),
      .recommendPage(page), .bundles(bundles), .status(StatusRequest()),
      .train(TrainRequest()), .generations(generations), .deadLetters(letters), .drain(DrainRequest()),
      .getItems(getItems), .getUser(getUser), .config(config),
    ]
  }()

  static let replies: [(Method, Reply)] = {
    var hello = HelloReply()
    hello.version = "1"
    hello.directory = [UInt8](0..<16)
    hello.state = .ready
    hello.frameBytesMax = 4_194_304
    var verdicts = VerdictsReply()
    verdicts.verdicts = [
      .accepted(Position(1)), .duplicate(Position(2)),
      .rejected(Fault(.nonFinite, "It is not finite.", field: "value", retryAfterMilliseconds: 5)),
    ]
    verdicts.position = Position(2)
    var status = StatusReport()
    status.version = "1"
    status.state = .fenced
    status.committed = Position(9)
    var tenant = TenantStatus(tenant: .default)
    tenant.training.state = .running
    tenant.training.stage = "ials"
    tenant.training.fraction = 0.5
    status.tenants = [tenant]
    status.latencies = [LatencyReport(name: "Health.Check")]
    var letter = DeadLetter(number: 3)
    letter.reason = "non_finite"
    var letters = DeadLettersReply()
    letters.letters = [letter]
    letters.total = 1
    var summary = GenerationSummary(number: GenerationNumber(2))
    summary.metrics = [ModelMetrics(model: "ials", metrics: [MetricValue(name: "NDCG@20", value: 0.25)])]
    var generations = GenerationsReply()
    generations.generations = [summary]
    var proposed = ProposedBundle()
    if let id = try? ItemIdentifier("plates") { proposed.members = [.init(item: id)] }
    proposed.price = 12.5
    proposed.currency = "EUR"
    var proposals = BundlesReply()
    proposals.bundles = [proposed]
    var page = RecommendPageReply()
    page.lists = [.slate(slate), .fault(Fault(.scenarioUnknown, "There is none.", field: "scenario"))]
    return [
      (.recommendPage, .recommendPage(page)), (.bundles, .bundles(proposals)),
      (.check, .check(HealthReport(state: .draining))), (.hello, .hello(hello)),
      (.ingestEvents, .ingestEvents(verdicts)), (.status, .status(status)),
      (.deadLetters, .deadLetters(letters)), (.drain, .drain(DrainReply(seconds: 25))),
      (.generations, .generations(generations)), (.recommend, .recommend(slate)),
    ]
  }()

  private static var slate: Slate {
    var slate = Slate()
    if let id = try? ItemIdentifier("plates") {
      var item = SlateItem(item: id, score: 0.5)
      item.title = "Plates"
      item.sources = [SourceShare(source: .ials, rank: 1, score: 0.25)]
      item.explanations = [Explanation(code: .boughtTogether, items: [id])]
      item.members = [id]
      slate.items = [item]
    }
    slate.cursor = Array(repeating: UInt8(ascii: "f"), count: 80)
    slate.recommendation = [1, 2, 3]
    slate.fallbacks = [.unknownUser]
    slate.degraded = [.gather]
    slate.times = [StepTime(step: .look, nanoseconds: 1_000)]
    return slate
  }

  /// A frame with right checksums; docs/protocol.md has the bytes.
  static func frame(_ request: Request, stream: UInt32) -> [UInt8] {
    var meta = Meta()
    meta.tenant = Array("shop".utf8)
    let metaBytes = MetaCodec.encode(meta)
    let payload = metaBytes + RequestCodec.encode(request)
    var header: [UInt8] = []
    func append(_ value: Int, _ width: Int) {
      for shift in (0..<width).reversed() { header.append(UInt8(truncatingIfNeeded: value >> (8 * shift))) }
    }
    append(28 + payload.count, 4)
    header += [0xab, 0xec, 1, 1, 0, 0]
    append(Int(request.method.rawValue), 2)
    append(Int(stream), 4)
    append(250, 4)
    append(metaBytes.count, 2)
    append(0, 2)
    append(Int(CRC32C.of(payload)), 4)
    append(Int(CRC32C.of(header)), 4)
    return header + payload
  }
}
