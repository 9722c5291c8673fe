import Vocabulary

/// Makes requests: request n and event n are functions of the plan and n alone, so a verification can make an event
/// again, byte for byte, without having kept it.
package struct RequestMaker: Sendable {
  private let plan: LoadPlan
  private let users: ZipfSampler
  private let items: ZipfSampler
  private let userPrefix: [UInt8]
  private let itemPrefix: [UInt8]
  private let coldPrefix: [UInt8]
  private let eventPrefix: [UInt8]
  private let scenario: [UInt8]
  private let filter: [UInt8]

  package init(_ plan: LoadPlan) {
    self.plan = plan
    users = ZipfSampler(count: plan.users.count, exponent: plan.users.exponent)
    items = ZipfSampler(count: plan.items.count, exponent: plan.items.exponent)
    userPrefix = Array(plan.users.prefix.utf8)
    itemPrefix = Array(plan.items.prefix.utf8)
    let run = String(plan.run, radix: 16)
    coldPrefix = Array("cold-\(run)-".utf8)
    eventPrefix = Array("load-\(run)-".utf8)
    scenario = Array(plan.scenario.utf8)
    filter = Array(plan.filter.utf8)
  }

  /// What request `ordinal` asks for.
  package func method(_ ordinal: UInt64) -> LoadMethod {
    var numbers = SplitMix(seed: plan.seed, stream: ordinal &* 2)
    return plan.mix.draw(&numbers)
  }

  /// Request `ordinal`. An Ingest holds the events from `event` on.
  package func request(_ ordinal: UInt64, _ method: LoadMethod, firstEvent event: UInt64) -> Request {
    var numbers = SplitMix(seed: plan.seed, stream: ordinal &* 2)
    _ = numbers.next()  // the method was drawn from it
    switch method {
    case .check: return .check
    case .recommend:
      var request = RecommendRequest()
      let isCold = numbers.nextUnit() < plan.coldShare
      request.user =
        isCold ? Self.name(coldPrefix, ordinal) : Self.name(userPrefix, UInt64(users.draw(&numbers)))
      request.k = plan.k
      request.scenario = scenario
      request.seen = plan.seen
      request.seed = ordinal
      if isFiltered(&numbers) { request.filter = filter }
      return .recommend(request)
    case .similar:
      var request = SimilarRequest()
      request.item = Self.name(itemPrefix, UInt64(items.draw(&numbers)))
      request.k = plan.k
      if isFiltered(&numbers) { request.filter = filter }
      return .similar(request)
    case .complete:
      var request = CompleteRequest()
      let wanted = 1 + Int(numbers.next() % 5)
      for _ in 0..<wanted {
        let item = Self.name(itemPrefix, UInt64(items.draw(&numbers)))
        if !request.basket.contains(item) { request.basket.append(item) }
      }
      request.user = Self.name(userPrefix, UInt64(users.draw(&numbers)))
      request.k = plan.k
      return .complete(request)
    case .ingest:
      var request = IngestEventsRequest()
      request.events = (0..<UInt64(plan.batch)).map { draft(event &+ $0) }
      return .ingestEvents(request)
    }
  }

  /// Drawn last, so that a filter changes nothing else of the requests.
  private func isFiltered(_ numbers: inout SplitMix) -> Bool {
    !filter.isEmpty && numbers.nextUnit() < plan.filteredShare
  }

  /// Event `sequence`: eight of ten are views, one puts into the cart, one buys.
  package func event(_ sequence: UInt64) -> LoadEvent {
    var numbers = SplitMix(seed: ~plan.seed, stream: sequence)
    let kind: LoadEvent.Kind =
      switch numbers.next() % 10 {
      case 0: .purchase
      case 1: .addToCart
      default: .view
      }
    return LoadEvent(
      id: Self.name(eventPrefix, sequence), kind: kind,
      user: Self.name(userPrefix, UInt64(users.draw(&numbers))),
      item: Self.name(itemPrefix, UInt64(items.draw(&numbers))),
      timeMicroseconds: plan.epochMicroseconds &+ Int64(truncatingIfNeeded: sequence))
  }

  private func draft(_ sequence: UInt64) -> EventDraft {
    let event = event(sequence)
    var draft = EventDraft()
    draft.id = event.id
    draft.type =
      switch event.kind {
      case .view: Int32(EventType.view.rawValue)
      case .addToCart: Int32(EventType.addToCart.rawValue)
      case .purchase: Int32(EventType.purchase.rawValue)
      }
    draft.user = event.user
    draft.item = event.item
    draft.timeMicroseconds = event.timeMicroseconds
    return draft
  }

  /// The prefix and a number in decimal.
  private static func name(_ prefix: [UInt8], _ number: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(prefix.count + 20)
    bytes += prefix
    let start = bytes.count
    var rest = number
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
    return bytes
  }
}

/// An event of a run, in words that neither the wire nor the client library owns.
package struct LoadEvent: Sendable, Hashable {
  package enum Kind: Sendable, Hashable { case view, addToCart, purchase }
  package var id: [UInt8]
  package var kind: Kind
  package var user: [UInt8]
  package var item: [UInt8]
  package var timeMicroseconds: Int64
}
