import Glibc
import Models
import Testing
import Training
import Vocabulary

/// Probabilities from log odds: what was put in comes out, and what does not hold is seen.
@Suite struct CalibratorTests {
  /// Candidates whose chance of being right is 1 / (1 + e^−(0.7 x − 3)), or squared where `isBent`.
  func sample(_ count: Int, seed: UInt64, isBent: Bool = false) -> Calibrator.Sample {
    var sample = Calibrator.Sample()
    var state = seed
    func unit() -> Double {
      state &+= 0x9e37_79b9_7f4a_7c15
      return Double(StableHash.mix(state) >> 11) * 0x1p-53
    }
    for _ in 0..<count {
      let odds = 6 * unit() - 4
      var chance = 1 / (1 + exp(-(0.7 * odds - 3)))
      if isBent { chance = odds > 0 ? 0.02 : 0.12 }
      sample.logOdds.append(Float(odds))
      sample.isRight.append(unit() < chance)
    }
    sample.users = count / 100
    return sample
  }

  @Test func findsWhatTheLogOddsMean() throws {
    let (slope, intercept) = try #require(Calibrator.fit(sample(200_000, seed: 1)))
    #expect(abs(slope - 0.7) < 0.03 && abs(intercept + 3) < 0.05, "seed 1: \(slope), \(intercept)")
    let calibration = try #require(
      Calibrator.calibration(fitted: sample(60_000, seed: 2), checked: sample(60_000, seed: 3)))
    #expect(calibration.holds && calibration.bins.count == 10)
    #expect(calibration.bins.map(\.candidates) == [UInt64](repeating: 6_000, count: 10))
    #expect(calibration.error < 0.005 && calibration.errorBefore > 0.1, "\(calibration)")
    #expect(zip(calibration.bins, calibration.bins.dropFirst()).allSatisfy { $0.predicted < $1.predicted })
    let expected = 1 / (1 + exp(-(calibration.slope * 1.5 + calibration.intercept)))
    #expect(abs(Double(calibration.probability(1.5)) - expected) < 1e-6)
    #expect(calibration.probability(.infinity) == 0 && calibration.probability(1e30) <= 1)
  }

  /// Log odds that order the wrong way, or by a law of another shape, give no probability.
  @Test func whatDoesNotHoldIsSeen() throws {
    #expect(Calibrator.fit(sample(50_000, seed: 4, isBent: true)) == nil)
    let other = Calibrator.calibration(
      fitted: sample(60_000, seed: 5), checked: sample(60_000, seed: 6, isBent: true))
    #expect(try #require(other).holds == false)
    #expect(
      Calibrator.calibration(fitted: sample(1_000, seed: 7), checked: sample(60_000, seed: 8)) == nil,
      "too few are right")
    var nothing = sample(1_000, seed: 9)
    for place in nothing.isRight.indices { nothing.isRight[place] = false }
    #expect(Calibrator.fit(nothing) == nil && Calibrator.fit(Calibrator.Sample()) == nil)
  }
}
