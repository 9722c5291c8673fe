import Estimating
import Testing

/// Estimates on logs whose truth is known, and by hand.
@Suite struct OffPolicyTests {
  /// A world of groups and actions with known rates, a policy that logs and one in question.
  struct Simulation {
    static let (groups, actions) = (4, 8)
    var rates: [[Double]] = []
    var logging: [[Double]] = []
    var target: [[Double]] = []
    var random: RandomBits

    init(seed: UInt64, rate: ClosedRange<Double> = 0.02...0.3) {
      random = RandomBits(seed: seed)
      let span = rate.upperBound - rate.lowerBound
      for _ in 0..<Self.groups {
        rates.append((0..<Self.actions).map { _ in rate.lowerBound + span * random.unit() })
        logging.append(Self.shares((0..<Self.actions).map { _ in 0.3 + random.unit() }))
        target.append(Self.shares((0..<Self.actions).map { _ in 0.02 + random.unit() * random.unit() }))
      }
    }

    static func shares(_ weights: [Double]) -> [Double] {
      let sum = weights.reduce(0, +)
      return weights.map { $0 / sum }
    }

    /// Groups come equally often.
    var truth: Double {
      var value = 0.0
      for group in 0..<Self.groups {
        for action in 0..<Self.actions { value += target[group][action] * rates[group][action] }
      }
      return value / Double(Self.groups)
    }

    mutating func log(_ count: Int) -> [LoggedChoice] {
      var (actions, groups, rewards): ([Int], [Int], [Double]) = ([], [], [])
      for _ in 0..<count {
        let group = random.below(Self.groups)
        var (action, left) = (0, random.unit())
        while action < Self.actions - 1, left >= logging[group][action] {
          left -= logging[group][action]
          action += 1
        }
        actions.append(action)
        groups.append(group)
        rewards.append(random.unit() < rates[group][action] ? 1 : 0)
      }
      let model = RewardModel(
        action: actions, group: groups, reward: rewards, actions: Self.actions, groups: Self.groups)
      return (0..<count).map { choice in
        let (action, group) = (actions[choice], groups[choice])
        var expected = 0.0
        for other in 0..<Self.actions {
          expected += target[group][other] * model.expected(of: other, in: group, forChoice: choice)
        }
        return LoggedChoice(
          reward: rewards[choice], propensity: logging[group][action], target: target[group][action],
          modelled: model.expected(of: action, in: group, forChoice: choice), modelledTarget: expected)
      }
    }
  }

  /// 100 worlds: within 3 % of the truth in at least 95 of them, by each method; and intervals of 95 % hold the truth
  /// in at least 88 of 100, which chance alone undercuts once in 500.
  @Test func estimatesAreWithinThreePerCent() {
    var (near, covered): ([OffPolicyMethod: Int], [OffPolicyMethod: Int]) = ([:], [:])
    for seed in 1...100 as ClosedRange<UInt64> {
      var simulation = Simulation(seed: seed)
      let report = OffPolicyEstimator().report(simulation.log(120_000))
      #expect(report.support.isPlausible, "seed \(seed): \(report.support)")
      for method in OffPolicyMethod.allCases {
        guard let estimate = report[method] else {
          Issue.record("seed \(seed): no \(method.rawValue)")
          continue
        }
        near[method, default: 0] += abs(estimate.value / simulation.truth - 1) <= 0.03 ? 1 : 0
        covered[method, default: 0] += estimate.interval.contains(simulation.truth) ? 1 : 0
      }
    }
    for method in OffPolicyMethod.allCases {
      #expect((near[method] ?? 0) >= 95, "seeds 1 to 100: \(method.rawValue) \(near[method] ?? 0) within 3 %")
      #expect((covered[method] ?? 0) >= 88, "seeds 1 to 100: \(method.rawValue) \(covered[method] ?? 0)")
    }
  }

