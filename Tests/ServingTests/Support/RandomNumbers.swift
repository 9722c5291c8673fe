import Vocabulary

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed, everywhere.
struct RandomNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Int(StableHash.mix(state) % UInt64(limit))
  }

  /// -1 to 1.
  mutating func signed() -> Float { Float(below(2_000_001) - 1_000_000) / 1_000_000 }

  mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var elements = elements
    for place in elements.indices.reversed() where place > 0 { elements.swapAt(place, below(place + 1)) }
    return elements
  }
}
