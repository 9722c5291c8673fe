import Vocabulary

/// Bytes of an item's record in the state. The index is not among them: it is in the key.
package enum ItemRecordCodec {
  /// PERSISTED: a change of the layout takes the next number.
  package static let version: UInt8 = 1

  private enum Has {
    static let item: UInt8 = 1
    static let deleted: UInt8 = 2
    static let counts: UInt8 = 4
    static let all: UInt8 = 7
  }

  /// REQUIRES: `record.item`, where present, has the record's identifier.
  package static func encode(_ record: ItemRecord) -> [UInt8] {
    var writer = ByteWriter(capacity: 128)
    writer.append(byte: version)
    writer.append(
      byte: (record.item == nil ? 0 : Has.item) | (record.isDeleted ? Has.deleted : 0)
        | (record.counts.isEmpty ? 0 : Has.counts))
    writer.append(prefixed: record.id.bytes)
    writer.append(varint: record.position.value)
    writer.append(varint: record.firstPosition.value)
    writer.append(varint: record.eventCount)
    writer.append(float: record.trend)
    writer.append(varint: UInt64(record.trendSeconds))
    if !record.counts.isEmpty { encode(record.counts, into: &writer) }
    if let item = record.item { ItemCodec.encode(item, into: &writer) }
    return writer.bytes
  }

  package static func decode(
    _ bytes: UnsafeRawBufferPointer, index: ItemIndex
  ) throws(MalformedBytes) -> ItemRecord {
    var reader = ByteReader(bytes)
    guard try reader.byte() == version else { throw MalformedBytes("an unknown item record version", at: 0) }
    let has = try reader.byte()
    guard has & ~Has.all == 0 else { throw MalformedBytes("unknown item record fields", at: 1) }
    let id = try reader.identifier(ItemKind.self)
    let position = try reader.position()
    var record = ItemRecord(index: index, id: id, firstPosition: try reader.position())
    record.position = position
    record.eventCount = try reader.varint()
    record.trend = try reader.float()
    record.trendSeconds = try reader.varint32()
    record.isDeleted = has & Has.deleted != 0
    if has & Has.counts != 0 { record.counts = try counts(&reader) }
    if has & Has.item != 0 { record.item = try ItemCodec.decode(id: id, &reader) }
    try reader.finish()
    return record
  }

  /// Which types have a count, a bit for each raw value, then the counts in the order of the raw values.
  private static func encode(_ counts: EventCounts, into writer: inout ByteWriter) {
    let types = EventType.allCases.filter { counts[$0] > 0 }.sorted { $0.rawValue < $1.rawValue }
    writer.append(varint: types.reduce(UInt64(0)) { $0 | 1 << UInt64($1.rawValue) })
    for type in types { writer.append(varint: UInt64(counts[type])) }
  }

  private static func counts(_ reader: inout ByteReader) throws(MalformedBytes) -> EventCounts {
    let offset = reader.offset
    let mask = try reader.varint()
    guard mask > 0, mask < 1 << 16 else { throw MalformedBytes("unknown counts", at: offset) }
    var counts = EventCounts()
    for value in 1..<16 as Range<UInt8> where mask & 1 << UInt64(value) != 0 {
      guard let type = EventType(rawValue: value) else {
        throw MalformedBytes("a count of an unknown type", at: offset)
      }
      let count = try reader.varint32()
      guard count > 0 else { throw MalformedBytes("a count of zero", at: offset) }
      counts[type] = count
    }
    guard mask & 1 == 0 else { throw MalformedBytes("a count of an unknown type", at: offset) }
    return counts
  }
}
