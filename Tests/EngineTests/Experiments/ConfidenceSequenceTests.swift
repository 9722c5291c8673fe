import Engine
import Testing
import Vocabulary

struct ConfidenceSequenceTests {
  private struct Chance {
    var state: UInt64
    mutating func unit() -> Double {
      state = StableHash.mix(state &+ 0x9e37_79b9_7f4a_7c15)
      return Double(state >> 11) * 0x1p-53
    }
  }

  /// The promise: over all looks together the interval misses the truth in at most α of the runs. A fixed interval of the
  /// same level, looked at as often, misses far more often, which shows that the test could fail.
  @Test(arguments: [0.02, 0.3, 0.5])
  func holdsAtEveryLook(_ rate: Double) {
    let alpha = 0.1
    let runs = 400
    var (missed, missedFixed) = (0, 0)
    for seed in 0..<runs {
      var chance = Chance(state: UInt64(seed) &* 7_919)
      var hits = 0.0
      var (isMissed, isMissedFixed) = (false, false)
      for count in 1...3_000 {
        if chance.unit() < rate { hits += 1 }
        let error = (hits / Double(count) - rate).magnitude
        if error > ConfidenceSequence.radius(UInt64(count), alpha: alpha) { isMissed = true }
        // The usual 90 % interval with the true variance, looked at from the fiftieth on.
        if count >= 50, error > 1.645 * (rate * (1 - rate) / Double(count)).squareRoot() {
          isMissedFixed = true
        }
      }
      if isMissed { missed += 1 }
      if isMissedFixed { missedFixed += 1 }
    }
    // Four standard deviations above α.
    #expect(Double(missed) <= Double(runs) * alpha + 4 * (Double(runs) * alpha * (1 - alpha)).squareRoot())
    #expect(Double(missedFixed) > 0.3 * Double(runs))
  }

  @Test func narrows() {
    #expect(ConfidenceSequence.radius(0, alpha: 0.05) == 1)
    #expect(ConfidenceSequence.radius(1, alpha: 0.05) == 1)
    let radii = [100, 1_000, 10_000, 100_000].map { ConfidenceSequence.radius(UInt64($0), alpha: 0.05) }
    #expect(radii == radii.sorted(by: >))
    // By hand: √(½ · 10500 / 10⁸ · ln(√21 / 0.05)).
    #expect((radii[2] - 0.015407).magnitude < 1e-5)
  }

  @Test func countsDifferentThings() {
    for count in [0, 10, 1_000, 50_000] {
      var counter = DistinctCounter()
      for number in 0..<count {
        for _ in 0..<2 { counter.insert(StableHash.mix(UInt64(number) &+ 1)) }
      }
      // Five standard errors.
      #expect((Double(counter.estimate) - Double(count)).magnitude <= 0.08 * Double(count) + 0.5)
    }
    var (left, right) = (DistinctCounter(), DistinctCounter())
    for number in 0..<1_000 { left.insert(StableHash.mix(UInt64(number))) }
    for number in 500..<1_500 { right.insert(StableHash.mix(UInt64(number))) }
    left.merge(right)
    #expect((Double(left.estimate) - 1_500).magnitude <= 120)
  }
}
