import Locking
import Logging
import Transport
import Vocabulary

/// The product's own server over a handler that remembers items and users and shows them again.
final class EchoServer: Sendable {
  let port: Int
  private let server: Server<EchoHandler>
  let handler: EchoHandler

  private init(server: Server<EchoHandler>, handler: EchoHandler, port: Int) {
    self.server = server
    self.handler = handler
    self.port = port
  }

  static func start() async throws -> EchoServer {
    let handler = EchoHandler()
    var settings = Settings()
    settings.port = 0
    settings.eventLoops = 1
    var logger = Logger(label: "client-tests", factory: { _ in SwiftLogNoOpLogHandler() })
    logger.logLevel = .critical
    let server = Server(handler: handler, settings: settings, gauge: ConnectionGauge(), logger: logger)
    let (_, port) = try await server.start()
    return EchoServer(server: server, handler: handler, port: Int(port))
  }

  func drain() async { await server.drain(seconds: 5) }
  func stop() async { await server.stop() }
}

/// Answers from what it was sent, every field filled.
final class EchoHandler: RequestHandler {
  final class Scratch {}

  private struct State {
    var items: [[UInt8]: ItemDraft] = [:]
    var waiting: [@Sendable () -> Void] = []
    var cancellations: [Cancellation] = []
  }

  private let state = Locked(State())

  func makeScratch() -> Scratch { Scratch() }

  /// Requests that wait for `release`.
  var waitingCount: Int { state.withLock { $0.waiting.count } }
  var cancelledCount: Int { state.withLock { $0.cancellations.count { $0.isCancelled } } }

  func release() {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    for answer in waiting { answer() }
  }

  func handle(
    _ request: Request, for call: Call, using scratch: Scratch,
    complete: @escaping @Sendable (Outcome) -> Void
  ) -> Outcome? {
    switch request {
    case .check: return .success(.check(HealthReport(state: .fenced)))
    case .putItems(let asked):
      state.withLock { state in
        for item in asked.items { state.items[item.id] = item }
      }
      var reply = VerdictsReply()
      reply.verdicts = [
        .accepted(Position(7)), .duplicate(Position(3)),
        .rejected(Fault(.idEmpty, "The item is empty.", field: "items[2].id", retryAfterMilliseconds: 5)),
      ]
      reply.position = Position(7)
      reply.durability = .written
      return .success(.putItems(reply))
    case .getItems(let asked):
      var reply = GetItemsReply()
      reply.items = asked.items.map { id in report(id) }
      return .success(.getItems(reply))
    case .recommend(let asked): return .success(.recommend(slate(asked)))
    case .status:
      // Answered when the test says so.
      state.withLock { state in
        state.cancellations.append(call.cancellation)
        state.waiting.append { complete(.success(.status(StatusReport()))) }
      }
      return nil
    default: return .failure(Fault(.methodUnknown, "Not here."))
    }
  }

  private func report(_ id: [UInt8]) -> ItemReport {
    var report = ItemReport(id: id)
    guard let draft = state.withLock({ $0.items[id] }), let identifier = ItemIdentifier(checked: id) else {
      return report
    }
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    func time(_ microseconds: Int64) -> Timestamp? {
      microseconds == 0 ? nil : Timestamp(microseconds: microseconds)
    }
    var item = Item(id: identifier)
    item.title = text(draft.title)
    item.text = text(draft.text)
    item.categories = draft.categories.map(text)
    item.price = draft.price
    item.currency = text(draft.currency)
    item.isHidden = draft.isHidden
    item.stock = draft.stock
    item.created = time(draft.created)
    item.availableFrom = time(draft.availableFrom)
    item.availableUntil = time(draft.availableUntil)
    item.location = draft.location
    item.owner = UserIdentifier(checked: draft.owner)
    item.vectors = draft.vectors.map { NamedVector(name: text($0.name), values: $0.values) }
    item.members = draft.members.compactMap { ItemIdentifier(checked: $0) }
    for attribute in draft.attributes {
      item.attributes[text(attribute.name)] =
        switch attribute.value {
        case .text(let bytes): .text(text(bytes))
        case .number(let number): .number(number)
        case .flag(let flag): .flag(flag)
        case .texts(let texts): .texts(texts.map(text))
        case .missing: nil
        }
    }
    report.item = item
    report.isDeleted = true
    report.events = 12
    return report
  }

  /// A slate that shows what was asked.
  private func slate(_ asked: RecommendRequest) -> Slate {
    var slate = Slate()
    slate.items = (asked.sessionItems + asked.exclude).compactMap { bytes in
      ItemIdentifier(checked: bytes).map { id in
        var item = SlateItem(item: id, score: 0.5)
        item.title = String(decoding: asked.scenario, as: UTF8.self)
        item.sources = [SourceShare(source: .ials, rank: asked.k, score: 1.5)]
        item.explanations = [Explanation(code: .buyAgain, items: [id])]
        return item
      }
    }
    slate.recommendation = asked.user
    slate.generation = GenerationNumber(4)
    slate.position = Position(asked.minPosition)
    slate.configurationHash = .max
    slate.seed = asked.seed
    slate.fallbacks = [.fewerThanK]
    slate.degraded = asked.seen == .hide ? [.spread] : []
    slate.times = asked.explain == .full ? [StepTime(step: .keep, nanoseconds: 9)] : []
    return slate
  }
}
