import Vocabulary

/// Bytes of a user's record in the state. The identifier is not among them: it is in the key.
package enum UserRecordCodec {
  /// PERSISTED: a change of the layout takes the next number.
  package static let version: UInt8 = 3
  /// Records without impressions, as written before there were any; `magpied repair` brings them back from the log.
  private static let versionWithoutImpressions: UInt8 = 2
  /// Records without ratings, as written before there were any. Ratings are then taken from the history, which may
  /// have lost old ones; `magpied repair` brings them back from the log.
  private static let versionWithoutRatings: UInt8 = 1
  /// Set in the type byte of a history event whose value is not one and therefore follows.
  private static let hasValue: UInt8 = 0x80

  package static func encode(_ record: UserRecord) -> [UInt8] {
    var writer = ByteWriter(
      capacity: 32 + 8 * record.history.count + 10 * record.items.count + 8 * record.ratings.count
        + 5 * record.impressions.count)
    writer.append(byte: version)
    writer.append(varint: record.position.value)
    writer.append(varint: record.eventCount)
    writer.append(count: record.history.count)
    var seconds: Int64 = 0
    for event in record.history {
      let hasValue = event.value.bitPattern != Float(1).bitPattern
      writer.append(byte: event.type.rawValue | (hasValue ? Self.hasValue : 0))
      writer.append(varint: UInt64(event.item.value))
      writer.append(zigzag: Int64(event.seconds) - seconds)
      if hasValue { writer.append(float: event.value) }
      seconds = Int64(event.seconds)
    }
    writer.append(count: record.items.count)
    seconds = 0
    for item in record.items {
      writer.append(varint: UInt64(item.item.value))
      writer.append(zigzag: Int64(item.seconds) - seconds)
      writer.append(float: item.weight)
      writer.append(varint: UInt64(item.count))
      seconds = Int64(item.seconds)
    }
    writer.append(count: record.ratings.count)
    seconds = 0
    for rating in record.ratings {
      writer.append(varint: UInt64(rating.item.value))
      writer.append(zigzag: Int64(rating.seconds) - seconds)
      writer.append(float: rating.value)
      seconds = Int64(rating.seconds)
    }
    writer.append(count: record.impressions.count)
    seconds = 0
    for impression in record.impressions {
      writer.append(varint: UInt64(impression.item.value))
      writer.append(zigzag: Int64(impression.seconds) - seconds)
      seconds = Int64(impression.seconds)
    }
    AttributeCodec.encode(record.profile.attributes, record.profile.vectors, into: &writer)
    return writer.bytes
  }

  package static func decode(
    _ bytes: UnsafeRawBufferPointer, id: UserIdentifier
  ) throws(MalformedBytes) -> UserRecord {
    var reader = ByteReader(bytes)
    let version = try reader.byte()
    guard [Self.version, versionWithoutImpressions, versionWithoutRatings].contains(version) else {
      throw MalformedBytes("an unknown user record version", at: 0)
    }
    var record = UserRecord(id: id)
    record.position = try reader.position()
    record.eventCount = try reader.varint()
    // Type, item and time take at least a byte each.
    let historyCount = try reader.count(elementBytesMin: 3)
    record.history.reserveCapacity(historyCount)
    var seconds: UInt32 = 0
    for _ in 0..<historyCount {
      let start = reader.offset
      let typeByte = try reader.byte()
      guard let type = EventType(rawValue: typeByte & ~hasValue) else {
        throw MalformedBytes("an unknown event type", at: start)
      }
      let item = ItemIndex(try reader.varint32())
      seconds = try later(than: seconds, &reader)
      var value: Float = 1
      if typeByte & hasValue != 0 {
        value = try reader.float()
        if value.bitPattern == Float(1).bitPattern {
          throw MalformedBytes("a value of one that should have been left out", at: start)
        }
      }
      record.history.append(HistoryEvent(item: item, seconds: seconds, value: value, type: type))
    }
    // Item, time and count take at least a byte each, the weight four.
    let itemCount = try reader.count(elementBytesMin: 7)
    record.items.reserveCapacity(itemCount)
    seconds = 0
    for _ in 0..<itemCount {
      let item = ItemIndex(try reader.varint32())
      seconds = try later(than: seconds, &reader)
      let weight = try reader.float()
      record.items.append(
        UserItem(item: item, seconds: seconds, weight: weight, count: try reader.varint32()))
    }
    if version == versionWithoutRatings {
      record.ratings = ratings(of: record.history)
    } else {
      // Item and time take at least a byte each, the value four.
      let ratingCount = try reader.count(elementBytesMin: 6)
      record.ratings.reserveCapacity(ratingCount)
      seconds = 0
      for _ in 0..<ratingCount {
        let item = ItemIndex(try reader.varint32())
        seconds = try later(than: seconds, &reader)
        record.ratings.append(UserRating(item: item, seconds: seconds, value: try reader.float()))
      }
    }
    if version == Self.version {
      // Item and time take at least a byte each.
      let impressionCount = try reader.count(elementBytesMin: 2)
      record.impressions.reserveCapacity(impressionCount)
      seconds = 0
      for _ in 0..<impressionCount {
        let item = ItemIndex(try reader.varint32())
        seconds = try later(than: seconds, &reader)
        record.impressions.append(Impression(item: item, seconds: seconds))
      }
    }
    (record.profile.attributes, record.profile.vectors) = try AttributeCodec.decode(&reader)
    try reader.finish()
    return record
  }

  /// The newest rating of each item in a history, which is in time order.
  private static func ratings(of history: [HistoryEvent]) -> [UserRating] {
    var ratings: [UserRating] = []
    for event in history where event.type == .rate {
      let rating = UserRating(item: event.item, seconds: event.seconds, value: event.value)
      if let place = ratings.firstIndex(where: { $0.item == event.item }) {
        ratings[place] = rating
      } else {
        ratings.append(rating)
      }
    }
    return ratings
  }

  /// Reads a difference in seconds and adds it.
  private static func later(
    than seconds: UInt32, _ reader: inout ByteReader
  ) throws(MalformedBytes) -> UInt32 {
    let start = reader.offset
    let (sum, overflow) = try reader.zigzag().addingReportingOverflow(Int64(seconds))
    guard !overflow, let result = UInt32(exactly: sum) else {
      throw MalformedBytes("a time outside 32 bits", at: start)
    }
    return result
  }
}
