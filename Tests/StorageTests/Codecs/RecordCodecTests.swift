import Storage
import Testing
import Vocabulary

/// Codecs of the state's values.
@Suite struct RecordCodecTests {
  private func decodeItem(_ bytes: [UInt8], _ index: UInt32 = 7) throws -> ItemRecord {
    try bytes.withUnsafeBytes { try ItemRecordCodec.decode($0, index: ItemIndex(index)) }
  }

  private func decodeUser(_ bytes: [UInt8], _ id: UserIdentifier) throws -> UserRecord {
    try bytes.withUnsafeBytes { try UserRecordCodec.decode($0, id: id) }
  }

  private func decodeEvent(_ bytes: [UInt8]) throws -> EventRecord {
    try bytes.withUnsafeBytes { try EventRecord(decoding: $0) }
  }

  @Test func knownBytes() throws {
    var item = ItemRecord(
      index: ItemIndex(7), id: try ItemIdentifier("i"), firstPosition: Position(5))
    item.position = Position(300)
    item.eventCount = 2
    item.trend = 1
    item.trendSeconds = 129
    item.isDeleted = true
    #expect(
      ItemRecordCodec.encode(item) == [1, 2, 1, 0x69, 0xac, 2, 5, 2, 0, 0, 0x80, 0x3f, 0x81, 1])

    var user = UserRecord(id: try UserIdentifier("u"))
    user.position = Position(3)
    user.eventCount = 2
    user.history = [
      HistoryEvent(item: ItemIndex(4), seconds: 100, value: 1, type: .view),
      HistoryEvent(item: ItemIndex(5), seconds: 99, value: 2, type: .rate),
    ]
    user.items = [UserItem(item: ItemIndex(4), seconds: 100, weight: 1, count: 1)]
    user.ratings = [UserRating(item: ItemIndex(5), seconds: 99, value: 2)]
    user.impressions = [
      Impression(item: ItemIndex(4), seconds: 90), Impression(item: ItemIndex(6), seconds: 91),
    ]
    #expect(
      UserRecordCodec.encode(user)
        == [3, 3, 2, 2, 2, 4, 0xc8, 1, 0x87, 5, 1, 0, 0, 0, 0x40]
        + [1, 4, 0xc8, 1, 0, 0, 0x80, 0x3f, 1, 1, 5, 0xc6, 1, 0, 0, 0, 0x40]
        + [2, 4, 0xb4, 1, 6, 2, 0, 0])

    let event = EventRecord(position: Position(300), hash: 0x0807_0605_0403_0201)
    #expect(event.encoded() == [1, 1, 2, 3, 4, 5, 6, 7, 8, 0xac, 2])
  }

  /// Version 1 had no ratings: the newest of each item is taken from the history.
  @Test func recordsFromBeforeRatingsOpen() throws {
    let old: [UInt8] =
      [1, 3, 4, 4]
      // Views 4, rates 5 with 2, rates 4 with 1, rates 5 with 3.
      + [2, 4, 0xc8, 1] + [0x87, 5, 2, 0, 0, 0, 0x40] + [7, 4, 2] + [0x87, 5, 2, 0, 0, 0x40, 0x40]
      + [0, 0, 0]
    let record = try decodeUser(old, try UserIdentifier("u"))
    #expect(record.history.count == 4)
    #expect(
      record.ratings == [
        UserRating(item: ItemIndex(5), seconds: 103, value: 3),
        UserRating(item: ItemIndex(4), seconds: 102, value: 1),
      ])
    let back = try decodeUser(UserRecordCodec.encode(record), record.profile.id)
    #expect(back == record)
  }

  /// Version 2 had no impressions.
  @Test func recordsFromBeforeImpressionsOpen() throws {
    let old: [UInt8] =
      [2, 3, 1, 1, 2, 4, 0xc8, 1] + [1, 4, 0xc8, 1, 0, 0, 0x80, 0x3f, 1] + [
        1, 5, 0xc6, 1, 0, 0, 0, 0x40, 0, 0,
      ]
    let record = try decodeUser(old, try UserIdentifier("u"))
    #expect(record.history.count == 1 && record.items.count == 1 && record.ratings.count == 1)
    #expect(record.impressions == [])
    let back = try decodeUser(UserRecordCodec.encode(record), record.profile.id)
    #expect(back == record)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func everyRecordComesBack(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    for _ in 0..<20 {
      let item = try samples.itemRecord(7)
      #expect(try decodeItem(ItemRecordCodec.encode(item)) == item, "seed \(seed)")
      let user = try samples.userRecord()
      #expect(
        try decodeUser(UserRecordCodec.encode(user), user.profile.id) == user, "seed \(seed)")
      let event = EventRecord(position: Position(samples.generator.next()), hash: samples.generator.next())
      #expect(try decodeEvent(event.encoded()) == event, "seed \(seed)")
    }
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func damageIsRefusedOrIsAnotherRecord(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    let item = ItemRecordCodec.encode(try samples.itemRecord(7))
    let sampleUser = try samples.userRecord()
    let user = UserRecordCodec.encode(sampleUser)
    let event = EventRecord(position: Position(samples.generator.next()), hash: 1).encoded()
    for count in 0..<item.count {
      #expect(throws: MalformedBytes.self, "seed \(seed)") { try decodeItem(Array(item[..<count])) }
    }
    for count in 0..<user.count {
      #expect(throws: MalformedBytes.self, "seed \(seed)") {
        try decodeUser(Array(user[..<count]), sampleUser.profile.id)
      }
    }
    for count in 0..<event.count {
      #expect(throws: MalformedBytes.self, "seed \(seed)") { try decodeEvent(Array(event[..<count])) }
    }
    for bit in 0..<(8 * item.count) {
      var flipped = item
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      if let decoded = try? decodeItem(flipped) {
        #expect(ItemRecordCodec.encode(decoded) == flipped, "seed \(seed), bit \(bit)")
      }
    }
    for bit in 0..<(8 * user.count) {
      var flipped = user
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      if let decoded = try? decodeUser(flipped, sampleUser.profile.id) {
        #expect(UserRecordCodec.encode(decoded) == flipped, "seed \(seed), bit \(bit)")
      }
    }
  }
}
