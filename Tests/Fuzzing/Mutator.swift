/// Changes inputs the way storage, networks and attackers do: for the smoke run, which has no instrumented binary to
/// guide it.
package struct Mutator {
  private var random: SplitMix

  package init(seed: UInt64) { random = SplitMix(state: seed) }

  private static let interesting: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x22, 0x2c, 0x5c, 0x7b]

  /// One to eight changes of an input; `other` lends pieces.
  package mutating func mutate(_ input: [UInt8], with other: [UInt8]) -> [UInt8] {
    var bytes = input
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      switch Int.random(in: 0..<8, using: &random) {
      case 0: if let place = place(in: bytes) { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
      case 1: if let place = place(in: bytes) { bytes[place] = pick(Self.interesting) }
      case 2: if let place = place(in: bytes) { bytes[place] = UInt8.random(in: 0...255, using: &random) }
      case 3: if let range = range(in: bytes) { bytes.removeSubrange(range) }
      case 4:
        if let range = range(in: bytes) { bytes.insert(contentsOf: bytes[range], at: range.lowerBound) }
      case 5:
        if let range = range(in: other) {
          bytes.insert(contentsOf: other[range], at: Int.random(in: 0...bytes.count, using: &random))
        }
      case 6: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
      default:
        if let range = range(in: bytes) {
          let filler = pick(Self.interesting)
          for place in range { bytes[place] = filler }
        }
      }
      // Growth by doubling must not win.
      if bytes.count > 64 * 1024 { bytes.removeLast(bytes.count - 64 * 1024) }
    }
    return bytes
  }

  package mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func place(in bytes: [UInt8]) -> Int? {
    bytes.isEmpty ? nil : Int.random(in: 0..<bytes.count, using: &random)
  }

  /// Short ones more often than long ones.
  private mutating func range(in bytes: [UInt8]) -> Range<Int>? {
    guard let start = place(in: bytes) else { return nil }
    let longest = min(bytes.count - start, 1 << Int.random(in: 0...8, using: &random))
    return start..<(start + Int.random(in: 1...max(1, longest), using: &random))
  }
}

/// SplitMix64 (Steele et al., 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
