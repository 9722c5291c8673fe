import Vocabulary

/// Bytes of an item's record in the state. The index is not among them: it is in the key.
package enum ItemRecordCodec {
  /// PERSISTED: a change of the layout takes the next number.
  package static let version: UInt8 = 1

  private enum Has {
    static let item: UInt8 = 1
    static let deleted: UInt8 = 2
    static let all: UInt8 = 3
  }

  /// REQUIRES: `record.item`, where present, has the record's identifier.
  package static func encode(_ record: ItemRecord) -> [UInt8] {
    var writer = ByteWriter(capacity: 128)
    writer.append(byte: version)
    writer.append(byte: (record.item == nil ? 0 : Has.item) | (record.isDeleted ? Has.deleted : 0))
    writer.append(prefixed: record.id.bytes)
    writer.append(varint: record.position.value)
    writer.append(varint: record.firstPosition.value)
    writer.append(varint: record.eventCount)
    writer.append(float: record.trend)
    writer.append(varint: UInt64(record.trendSeconds))
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
    if has & Has.item != 0 { record.item = try ItemCodec.decode(id: id, &reader) }
    try reader.finish()
    return record
  }
}
