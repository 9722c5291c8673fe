import Estimating
import Testing

/// What must hold however often anybody looks, by simulation of experiments without and with a difference.
@Suite struct SequentialTests {
  static let seed: UInt64 = 20_210_513

  /// Looks after every 100 people in each arm. Returns how the test and a test made for one look ended.
  private func experiment(_ rates: (Double, Double), people: Int, random: inout RandomBits)
    -> (found: Bool, naive: Bool, covered: Bool)
  {
    var comparison = SequentialComparison(alpha: 0.05, expectedDifference: 0.2 * rates.0)
    var ones: (UInt64, UInt64) = (0, 0)
    var (naive, covered) = (false, true)
    for person in 1...people {
      if random.unit() < rates.0 { ones.0 += 1 }
      if random.unit() < rates.1 { ones.1 += 1 }
      guard person % 100 == 0 else { continue }
      let first = Moments(ones: ones.0, of: UInt64(person))
      let second = Moments(ones: ones.1, of: UInt64(person))
      comparison.look(first, second)
      let error = (first.variance / Double(person) + second.variance / Double(person)).squareRoot()
      if comparison.difference != nil, abs(second.mean - first.mean) > 1.96 * error { naive = true }
      if let interval = comparison.interval, !interval.contains(rates.1 - rates.0) { covered = false }
    }
    return (comparison.isDecided, naive, covered)
  }

  /// 1,000 experiments without a difference, each looked at 150 times: at most 5 in 100 may find one, and chance
  /// adds at most three standard errors of that share. A test for one look finds one in far more.
  @Test(arguments: [0.03, 0.3]) func peekingFindsNothingWhereNothingIs(rate: Double) {
    var random = RandomBits(seed: Self.seed)
    var (found, naive, missed) = (0, 0, 0)
    for _ in 0..<1_000 {
      let result = experiment((rate, rate), people: 15_000, random: &random)
      found += result.found ? 1 : 0
      naive += result.naive ? 1 : 0
      missed += result.covered ? 0 : 1
    }
    let most = 50 + 3 * Int((1_000 * 0.05 * 0.95).squareRoot())
    #expect(found <= most, "seed \(Self.seed): \(found) of 1,000 found a difference")
    #expect(missed <= most, "seed \(Self.seed): \(missed) of 1,000 intervals missed")
    #expect(naive > 2 * most, "otherwise this test would not show what peeking does: \(naive)")
  }

  /// A click rate of 0.06 instead of 0.05 is found in nearly all experiments of 40,000 people an arm.
  @Test func aDifferenceIsFound() {
    var random = RandomBits(seed: Self.seed)
    var (found, missed) = (0, 0)
    for _ in 0..<200 {
      let result = experiment((0.05, 0.06), people: 40_000, random: &random)
      found += result.found ? 1 : 0
      missed += result.covered ? 0 : 1
    }
    #expect(found >= 190, "seed \(Self.seed): \(found) of 200")
    #expect(missed <= 10 + 3 * 3, "seed \(Self.seed): \(missed) of 200 intervals missed")
  }

  /// Λ by hand: s² = 0.01, τ = 0.2, D = 0.3.
  @Test func theMixtureByHand() {
    // √(0.01 / 0.05) · e^(0.09 · 0.04 / (2 · 0.01 · 0.05)) = 0.4472… · e^3.6 = 16.367…
    let pValue = SequentialComparison.pValue(0.3, variance: 0.01, prior: 0.2)
    #expect(abs(pValue - 1 / 16.3673) < 1e-5)
    #expect(SequentialComparison.pValue(0, variance: 0.01, prior: 0.2) == 1)
    // At the end of the interval the p-value is alpha.
    let half = SequentialComparison.halfWidth(variance: 0.01, prior: 0.2, alpha: 0.05)
    #expect(abs(SequentialComparison.pValue(half, variance: 0.01, prior: 0.2) - 0.05) < 1e-12)
  }

