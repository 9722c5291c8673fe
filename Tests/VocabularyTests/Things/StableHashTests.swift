import Testing
import Vocabulary

@Suite struct StableHashTests {
  /// These values decide shards and buckets of data that is already on disk: they may never change.
  @Test func valuesAreFrozen() {
    #expect(StableHash.of([UInt8]()) == StableHash.mix(0xcbf2_9ce4_8422_2325))
    // FNV-1a of "a" is published as af63dc4c8601ec8c; the finaliser follows.
    #expect(StableHash.of(Array("a".utf8)) == StableHash.mix(0xaf63_dc4c_8601_ec8c))
    #expect(StableHash.of(Array("foobar".utf8)) == StableHash.mix(0x8594_4171_f739_67e8))
    // MurmurHash3's fmix64.
    // The two forms are one function.
    #expect(StableHash.of("foobar".utf8) == StableHash.of(Array("foobar".utf8)))
    #expect(StableHash.of("foobar".utf8, seed: 9) == StableHash.of(Array("foobar".utf8), seed: 9))
    #expect(StableHash.mix(0) == 0)
    #expect(StableHash.mix(1) == 0xb456_bcfc_34c2_cb2c)
  }

  @Test func lowBitsSpread() {
    var buckets = [Int](repeating: 0, count: 16)
    for user in 0..<16_000 {
      buckets[Int(StableHash.of(Array("user-\(user)".utf8)) % 16)] += 1
    }
    // 1000 expected in each; six standard deviations are about 184.
    #expect(buckets.allSatisfy { abs($0 - 1000) < 184 }, "\(buckets)")
  }

  @Test func seedsGiveOtherHashes() {
    let bytes = Array("user".utf8)
    #expect(StableHash.of(bytes, seed: 1) != StableHash.of(bytes, seed: 2))
  }
}

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, 0), (1, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2),
  ])
  func secondsRoundDown(microseconds: Int64, seconds: Int64) {
    #expect(Timestamp(microseconds: microseconds).seconds == seconds)
  }

  @Test func extremesDoNotTrap() {
    let first = Timestamp(microseconds: .min)
    let last = Timestamp(microseconds: .max)
    #expect(last.seconds(since: first) > 1e13)
    #expect(first.seconds < 0)
  }
}
