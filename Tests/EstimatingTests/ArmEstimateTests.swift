import Estimating
import Testing

/// What each arm of an experiment would have earned for every list.
@Suite struct ArmEstimateTests {
  /// An experiment whose arms click at known rates, which differ by circumstances.
  private struct Simulation {
    static let (arms, groups) = (3, 3)
    var rates: [[Double]] = []
    var shares: [Double]
    var circumstances: [Double]
    var random: RandomBits

    init(seed: UInt64) {
      random = RandomBits(seed: seed)
      var random = random
      rates = (0..<Self.arms).map { _ in (0..<Self.groups).map { _ in 0.15 + 0.5 * random.unit() } }
      shares = OffPolicyTests.Simulation.shares((0..<Self.arms).map { _ in 0.5 + random.unit() })
      circumstances = OffPolicyTests.Simulation.shares((0..<Self.groups).map { _ in 0.2 + random.unit() })
      self.random = random
    }

    func truth(_ arm: Int) -> Double {
      (0..<Self.groups).reduce(0) { $0 + circumstances[$1] * rates[arm][$1] }
    }

    private mutating func draw(_ shares: [Double]) -> Int {
      var (place, left) = (0, random.unit())
      while place < shares.count - 1, left >= shares[place] {
        left -= shares[place]
        place += 1
      }
      return place
    }

    mutating func log(_ count: Int) -> [ArmObservation] {
      (0..<count).map { _ in
        let (arm, group) = (draw(shares), draw(circumstances))
        return ArmObservation(
          arm: arm, propensity: shares[arm], group: group, reward: random.unit() < rates[arm][group] ? 1 : 0)
      }
    }
  }

  /// 100 experiments of 60,000 lists: every arm within 3 % of the truth in at least 95, by either method; 95 % intervals
  /// hold it in at least 88.
  @Test func armsAreWithinThreePerCent() {
    var near: [OffPolicyMethod: Int] = [:]
    var covered: [OffPolicyMethod: [Int]] = [:]
    for seed in 1...100 as ClosedRange<UInt64> {
      var simulation = Simulation(seed: seed)
      let reports = ArmEstimates.reports(
        simulation.log(60_000), arms: Simulation.arms, groups: Simulation.groups, OffPolicyEstimator())
      for method in [OffPolicyMethod.snips, .doublyRobust] {
        var isNear = true
        for (arm, report) in reports.enumerated() {
          guard let estimate = report[method] else {
            Issue.record("seed \(seed): no \(method.rawValue)")
            continue
          }
          let truth = simulation.truth(arm)
          if abs(estimate.value / truth - 1) > 0.03 { isNear = false }
          covered[method, default: [0, 0, 0]][arm] += estimate.interval.contains(truth) ? 1 : 0
        }
        near[method, default: 0] += isNear ? 1 : 0
      }
    }
    for method in [OffPolicyMethod.snips, .doublyRobust] {
      #expect((near[method] ?? 0) >= 95, "\(method.rawValue): \(near)")
      for arm in 0..<3 { #expect((covered[method]?[arm] ?? 0) >= 88, "\(method.rawValue): \(covered)") }
    }
  }

  /// Where one arm happened to get the better circumstances, the model of rewards puts that right; over many small
  /// experiments the doubly robust estimates lie nearer to the truth.
  @Test func theModelTakesAwayNoise() {
    var (plain, robust) = (0.0, 0.0)
    for seed in 1...200 as ClosedRange<UInt64> {
      var simulation = Simulation(seed: seed)
      simulation.rates = [[0.02, 0.5, 0.95], [0.02, 0.5, 0.95], [0.05, 0.4, 0.9]]
      let reports = ArmEstimates.reports(
        simulation.log(900), arms: 3, groups: 3, OffPolicyEstimator())
      for (arm, report) in reports.enumerated() {
        guard let one = report[.snips], let other = report[.doublyRobust] else { continue }
        plain += (one.value - simulation.truth(arm)) * (one.value - simulation.truth(arm))
        robust += (other.value - simulation.truth(arm)) * (other.value - simulation.truth(arm))
      }
    }
    #expect(robust < 0.75 * plain, "\(robust) against \(plain)")
  }

  /// With one propensity for all lists of an arm, self-normalised is its plain rate, and counts as many lists.
  @Test func equalWeightsGiveTheRate() throws {
    var lists: [ArmObservation] = []
    for number in 0..<400 {
      lists.append(
        ArmObservation(
          arm: number % 2, propensity: 0.5, group: 0, reward: number % 2 == 1 && number % 8 == 1 ? 1 : 0))
    }
    let reports = ArmEstimates.reports(lists, arms: 2, groups: 1, OffPolicyEstimator())
    let estimate = try #require(reports[1][.snips])
    #expect(abs(estimate.value - 0.25) < 1e-12 && abs(reports[1].support.effective - 200) < 1e-9)
    #expect(reports[0][.snips]?.value == 0)
  }

  /// Σ w r / Σ w and the delta method, by hand: weights 2, 2 and 4, a success with 4.
  @Test func weightsByHand() throws {
    var estimator = OffPolicyEstimator()
    estimator.effectiveMin = 1
    let report = estimator.report(
      [(0.5, 0.0), (0.5, 0), (0.25, 1)].map { LoggedChoice(reward: $0.1, propensity: $0.0, target: 1) })
    let estimate = try #require(report[.snips])
    #expect(estimate.value == 0.5)
    #expect(abs(report.support.effective - 64.0 / 24) < 1e-12)
    // √(Σ w² (r − ½)²) / Σ w = √(24 · ¼) / 8
    #expect(abs(estimate.standardError - 6.0.squareRoot() / 8) < 1e-12)
  }

  @Test func tooLittleIsRefused() {
    let few = (0..<150).map { ArmObservation(arm: $0 % 2, propensity: 0.5, group: 0, reward: 1) }
    let reports = ArmEstimates.reports(few, arms: 3, groups: 1, OffPolicyEstimator())
    #expect(reports.map(\.refusal) == [.effectiveSampleTooSmall, .effectiveSampleTooSmall, .noSupport])
    #expect(reports.allSatisfy { $0.estimates.isEmpty })
    let none = ArmEstimates.reports([], arms: 1, groups: 1, OffPolicyEstimator())
    #expect(none.map(\.refusal) == [.noSupport])
  }
}
