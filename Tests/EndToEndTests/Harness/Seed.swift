import Foundation
import Vocabulary

/// Where the randomness of a test comes from. Print it: `MAGPIE_TEST_SEED` repeats a run.
func testSeed() -> UInt64 {
  ProcessInfo.processInfo.environment["MAGPIE_TEST_SEED"].flatMap { UInt64($0) }
    ?? .random(in: 0...UInt64.max)
}

/// Numbers that follow from a seed alone.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return StableHash.mix(state)
  }
}
