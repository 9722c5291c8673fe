import Storage
import Testing
import Vocabulary

@Suite struct EntryCodecTests {
  /// The tables of docs/storage.md, byte by byte.
  @Test func knownBytesOfEvents() throws {
    var event = Event(
      id: try EventIdentifier("e1"), type: .purchase, user: try UserIdentifier("u"),
      item: try ItemIdentifier("i"), time: Timestamp(microseconds: 100))
    let small: [UInt8] =
      [1, 1, 7] + Array("default".utf8) + [2, 0x65, 0x31] + [9, 0b1, 1, 0x75, 1, 0x69] + [0xc8, 0x01]
    #expect(EntryCodec.encode(LogEntry(tenant: .default, change: .event(event))) == small)

    event.item = nil
    event.time = Timestamp(microseconds: -1)
    event.value = 2.5
    event.session = try SessionIdentifier("s")
    event.recommendation = try RecommendationIdentifier("r")
    event.query = "\u{e9}"
    let large: [UInt8] =
      [1, 1, 1, 0x74, 2, 0x65, 0x31] + [9, 0b11110, 1, 0x75, 1] + [0, 0, 0x20, 0x40] + [1, 0x73, 1, 0x72]
      + [2, 0xc3, 0xa9]
    #expect(EntryCodec.encode(LogEntry(tenant: try TenantName("t"), change: .event(event))) == large)
  }

  @Test func knownBytesOfItemsAndUsers() throws {
    let front: [UInt8] = [7] + Array("default".utf8) + [1, 0x69]
    let id = try ItemIdentifier("i")
    #expect(EntryCodec.encode(LogEntry(tenant: .default, change: .deleteItem(id))) == [1, 3] + front)

    var item = Item(id: id)
    #expect(
      EntryCodec.encode(LogEntry(tenant: .default, change: .putItem(item))) == [1, 2] + front + [0, 0, 0])
    item.title = "T"
    item.text = "x"
    item.categories = ["a", ""]
    item.price = 1
    item.currency = "EUR"
    item.isHidden = true
    item.stock = 0
    item.created = Timestamp(microseconds: 1)
    item.availableFrom = Timestamp(microseconds: 2)
    item.availableUntil = Timestamp(microseconds: 64)
    item.location = GeoPoint(latitude: 1, longitude: -2)
    item.owner = try UserIdentifier("o")
    item.members = [id]
    item.attributes = [
      "b": .flag(true), "a": .number(1), "c": .texts(["x"]), "d": .text("y"), "e": .flag(false),
    ]
    item.vectors = [NamedVector(name: "v", values: [1])]
    let one: [UInt8] = [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]
    var expected: [UInt8] = [1, 2] + front + [0xff, 0x3f, 1, 0x54, 1, 0x78, 2, 1, 0x61, 0] + one
    expected += [3, 0x45, 0x55, 0x52] + [0, 0, 0, 0, 0, 0, 0, 0] + [2, 4, 0x80, 1]
    expected += one + [0, 0, 0, 0, 0, 0, 0, 0xc0] + [1, 0x6f] + [1, 1, 0x69]
    expected +=
      [5, 1, 0x61, 2] + one + [1, 0x62, 4, 1, 0x63, 5, 1, 1, 0x78, 1, 0x64, 1, 1, 0x79, 1, 0x65, 3]
    expected += [1, 1, 0x76, 1, 0, 0, 0x80, 0x3f]
    #expect(EntryCodec.encode(LogEntry(tenant: .default, change: .putItem(item))) == expected)

