import Glibc

/// Random numbers that come again for a seed: SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable
/// pseudorandom number generators", 2014). A seed may be a counter: neighbouring seeds give unrelated numbers.
package struct SplitMix: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// The numbers of one of many streams under a seed. O(1).
  package init(seed: UInt64, stream: UInt64) {
    var mixer = SplitMix(seed: seed)
    state = mixer.next() ^ stream &* 0xD6E8_FEB8_6659_FD93
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// Even on [0, 1), 53 bits.
  package mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Exponential with mean 1; finite, because the logarithm's argument is never zero.
  package mutating func nextExponential() -> Double { -log(1 - nextUnit()) }
}
