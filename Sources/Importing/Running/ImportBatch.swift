import MagpieClient
import Reading

/// Rows that travel together.
struct ImportBatch: Sendable {
  /// What they became.
  enum Things: Sendable {
    case events([Event])
    case items([Item])
    case users([UserProfile])
  }

  var number: Int
  var things: Things
  /// Where each row begins in the file.
  var lines: [Int] = []
  /// Where the last one ends.
  var end: AcknowledgedPrefix.Mark

  init(number: Int, kind: ImportKind, end: AcknowledgedPrefix.Mark) {
    self.number = number
    self.end = end
    things =
      switch kind {
      case .events: .events([])
      case .items: .items([])
      case .users: .users([])
      }
  }

  /// Sends it. `submitted` as in `MagpieClient.ingest`.
  func send(
    _ client: MagpieClient, timeout: Duration, submitted: @escaping @Sendable () -> Void
  ) async throws(MagpieError) -> Receipt {
    switch things {
    case .events(let events): try await client.ingest(events, timeout: timeout, submitted: submitted)
    case .items(let items): try await client.putItems(items, timeout: timeout, submitted: submitted)
    case .users(let users): try await client.putUsers(users, timeout: timeout, submitted: submitted)
    }
  }
}

/// Makes things of rows and gathers them.
struct ThingBuilder {
  private let kind: ImportKind
  private var events: EventBuilder
  private var items: ItemBuilder

  init(_ plan: ImportPlan, defaultType: EventType?) {
    kind = plan.kind
    events = EventBuilder(
      defaultType: defaultType, fixedTime: plan.fixedTime, times: TimeReader(unit: plan.timeUnit))
    items = ItemBuilder(times: TimeReader(unit: plan.timeUnit))
  }

  /// Adds the thing of a row to `batch`; nil only keeps count of what was seen. Returns its rough size in bytes.
  mutating func add(_ row: Row, to batch: inout ImportBatch?) throws(Problem) -> Int {
    var bytes = 0
    switch kind {
    case .events:
      let event = try events.event(row)
      bytes = 64 + event.user.utf8.count + (event.item?.utf8.count ?? 0) + (event.query?.utf8.count ?? 0)
      if case .events(var all) = batch?.things {
        batch?.things = .events([])
        all.append(event)
        batch?.things = .events(all)
      }
    case .items:
      let item = try items.item(row)
      bytes = 64 + item.title.utf8.count + item.text.utf8.count + Self.bytes(item.attributes)
      if case .items(var all) = batch?.things {
        batch?.things = .items([])
        all.append(item)
        batch?.things = .items(all)
      }
    case .users:
      let user = try UserBuilder.user(row)
      bytes = 64 + user.id.utf8.count + Self.bytes(user.attributes)
      if case .users(var all) = batch?.things {
        batch?.things = .users([])
        all.append(user)
        batch?.things = .users(all)
      }
    }
    batch?.lines.append(row.line)
    return bytes
  }

  private static func bytes(_ attributes: [String: AttributeValue]) -> Int {
    attributes.reduce(0) { sum, attribute in
      let value =
        switch attribute.value {
        case .text(let text): text.utf8.count
        case .texts(let texts): texts.reduce(0) { $0 + $1.utf8.count + 4 }
        case .number, .flag: 9
        }
      return sum + attribute.key.utf8.count + value + 8
    }
  }
}
