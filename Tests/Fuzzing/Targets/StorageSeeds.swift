import Checksums
import Storage
import Vocabulary

/// Valid files and values of the data directory, made by the product's own writers where it has one to offer, else by
/// the byte tables of docs/storage.md.
enum StorageSeeds {
  static let identity = [UInt8](0..<16)

  static func entries() throws -> [LogEntry] {
    var event = Event(
      id: try EventIdentifier("e"), type: .rate, user: try UserIdentifier("anna"),
      item: try ItemIdentifier("plates"), time: Timestamp(microseconds: 1_700_000_000_000_000), value: 4.5)
    event.session = try SessionIdentifier("s")
    event.query = "blue"
    var item = Item(id: try ItemIdentifier("plates"))
    item.title = "Plates"
    item.categories = ["kitchen"]
    item.price = 12.5
    item.currency = "EUR"
    item.attributes = [
      "colour": .text("blue"), "tags": .texts(["a", "b"]), "new": .flag(true), "w": .number(2),
    ]
    item.vectors = [NamedVector(name: "image", values: [0.5, -1])]
    var profile = UserProfile(id: try UserIdentifier("anna"))
    profile.attributes = ["city": .text("Ulm")]
    let changes: [LogEntry.Change] = [
      .event(event), .putItem(item), .deleteItem(try ItemIdentifier("cups")), .putUser(profile),
    ]
    return changes.map { LogEntry(tenant: .default, change: $0) }
  }

  /// A segment with three records, by docs/storage.md.
  static func segment(isSealed: Bool) throws -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: Array("MAGPIELG".utf8))
    writer.append(fixed32: 1)
    writer.append(fixed32: 0)
    writer.append(raw: identity)
    writer.append(fixed64: 1)
    writer.append(fixed64: 1_700_000_000_000_000)
    writer.append(zeros: 12)
    writer.append(fixed32: CRC32C.of(writer.bytes))
    var position: UInt64 = 1
    for count in [1, 4, 2] {
      let entries = try entries().prefix(count)
      var record = ByteWriter()
      record.append(fixed64: position)
      record.append(fixed32: UInt32(entries.count))
      record.append(fixed64: 1_700_000_000_000_000 + position)
      for entry in entries { record.append(prefixed: EntryCodec.encode(entry)) }
      writer.append(fixed32: UInt32(record.bytes.count))
      writer.append(fixed32: CRC32C.of(record.bytes, continuing: RecordHeader.seed(identity: identity)))
      writer.append(raw: record.bytes)
      position += UInt64(entries.count)
    }
    if isSealed {
      var footer = ByteWriter()
      footer.append(raw: SegmentFooter.magic)
      footer.append(fixed64: 1)
      footer.append(fixed64: position - 1)
      footer.append(fixed64: 1_700_000_000_000_000 + position)
      footer.append(fixed64: UInt64(writer.bytes.count))
      footer.append(zeros: SegmentFooter.byteCount - 4 - footer.bytes.count)
      footer.append(fixed32: CRC32C.of(footer.bytes, continuing: RecordHeader.seed(identity: identity)))
      writer.append(raw: footer.bytes)
    }
    return writer.bytes
  }

  /// Makes header, records and footer match their checksums as far as their lengths allow.
  static func repairSegment(_ bytes: inout [UInt8]) {
    guard bytes.count >= 64 else { return }
    put(CRC32C.of(Array(bytes[..<60])), into: &bytes, at: 60)
    let seed = RecordHeader.seed(identity: Array(bytes[16..<32]))
    var offset = 64
    while bytes.count - offset >= 8 {
      if bytes[offset...].starts(with: SegmentFooter.magic), bytes.count - offset >= SegmentFooter.byteCount {
        let end = offset + SegmentFooter.byteCount - 4
        put(CRC32C.of(Array(bytes[offset..<end]), continuing: seed), into: &bytes, at: end)
        return
      }
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
      guard length <= bytes.count - offset - 8 else { return }
      put(
        CRC32C.of(Array(bytes[(offset + 8)..<(offset + 8 + length)]), continuing: seed), into: &bytes,
        at: offset + 4)
      offset += 8 + length
    }
  }

  private static func put(_ value: UInt32, into bytes: inout [UInt8], at offset: Int) {
    for place in 0..<4 { bytes[offset + place] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(place))) }
  }

  static func stateValues() throws -> [[UInt8]] {
    var user = UserRecord(id: try UserIdentifier("u"))
    user.position = Position(9)
    user.eventCount = 3
    user.history = [
      HistoryEvent(item: ItemIndex(1), seconds: 1_700_000_000, value: 1, type: .view),
      HistoryEvent(item: ItemIndex(2), seconds: 1_700_000_100, value: 4.5, type: .rate),
    ]
    user.profile.attributes = ["city": .text("Ulm")]
    var item = ItemRecord(index: ItemIndex(3), id: try ItemIdentifier("plates"), firstPosition: Position(2))
    item.position = Position(5)
    item.eventCount = 7
    item.trend = 1.5
    item.trendSeconds = 1_700_000_000
    item.counts[.impression] = 300
    item.counts[.purchase] = 2
    if case .putItem(let put) = try entries()[1].change { item.item = put }
    let event = EventRecord(position: Position(4), hash: 0x0123_4567_89ab_cdef)
    return [
      [0] + UserRecordCodec.encode(user), [1] + ItemRecordCodec.encode(item), [2] + event.encoded(),
      [3] + Array("MAGPIESB".utf8) + [UInt8](repeating: 0, count: 1_016),
    ]
  }

  static func deadLetters() -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: Array("MAGPIEDL".utf8))
    writer.append(fixed32: 1)
    writer.append(fixed32: 0)
    writer.append(raw: identity)
    var letter = DeadLetter(number: 1)
    letter.reason = "non_finite"
    letter.message = "The value is not finite."
    letter.event.id = [1, 2]
    letter.event.value = 1.5
    var one = ByteWriter()
    DeadLetterCodec.encode(letter, into: &one)
    writer.append(fixed32: UInt32(one.bytes.count))
    writer.append(fixed32: CRC32C.of(one.bytes))
    writer.append(raw: one.bytes)
    return writer.bytes
  }
}