  @Test func nothingIsSaidOfTooLittle() {
    var comparison = SequentialComparison(expectedDifference: 0.1)
    comparison.look(Moments(ones: 150, of: 199), Moments(ones: 20, of: 199))
    comparison.look(Moments(ones: 19, of: 10_000), Moments(ones: 500, of: 10_000))
    #expect(comparison.pValue == 1 && comparison.interval == nil && !comparison.isDecided)
    comparison.look(Moments(ones: 100, of: 1_000), Moments(ones: 300, of: 1_000))
    let found = comparison
    #expect(found.isDecided && found.interval?.contains(0.2) == true)
    // What comes later takes nothing back.
    comparison.look(Moments(ones: 400, of: 2_000), Moments(ones: 400, of: 2_000))
    #expect(comparison.isDecided && comparison.pValue == found.pValue)
  }

  /// 500 sequences of each kind, looked at after every observation: at most 5 in 100 may ever miss the mean.
  @Test(arguments: [0.02, 0.5, 0.9]) func boundedSequencesHoldAtAllTimes(rate: Double) {
    var random = RandomBits(seed: Self.seed)
    var (missed, width) = (0, 0.0)
    for _ in 0..<500 {
      var sequence = BoundedSequence(alpha: 0.05, range: Interval(low: 0, high: 1))
      var held = true
      for _ in 0..<4_000 {
        sequence.add(random.unit() < rate ? 1 : 0)
        if !sequence.interval.contains(rate) { held = false }
      }
      missed += held ? 0 : 1
      width += sequence.interval.high - sequence.interval.low
    }
    #expect(missed <= 25 + 3 * 5, "seed \(Self.seed): \(missed) of 500 missed")
    // At most three times what an interval for one look would be.
    let single = 2 * 1.96 * (rate * (1 - rate) / 4_000).squareRoot()
    #expect(width / 500 < 3 * single, "\(width / 500) against \(single)")
  }

  /// Contrasts have the difference of the arms as their mean, and no bounded sequence of them misses it more than it may.
  @Test func contrastsCompareArms() {
    var random = RandomBits(seed: Self.seed)
    let (share, rates) = (0.3, (0.2, 0.35))
    var (missed, decided) = (0, 0)
    for _ in 0..<300 {
      var sequence = BoundedSequence(range: BoundedSequence.contrasts(share: share))
      var held = true
      for _ in 0..<6_000 {
        let isSecond = random.unit() < share
        let outcome = random.unit() < (isSecond ? rates.1 : rates.0) ? 1.0 : 0
        sequence.add(BoundedSequence.contrast(outcome, isSecond: isSecond, share: share))
        if !sequence.interval.contains(rates.1 - rates.0) { held = false }
      }
      missed += held ? 0 : 1
      decided += sequence.interval.low > 0 ? 1 : 0
    }
    #expect(missed <= 15 + 3 * 4, "seed \(Self.seed): \(missed) of 300 missed")
    #expect(decided >= 285, "seed \(Self.seed): \(decided) of 300 found")
  }

  /// Moments against sums, in parts and whole.
  @Test func momentsAreThoseOfAllParts() {
    var random = RandomBits(seed: Self.seed)
    var (whole, left, right) = (Moments(), Moments(), Moments())
    var (sum, squares) = (0.0, 0.0)
    for number in 0..<1_000 {
      let value = 100 + random.unit()
      whole.add(value)
      if number < 300 { left.add(value) } else { right.add(value) }
      sum += value
      squares += value * value
    }
    left.add(right)
    let other = Moments(count: 1_000, sum: sum, sumOfSquares: squares)
    let variance = (squares - sum * sum / 1_000) / 999
    for moments in [whole, left, other] {
      #expect(abs(moments.mean - sum / 1_000) < 1e-9 && abs(moments.variance - variance) < 1e-6)
    }
    #expect(abs(Moments(ones: 3, of: 10).variance - 0.7 * 0.3 * 10 / 9) < 1e-12)
    #expect(abs(NormalDistribution.width(confidence: 0.95) - 1.959963984540054) < 1e-9)
  }
}
