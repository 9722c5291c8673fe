import Vocabulary

/// The name of an answer: a hash of everything that determines it, so that the same request on the same state has
/// the same name, and no counter or random source is needed.
struct RecommendationToken: Sendable {
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

  /// A number from 0 up to, not including, 1: another for each salt, the same for the same answer's name.
  func draw(_ salt: UInt64) -> Double {
    let bits = StableHash.mix(StableHash.mix(high ^ salt &* 0x9e37_79b9_7f4a_7c15) &+ low)
    return Double(bits >> 11) * 0x1p-53
  }

  /// 32 hexadecimal digits: an event names the answer by them, and no identifier may hold a zero byte. Allocates:
  /// for the reply.
  var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { bytes, count in
      for place in 0..<32 {
        let value = place < 16 ? low : high
        let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * (place % 16))) & 15
        bytes[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
      }
      count = 32
    }
  }
}