    var profile = UserProfile(id: try UserIdentifier("i"))
    profile.attributes = ["k": .flag(false)]
    #expect(
      EntryCodec.encode(LogEntry(tenant: .default, change: .putUser(profile)))
        == [1, 4] + front + [1, 1, 0x6b, 3, 0])
  }

  @Test func contentHashIgnoresTheIdentifierAlone() throws {
    let event = Event(
      id: try EventIdentifier("e1"), type: .purchase, user: try UserIdentifier("u"),
      item: try ItemIdentifier("i"), time: Timestamp(microseconds: 100))
    let hash = EntryCodec.contentHash(of: event)
    // The bytes of the table, hashed by the definition: stored hashes must mean the same for ever.
    #expect(hash == StableHash.of([1, 9, 1, 1, 0x75, 1, 0x69, 0xc8, 0x01] as [UInt8]))
    var other = event
    other.id = try EventIdentifier("e2")
    #expect(EntryCodec.contentHash(of: other) == hash)
    other.value = 2
    #expect(EntryCodec.contentHash(of: other) != hash)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func everyEntryComesBackAndHasOneEncoding(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    for _ in 0..<50 {
      let entry = try samples.entry()
      let bytes = EntryCodec.encode(entry)
      let decoded = try EntryCodec.decode(bytes)
      #expect(decoded == entry, "seed \(seed)")
      // Texts are equal to Swift if Unicode says so; bytes are stricter.
      #expect(EntryCodec.encode(decoded) == bytes, "seed \(seed)")
    }
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func everyTruncationIsRefused(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    for _ in 0..<5 {
      let bytes = EntryCodec.encode(try samples.entry())
      for count in 0..<bytes.count {
        let found = fault { _ = try EntryCodec.decode(Array(bytes[..<count]), file: "here") }
        #expect(found?.kind == .corrupt, "seed \(seed), \(count) of \(bytes.count) bytes")
        #expect(found?.file == "here")
      }
      #expect(fault { _ = try EntryCodec.decode(bytes + [0]) }?.kind == .corrupt, "seed \(seed)")
    }
  }

  /// A flipped bit gives another entry or a fault, never a trap; and what decodes encodes to the same bytes.
  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func everyBitFlipIsRefusedOrIsAnotherEntry(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    for _ in 0..<3 {
      let entry = try samples.entry()
      let bytes = EntryCodec.encode(entry)
      for bit in 0..<(8 * bytes.count) {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let decoded = try? EntryCodec.decode(flipped) else { continue }
        #expect(EntryCodec.encode(decoded) == flipped, "seed \(seed), bit \(bit)")
      }
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func noiseIsRefusedOrIsAnEntry(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    for _ in 0..<500 {
      var bytes = (0..<samples.integer(0...60)).map { _ in UInt8(samples.integer(0...255)) }
      // Most noise fails at the first byte; some begins like an entry.
      if samples.flip() { bytes = [1, UInt8(samples.integer(1...4)), 1, 0x61] + bytes }
      if let decoded = try? EntryCodec.decode(bytes) {
        #expect(EntryCodec.encode(decoded) == bytes, "seed \(seed)")
      }
    }
  }

  @Test func hugeCountsReserveNothing() throws {
    // 2^60 attributes, then nothing.
    let count: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
    let bytes: [UInt8] = [1, 4, 1, 0x74, 1, 0x75] + count
    #expect(fault { _ = try EntryCodec.decode(bytes) }?.kind == .corrupt)
  }

  @Test func oneAttributeUnderTwoSpellingsIsRefused() {
    let spellings: [UInt8] = [2, 3, 0x65, 0xcc, 0x81, 3, 2, 0xc3, 0xa9, 3, 0]
    #expect(fault { _ = try EntryCodec.decode([1, 4, 1, 0x74, 1, 0x75] + spellings) }?.kind == .corrupt)
  }

  /// A limit may be lowered; what was written under the old one must stay readable.
  @Test func valuesOutsideTodaysLimitsStillDecode() throws {
    var item = Item(id: try ItemIdentifier("i"))
    item.title = String(repeating: "x", count: 2 * Limits.titleBytesMax)
    let entry = LogEntry(tenant: .default, change: .putItem(item))
    #expect(try EntryCodec.decode(EntryCodec.encode(entry)) == entry)
  }
}
