import CChecksums
import Checksums
import Testing

@Suite struct CRC32CTests {
  @Test func knownAnswers() {
    // RFC 3720, appendix B.4.
    #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.of([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.of(Array("123456789".utf8)) == 0xe306_9283)
    #expect(CRC32C.of([UInt8]()) == 0)
  }

  @Test func equalsSerialAtEveryLengthAndSplit() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ 7) }
    for length in 0...bytes.count {
      let part = Array(bytes[..<length])
      let serial = magpie_crc32c_serial(0, part, part.count)
      #expect(CRC32C.of(part) == serial)
      let split = length / 3
      let head = CRC32C.of(Array(part[..<split]))
      #expect(CRC32C.of(Array(part[split...]), continuing: head) == serial)
    }
  }

  /// Long parts are read in three lanes of 4,096 bytes: lengths around them, and several of them.
  @Test func equalsSerialInLanes() {
    let bytes = (0..<60_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    for lanes in [1, 2, 4] {
      for length in (lanes * 12_288 - 9)...(lanes * 12_288 + 9) {
        for start in [0, 1, 7] {
          let part = Array(bytes[start..<(start + length)])
          #expect(
            CRC32C.of(part, continuing: 0x1234_5678) == magpie_crc32c_serial(0x1234_5678, part, part.count),
            "\(length) from \(start)")
        }
      }
    }
  }
}

@Suite struct SHA256Tests {
  @Test func knownAnswers() {
    #expect(
      [UInt8]().withUnsafeBytes { SHA256.hex($0) }
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      Array("abc".utf8).withUnsafeBytes { SHA256.hex($0) }
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
