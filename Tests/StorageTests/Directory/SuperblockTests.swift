import Checksums
import Storage
import Testing
import Vocabulary

@Suite struct SuperblockTests {
  private let sample: Superblock = {
    var block = Superblock(identity: Array(0..<16), created: Timestamp(microseconds: 0x0102))
    block.sequence = 3
    block.acknowledged = Position(0x0a0b)
    return block
  }()

  /// The table of docs/storage.md.
  @Test func knownBytes() {
    let bytes = sample.encoded()
    var expected = Array("MAGPIESB".utf8) + [1, 0, 0, 0, 1, 0, 0, 0] + (0..<16)
    expected += [3, 0, 0, 0, 0, 0, 0, 0, 0x0b, 0x0a, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0]
    expected += [UInt8](repeating: 0, count: 452)
    let checksum = CRC32C.of(expected)
    expected += (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) }
    #expect(bytes.count == 512)
    #expect(bytes == expected)
    #expect(sample.slotOffset == 512)
    bytes.withUnsafeBytes { #expect(Superblock.decodeSlot($0) == .valid(sample)) }
  }

  @Test func everyFlippedBitAndEveryTruncationOfASlotIsNoticed() {
    let bytes = sample.encoded()
    for bit in 0..<(8 * bytes.count) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      let slot = flipped.withUnsafeBytes { Superblock.decodeSlot($0) }
      #expect(slot == (bit < 64 ? .foreign : .damaged), "bit \(bit)")
    }
    for count in 0..<bytes.count {
      let slot = bytes[..<count].withUnsafeBytes { Superblock.decodeSlot($0) }
      #expect(slot == (count < 8 ? .foreign : .damaged), "\(count) bytes")
    }
  }

  @Test func newerValidSlotCounts() throws {
    var newer = sample
    newer.sequence = 4
    newer.acknowledged = Position(0x0c0d)
    let both = newer.encoded() + sample.encoded()
    #expect(try Superblock.decode(both, file: "f") == newer)
    var torn = both
    torn.replaceSubrange(20..<512, with: [UInt8](repeating: 0, count: 492))
    #expect(try Superblock.decode(torn, file: "f") == sample)
    torn[1000] ^= 1
    let corrupt = fault { _ = try Superblock.decode(torn, file: "f") }
    #expect(corrupt?.kind == .corrupt)
    #expect(corrupt?.file == "f")
    for count in 0..<512 {
      #expect(fault { _ = try Superblock.decode(Array(both[..<count]), file: "f") }?.kind != nil)
    }
    let text = Array("Dear diary, today I looked at birds.".utf8)
    #expect(fault { _ = try Superblock.decode(text, file: "f") }?.kind == .foreign)
    #expect(fault { _ = try Superblock.decode([], file: "f") }?.kind == .corrupt)
  }

  @Test func newerFormatIsRefusedUnlessItAllowsUs() throws {
    var newer = sample
    newer.formatVersion = 3
    #expect(try Superblock.decode(newer.encoded(), file: "f").formatVersion == 3)
    newer.oldestReaderVersion = 3
    let refused = fault { _ = try Superblock.decode(newer.encoded(), file: "f") }
    #expect(refused?.kind == .newerFormat)
    #expect(refused?.exitCode == 78)

    let temporary = try TemporaryDirectory()
    try DataDirectory.initialize(at: temporary.data)
    try write(newer.encoded() + newer.encoded(), to: temporary.data + "/superblock")
    #expect(fault { _ = try DataDirectory.open(at: temporary.data) }?.kind == .newerFormat)
  }

  @Test func acknowledgedGrowsAndSurvives() throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    for value in [5, 3, 5, 9, 12] as [UInt64] {
      try directory.recordAcknowledged(Position(value))
    }
    #expect(directory.acknowledged() == Position(12))
    directory.close()
    #expect(fault { try directory.recordAcknowledged(Position(13)) }?.kind == .fenced)
    let again = try DataDirectory.open(at: temporary.data)
    #expect(again.acknowledged() == Position(12))
    #expect(again.identity == directory.identity)
    // Three writes (5, 9, 12), in turn: the last lies in slot 1 and 9 in slot 0.
    let bytes = try contents(temporary.data + "/superblock")
    #expect(bytes.count == 1024)
    let slots = [bytes[..<512], bytes[512...]].map { slot in
      slot.withUnsafeBytes { Superblock.decodeSlot($0) }
    }
    guard case .valid(let even) = slots[0], case .valid(let odd) = slots[1] else {
      Issue.record("both slots should be valid")
      return
    }
    #expect(even.acknowledged == Position(9) && odd.acknowledged == Position(12))
  }
}
