import Vocabulary

/// Bytes of a catalogue item without its identifier, which stands in front or is the key.
enum ItemCodec {
  /// Which fields follow, in this order. PERSISTED: a new field takes the next bit.
  private enum Has {
    static let title: UInt64 = 1 << 0
    static let text: UInt64 = 1 << 1
    static let categories: UInt64 = 1 << 2
    static let price: UInt64 = 1 << 3
    static let currency: UInt64 = 1 << 4
    static let hidden: UInt64 = 1 << 5
    static let stock: UInt64 = 1 << 6
    static let created: UInt64 = 1 << 7
    static let availableFrom: UInt64 = 1 << 8
    static let availableUntil: UInt64 = 1 << 9
    static let location: UInt64 = 1 << 10
    static let owner: UInt64 = 1 << 11
    static let members: UInt64 = 1 << 12
    static let all: UInt64 = (1 << 13) - 1
  }

  static func encode(_ item: Item, into writer: inout ByteWriter) {
    var has: UInt64 = 0
    if !item.title.utf8.isEmpty { has |= Has.title }
    if !item.text.utf8.isEmpty { has |= Has.text }
    if !item.categories.isEmpty { has |= Has.categories }
    if item.price != nil { has |= Has.price }
    if !item.currency.utf8.isEmpty { has |= Has.currency }
    if item.isHidden { has |= Has.hidden }
    if item.stock != nil { has |= Has.stock }
    if item.created != nil { has |= Has.created }
    if item.availableFrom != nil { has |= Has.availableFrom }
    if item.availableUntil != nil { has |= Has.availableUntil }
    if item.location != nil { has |= Has.location }
    if item.owner != nil { has |= Has.owner }
    if !item.members.isEmpty { has |= Has.members }
    writer.append(varint: has)
    if has & Has.title != 0 { writer.append(prefixed: item.title) }
    if has & Has.text != 0 { writer.append(prefixed: item.text) }
    if has & Has.categories != 0 {
      writer.append(count: item.categories.count)
      for category in item.categories { writer.append(prefixed: category) }
    }
    if let price = item.price { writer.append(double: price) }
    if has & Has.currency != 0 { writer.append(prefixed: item.currency) }
    if let stock = item.stock { writer.append(double: stock) }
    if let created = item.created { writer.append(zigzag: created.microseconds) }
    if let from = item.availableFrom { writer.append(zigzag: from.microseconds) }
    if let until = item.availableUntil { writer.append(zigzag: until.microseconds) }
    if let location = item.location {
      writer.append(double: location.latitude)
      writer.append(double: location.longitude)
    }
    if let owner = item.owner { writer.append(prefixed: owner.bytes) }
    if has & Has.members != 0 {
      writer.append(count: item.members.count)
      for member in item.members { writer.append(prefixed: member.bytes) }
    }
    AttributeCodec.encode(item.attributes, item.vectors, into: &writer)
  }

  static func decode(id: ItemIdentifier, _ reader: inout ByteReader) throws(MalformedBytes) -> Item {
    let start = reader.offset
    let has = try reader.varint()
    guard has & ~Has.all == 0 else { throw MalformedBytes("unknown item fields", at: start) }
    var item = Item(id: id)
    item.isHidden = has & Has.hidden != 0
    if has & Has.title != 0 { item.title = try present(&reader) }
    if has & Has.text != 0 { item.text = try present(&reader) }
    if has & Has.categories != 0 {
      for _ in 0..<(try presentCount(&reader)) { item.categories.append(try reader.text()) }
    }
    if has & Has.price != 0 { item.price = try reader.double() }
    if has & Has.currency != 0 { item.currency = try present(&reader) }
    if has & Has.stock != 0 { item.stock = try reader.double() }
    if has & Has.created != 0 { item.created = try reader.timestamp() }
    if has & Has.availableFrom != 0 { item.availableFrom = try reader.timestamp() }
    if has & Has.availableUntil != 0 { item.availableUntil = try reader.timestamp() }
    if has & Has.location != 0 {
      item.location = GeoPoint(latitude: try reader.double(), longitude: try reader.double())
    }
    if has & Has.owner != 0 { item.owner = try reader.identifier(UserKind.self) }
    if has & Has.members != 0 {
      for _ in 0..<(try presentCount(&reader)) {
        item.members.append(try reader.identifier(ItemKind.self))
      }
    }
    (item.attributes, item.vectors) = try AttributeCodec.decode(&reader)
    return item
  }

  /// A text that is written only when it is not empty.
  private static func present(_ reader: inout ByteReader) throws(MalformedBytes) -> String {
    let start = reader.offset
    let text = try reader.text()
    if text.utf8.isEmpty { throw MalformedBytes("an empty text that should have been left out", at: start) }
    return text
  }

  /// A count that is written only when it is not zero.
  private static func presentCount(_ reader: inout ByteReader) throws(MalformedBytes) -> Int {
    let start = reader.offset
    let count = try reader.count(elementBytesMin: 1)
    if count == 0 { throw MalformedBytes("an empty list that should have been left out", at: start) }
    return count
  }
}
