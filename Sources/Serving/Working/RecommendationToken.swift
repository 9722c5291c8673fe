import Vocabulary

/// The name of an answer: a hash of everything that determines it, so that the same request on the same state has
/// the same name, and no counter or random source is needed.
struct RecommendationToken {
  private var low: UInt64 = 0x6d61_6770_6965_0001
  private var high: UInt64 = 0x6d61_6770_6965_0002

  mutating func add(_ value: UInt64) {
    low = StableHash.mix(low &+ value)
    high = StableHash.mix(high ^ value &* 0x9e37_79b9_7f4a_7c15)
  }

  mutating func add(_ bytes: [UInt8]) {
    add(UInt64(bytes.count))
    add(StableHash.of(bytes))
  }

  mutating func add(_ list: [[UInt8]]) {
    add(UInt64(list.count))
    for bytes in list { add(bytes) }
  }

  /// 32 hexadecimal digits: an event names the answer by them, and no identifier may hold a zero byte. Allocates:
  /// for the reply.
  var bytes: [UInt8] {
    [low, high].flatMap { value in
      stride(from: 60, through: 0, by: -4).map {
        Self.digits[Int(truncatingIfNeeded: value >> UInt64($0)) & 15]
      }
    }
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
