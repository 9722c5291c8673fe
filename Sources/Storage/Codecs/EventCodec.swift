import Vocabulary

/// Bytes of an event without its identifier, which the entry holds in front. The content hash of an event is
/// taken over exactly these bytes.
enum EventCodec {
  /// Which optional fields follow. PERSISTED.
  private enum Has {
    static let item: UInt8 = 1
    static let value: UInt8 = 2
    static let session: UInt8 = 4
    static let recommendation: UInt8 = 8
    static let query: UInt8 = 16
    static let all: UInt8 = 31
  }

  static func encode(_ event: Event, into writer: inout ByteWriter) {
    // One is the usual value and takes no bytes; compared as bits so that every value has one encoding.
    let hasValue = event.value.bitPattern != Float(1).bitPattern
    var has: UInt8 = 0
    if event.item != nil { has |= Has.item }
    if hasValue { has |= Has.value }
    if event.session != nil { has |= Has.session }
    if event.recommendation != nil { has |= Has.recommendation }
    if !event.query.utf8.isEmpty { has |= Has.query }
    writer.append(byte: event.type.rawValue)
    writer.append(byte: has)
    writer.append(prefixed: event.user.bytes)
    if let item = event.item { writer.append(prefixed: item.bytes) }
    writer.append(zigzag: event.time.microseconds)
    if hasValue { writer.append(float: event.value) }
    if let session = event.session { writer.append(prefixed: session.bytes) }
    if let recommendation = event.recommendation { writer.append(prefixed: recommendation.bytes) }
    if has & Has.query != 0 { writer.append(prefixed: event.query) }
  }

  static func decode(id: EventIdentifier, _ reader: inout ByteReader) throws(MalformedBytes) -> Event {
    let start = reader.offset
    guard let type = EventType(rawValue: try reader.byte()) else {
      throw MalformedBytes("an unknown event type", at: start)
    }
    let has = try reader.byte()
    guard has & ~Has.all == 0 else { throw MalformedBytes("unknown event fields", at: start + 1) }
    let user = try reader.identifier(UserKind.self)
    let item = has & Has.item != 0 ? try reader.identifier(ItemKind.self) : nil
    var event = Event(id: id, type: type, user: user, item: item, time: try reader.timestamp())
    if has & Has.value != 0 {
      let offset = reader.offset
      event.value = try reader.float()
      if event.value.bitPattern == Float(1).bitPattern {
        throw MalformedBytes("a value of one that should have been left out", at: offset)
      }
    }
    if has & Has.session != 0 { event.session = try reader.identifier(SessionKind.self) }
    if has & Has.recommendation != 0 {
      event.recommendation = try reader.identifier(RecommendationKind.self)
    }
    if has & Has.query != 0 {
      let offset = reader.offset
      event.query = try reader.text()
      if event.query.utf8.isEmpty {
        throw MalformedBytes("an empty text that should have been left out", at: offset)
      }
    }
    return event
  }
}
