import Vocabulary

/// A small generator with a seed: SplitMix64 (Steele, Lea, Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &+ 0x9e37_79b9_7f4a_7c15
    return StableHash.mix(state)
  }
}

/// Makes values of every shape out of a generator.
struct Samples {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func flip() -> Bool { Bool.random(using: &generator) }

  mutating func integer(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  mutating func identifier<Kind>(_ kind: Kind.Type) throws -> Identifier<Kind> {
    let count = flip() ? integer(1...12) : integer(1...Kind.bytesMax)
    return try Identifier<Kind>((0..<count).map { _ in UInt8(integer(1...255)) })
  }

  /// Text with characters of one to four bytes, and of several spellings.
  mutating func text(_ count: ClosedRange<Int>) -> String {
    let alphabet = ["a", "Z", " ", "\u{e9}", "e\u{301}", "\u{4e16}", "\u{1f40d}", "\0", "\n"]
    return (0..<integer(count)).map { _ in alphabet[integer(0...(alphabet.count - 1))] }.joined()
  }

  mutating func time() -> Timestamp {
    flip()
      ? Timestamp(microseconds: Int64.random(in: .min ... .max, using: &generator))
      : Timestamp(microseconds: Int64(integer(946_684_800_000_000...2_000_000_000_000_000)))
  }

  mutating func tenant() throws -> TenantName {
    flip() ? .default : try TenantName("t\(integer(0...3))")
  }

  mutating func event() throws -> Event {
    let type = EventType.allCases[integer(0...(EventType.allCases.count - 1))]
    var event = Event(
      id: try identifier(EventKind.self), type: type, user: try identifier(UserKind.self),
      item: flip() ? try identifier(ItemKind.self) : nil, time: time())
    if flip() { event.value = Float.random(in: -5...5, using: &generator) }
    if flip() { event.session = try identifier(SessionKind.self) }
    if flip() { event.recommendation = try identifier(RecommendationKind.self) }
    if flip() { event.query = text(0...30) }
    return event
  }

  mutating func attributes() -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for _ in 0..<integer(0...6) {
      let value: AttributeValue
      switch integer(0...3) {
      case 0: value = .text(text(0...10))
      case 1: value = .number(Double.random(in: -1e9...1e9, using: &generator))
      case 2: value = .flag(flip())
      default: value = .texts((0..<integer(0...4)).map { _ in text(0...5) })
      }
      attributes[text(0...8)] = value
    }
    return attributes
  }

  mutating func vectors() -> [NamedVector] {
    (0..<integer(0...2)).map { _ in
      NamedVector(
        name: text(1...5),
        values: (0..<integer(0...9)).map { _ in Float.random(in: -1...1, using: &generator) })
    }
  }

  mutating func item() throws -> Item {
    var item = Item(id: try identifier(ItemKind.self))
    if flip() { item.title = text(0...20) }
    if flip() { item.text = text(0...50) }
    if flip() { item.categories = (0..<integer(0...4)).map { _ in text(0...6) } }
    if flip() { item.price = Double.random(in: 0...1000, using: &generator) }
    if flip() { item.currency = "EUR" }
    item.isHidden = flip()
    if flip() { item.stock = Double(integer(0...5)) }
    if flip() { item.created = time() }
    if flip() { item.availableFrom = time() }
    if flip() { item.availableUntil = time() }
    if flip() { item.location = GeoPoint(latitude: 50.1, longitude: -8.6) }
    if flip() { item.owner = try identifier(UserKind.self) }
    if flip() { item.members = try (0..<integer(0...3)).map { _ in try identifier(ItemKind.self) } }
    item.attributes = attributes()
    item.vectors = vectors()
    return item
  }

  mutating func profile() throws -> UserProfile {
    var profile = UserProfile(id: try identifier(UserKind.self))
    profile.attributes = attributes()
    profile.vectors = vectors()
    return profile
  }

  mutating func entry() throws -> LogEntry {
    let change: LogEntry.Change
    switch integer(0...5) {
    case 0: change = .putItem(try item())
    case 1: change = .deleteItem(try identifier(ItemKind.self))
    case 2: change = .putUser(try profile())
    default: change = .event(try event())
    }
    return LogEntry(tenant: try tenant(), change: change)
  }

  mutating func entries(_ count: ClosedRange<Int>) throws -> [LogEntry] {
    try (0..<integer(count)).map { _ in try entry() }
  }

  mutating func itemRecord(_ index: UInt32) throws -> ItemRecord {
    var record = ItemRecord(
      index: ItemIndex(index), id: try identifier(ItemKind.self),
      firstPosition: Position(generator.next() >> UInt64(integer(0...63))))
    record.position = Position(generator.next() >> UInt64(integer(0...63)))
    record.isDeleted = flip()
    record.eventCount = generator.next() >> UInt64(integer(0...63))
    record.trend = Float.random(in: 0...10, using: &generator)
    record.trendSeconds = UInt32.random(in: 0...(.max), using: &generator)
    for type in EventType.allCases where Bool.random(using: &generator) {
      record.counts[type] = UInt32.random(in: 0...(.max), using: &generator)
    }
    if flip() {
      var item = try item()
      item.id = record.id
      record.item = item
    }
    return record
  }

  mutating func userRecord() throws -> UserRecord {
    var record = UserRecord(id: try identifier(UserKind.self))
    record.profile.attributes = attributes()
    record.profile.vectors = vectors()
    record.position = Position(generator.next() >> UInt64(integer(0...63)))
    record.eventCount = UInt64(integer(0...100_000))
    record.history = (0..<integer(0...20)).map { _ in
      HistoryEvent(
        item: ItemIndex(UInt32.random(in: 0...(.max), using: &generator)),
        seconds: UInt32.random(in: 0...(.max), using: &generator),
        value: flip() ? 1 : Float.random(in: -5...5, using: &generator),
        type: EventType.allCases[integer(0...(EventType.allCases.count - 1))])
    }
    record.items = (0..<integer(0...20)).map { _ in
      UserItem(
        item: ItemIndex(UInt32.random(in: 0...(.max), using: &generator)),
        seconds: UInt32.random(in: 0...(.max), using: &generator),
        weight: Float.random(in: -50...50, using: &generator),
        count: UInt32.random(in: 0...(.max), using: &generator))
    }
    record.impressions = (0..<integer(0...20)).map { _ in
      Impression(item: ItemIndex(UInt32(integer(0...9_999))), seconds: UInt32(integer(0...2_000_000_000)))
    }
    record.ratings = (0..<integer(0...20)).map { _ in
      UserRating(
        item: ItemIndex(UInt32.random(in: 0...(.max), using: &generator)),
        seconds: UInt32.random(in: 0...(.max), using: &generator),
        value: Float.random(in: -5...5, using: &generator))
    }
    return record
  }
}
