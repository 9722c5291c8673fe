import Storage
import Vocabulary

/// One change of what is counted of lists. Applied by `FeedbackLedger`, kept by `FeedbackJournal`.
enum FeedbackEntry: Sendable, Hashable {
  /// A list was given out.
  case list(GivenList)
  /// An accepted event named one.
  case event(NamedEvent)
  /// All events up to this position were looked at.
  case mark(Position)
}

/// What is remembered and counted of a list.
struct GivenList: Sendable, Hashable {
  var id: ListIdentifier
  var key: FeedbackKey
  /// When it was taken over.
  var time: Timestamp
  /// Items it has; hashes of the first ones.
  var shown: UInt32
  var items: [UInt64]
  /// Sum and count of novelty, over a sample of lists.
  var noveltyBits = 0.0
  var noveltyItems: UInt32 = 0
  /// How likely its arm was; 1 outside experiments.
  var propensity: Double
  var visitor: Visitor
  /// Items that were drawn by chance for their place.
  var explored: [ExploredItem] = []
}

/// An item that was drawn by chance for its place, and how likely that was.
struct ExploredItem: Sendable, Hashable {
  var item: ItemIdentifier
  var propensity: Float
}

/// What was known of who asked, before anything was shown: the circumstances that the model of rewards tells apart. No arm
/// can change it.
enum Visitor: UInt8, Sendable, Hashable, CaseIterable {
  case unknown = 0
  case withoutHistory = 1
  case withHistory = 2

  init(_ slate: Slate) {
    self =
      slate.fallbacks.contains(.unknownUser)
      ? .unknown : slate.fallbacks.contains(.noHistory) ? .withoutHistory : .withHistory
  }
}

/// What an accepted event says of a list.
struct NamedEvent: Sendable, Hashable {
  var id: ListIdentifier
  var tenant: TenantName
  /// Hash of the item.
  var item: UInt64
  var type: EventType
  var position: Position
  /// When it was looked at.
  var time: Timestamp
}

// MARK: Bytes

extension FeedbackEntry {
  func write(into writer: inout ByteWriter) {
    switch self {
    case .list(let list):
      writer.append(byte: 1)
      list.id.write(into: &writer)
      list.key.write(into: &writer)
      writer.append(zigzag: list.time.microseconds)
      writer.append(varint: UInt64(list.shown))
      writer.append(hashes: list.items)
      writer.append(double: list.noveltyBits)
      writer.append(varint: UInt64(list.noveltyItems))
      writer.append(double: list.propensity)
      writer.append(byte: list.visitor.rawValue)
      writer.append(explored: list.explored)
    case .event(let event):
      writer.append(byte: 2)
      event.id.write(into: &writer)
      writer.append(prefixed: event.tenant.text)
      writer.append(fixed64: event.item)
      writer.append(byte: event.type.rawValue)
      writer.append(varint: event.position.value)
      writer.append(zigzag: event.time.microseconds)
    case .mark(let position):
      writer.append(byte: 3)
      writer.append(varint: position.value)
    }
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    switch try reader.byte() {
    case 1:
      var list = GivenList(
        id: try ListIdentifier(&reader), key: try FeedbackKey(&reader),
        time: Timestamp(microseconds: try reader.zigzag()),
        shown: UInt32(truncatingIfNeeded: try reader.varint()), items: try reader.hashes(), propensity: 1,
        visitor: .unknown)
      list.noveltyBits = try reader.double()
      list.noveltyItems = UInt32(truncatingIfNeeded: try reader.varint())
      try reader.check(list.noveltyBits, ofItems: UInt64(list.noveltyItems))
      list.propensity = try reader.propensity()
      list.visitor = try reader.visitor()
      list.explored = try reader.explored()
      self = .list(list)
    case 2:
      let id = try ListIdentifier(&reader)
      let tenant = try reader.tenant()
      let item = try reader.fixed64()
      guard let type = EventType(rawValue: try reader.byte()) else {
        throw MalformedBytes("no type of event", at: reader.offset - 1)
      }
      self = .event(
        NamedEvent(
          id: id, tenant: tenant, item: item, type: type, position: Position(try reader.varint()),
          time: Timestamp(microseconds: try reader.zigzag())))
    case 3: self = .mark(Position(try reader.varint()))
    default: throw MalformedBytes("no kind of change", at: reader.offset - 1)
    }
  }
}

extension ListIdentifier {
  func write(into writer: inout ByteWriter) {
    writer.append(fixed64: high)
    writer.append(fixed64: low)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    high = try reader.fixed64()
    low = try reader.fixed64()
  }
}

extension FeedbackKey {
  func write(into writer: inout ByteWriter) {
    writer.append(prefixed: tenant.text)
    writer.append(prefixed: scenario)
    writer.append(varint: generation.value)
    writer.append(prefixed: experiment)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    self.init(
      tenant: try reader.tenant(), scenario: try reader.words(),
      generation: GenerationNumber(try reader.varint()),
      experiment: try reader.words())
  }
}

extension ByteWriter {
  mutating func append(hashes: [UInt64]) {
    append(count: hashes.count)
    for hash in hashes { append(fixed64: hash) }
  }

  mutating func append(explored: [ExploredItem]) {
    append(count: explored.count)
    for item in explored {
      append(prefixed: item.item.bytes)
      append(float: item.propensity)
    }
  }
}

extension ByteReader {
  /// A count of things that take at least `least` bytes each.
  mutating func count(least: Int) throws(MalformedBytes) -> Int {
    let value = try varint()
    guard let count = Int(exactly: value), count <= remaining / least else {
      throw MalformedBytes("more things than bytes", at: offset)
    }
    return count
  }

  mutating func hashes() throws(MalformedBytes) -> [UInt64] {
    var hashes: [UInt64] = []
    for _ in 0..<(try count(least: 8)) { hashes.append(try fixed64()) }
    return hashes
  }

  /// A sum of novelty is at most 64 bits for each item, so that sums of sums stay finite.
  func check(_ noveltyBits: Double, ofItems items: UInt64) throws(MalformedBytes) {
    guard abs(noveltyBits) <= 64 * Double(items) else {
      throw MalformedBytes("no sum of novelty", at: offset)
    }
  }

  /// How likely something was that happened: estimates divide by it.
  mutating func propensity() throws(MalformedBytes) -> Double {
    let value = try double()
    guard value > 0, value <= 1 else { throw MalformedBytes("no probability", at: offset) }
    return value
  }

  mutating func bytes() throws(MalformedBytes) -> [UInt8] { Array(try raw(count: try count(least: 1))) }

  mutating func words() throws(MalformedBytes) -> String { String(decoding: try bytes(), as: UTF8.self) }

  mutating func tenant() throws(MalformedBytes) -> TenantName {
    let text = try words()
    do { return try TenantName(text) } catch { throw MalformedBytes("no name of a tenant", at: offset) }
  }

  mutating func visitor() throws(MalformedBytes) -> Visitor {
    guard let visitor = Visitor(rawValue: try byte()) else {
      throw MalformedBytes("no kind of visitor", at: offset - 1)
    }
    return visitor
  }

  mutating func explored() throws(MalformedBytes) -> [ExploredItem] {
    var explored: [ExploredItem] = []
    for _ in 0..<(try count(least: 5)) {
      let name = try bytes()
      let propensity = try float()
      guard propensity > 0, propensity <= 1 else { throw MalformedBytes("no probability", at: offset) }
      do {
        explored.append(ExploredItem(item: try ItemIdentifier(name, field: "item"), propensity: propensity))
      } catch {
        throw MalformedBytes("no identifier of an item", at: offset)
      }
    }
    return explored
  }
}