  /// Where rewards are common, what a weight multiplies matters: doubly robust multiplies only what its model did not
  /// foresee, and has less than half of the squared error. Bootstrap agrees with the formulas.
  @Test func doublyRobustIsSteadierAndBootstrapAgrees() throws {
    var (plain, robust) = (0.0, 0.0)
    for seed in 1...60 as ClosedRange<UInt64> {
      var simulation = Simulation(seed: 7, rate: 0.6...0.95)
      simulation.random = RandomBits(seed: seed)
      let report = OffPolicyEstimator().report(simulation.log(4_000))
      let (ips, dr) = (try #require(report[.ips]), try #require(report[.doublyRobust]))
      plain += (ips.value - simulation.truth) * (ips.value - simulation.truth)
      robust += (dr.value - simulation.truth) * (dr.value - simulation.truth)
    }
    #expect(robust < plain / 2, "seeds 1 to 60: \(robust) against \(plain)")

    var simulation = Simulation(seed: 3)
    let choices = simulation.log(4_000)
    var estimator = OffPolicyEstimator()
    let normal = estimator.report(choices)
    estimator.intervals = .bootstrap
    let resampled = estimator.report(choices)
    #expect(resampled == estimator.report(choices), "the same seed, the same intervals")
    for method in OffPolicyMethod.allCases {
      let (one, other) = (try #require(normal[method]), try #require(resampled[method]))
      let width = one.interval.high - one.interval.low
      #expect(abs(one.interval.low - other.interval.low) < 0.15 * width)
      #expect(abs(one.interval.high - other.interval.high) < 0.15 * width)
    }
  }

  /// Four choices by hand: weights 2, 0.5, 1, 0.5; rewards 1, 0, 1, 1.
  @Test func byHand() throws {
    let choices = [
      LoggedChoice(reward: 1, propensity: 0.25, target: 0.5, modelled: 0.5, modelledTarget: 0.4),
      LoggedChoice(reward: 0, propensity: 0.5, target: 0.25, modelled: 0.2, modelledTarget: 0.4),
      LoggedChoice(reward: 1, propensity: 0.5, target: 0.5, modelled: 0.6, modelledTarget: 0.3),
      LoggedChoice(reward: 1, propensity: 0.5, target: 0.25, modelled: 1, modelledTarget: 0.5),
    ]
    var estimator = OffPolicyEstimator()
    #expect(estimator.report(choices).refusal == .effectiveSampleTooSmall)
    estimator.effectiveMin = 2
    let report = estimator.report(choices)
    #expect(report.support.effective == 16 / 5.5 && report.support.meanWeight == 1)
    #expect(report.support.largestWeight == 2 && report.support.clipped == 0)
    #expect(abs(try #require(report[.ips]).value - 3.5 / 4) < 1e-12)
    #expect(abs(try #require(report[.snips]).value - 3.5 / 4) < 1e-12)
    // 0.4 + 2 · 0.5, 0.4 + 0.5 · −0.2, 0.3 + 0.4, 0.5 + 0
    #expect(abs(try #require(report[.doublyRobust]).value - (1.4 + 0.3 + 0.7 + 0.5) / 4) < 1e-12)
    estimator.weightMax = 1
    let clipped = estimator.report(choices)
    #expect(clipped.support.clipped == 1 && clipped.support.meanWeight == 0.75)
    #expect(abs(try #require(clipped[.snips]).value - 2.5 / 3) < 1e-12)
  }

  @Test func refusesWithAReason() {
    let estimator = OffPolicyEstimator()
    func report(_ propensity: Double, _ target: Double) -> OffPolicyReport {
      estimator.report(
        [LoggedChoice](
          repeating: LoggedChoice(reward: 1, propensity: propensity, target: target), count: 500))
    }
    #expect(report(0.5, 0.5).refusal == nil)
    #expect(report(0, 0.5).refusal == .badPropensity)
    #expect(report(1.5, 0.5).refusal == .badPropensity)
    #expect(report(.nan, 0.5).refusal == .badPropensity)
    #expect(report(.leastNonzeroMagnitude, 1).refusal == .badPropensity)
    #expect(report(0.5, 0).refusal == .noSupport)
    #expect(estimator.report([]).refusal == .noSupport)
    #expect(OffPolicyRefusal.effectiveSampleTooSmall.rawValue == "effective_sample_too_small")
    // One huge weight among 500: as good as one choice.
    var choices = [LoggedChoice](
      repeating: LoggedChoice(reward: 1, propensity: 0.5, target: 0.001), count: 499)
    choices.append(LoggedChoice(reward: 1, propensity: 0.001, target: 1))
    #expect(estimator.report(choices).refusal == .effectiveSampleTooSmall)
  }
}
