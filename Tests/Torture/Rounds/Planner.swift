import FaultPoints
import Loading

/// What comes next. The rounds follow from the seed and from what the machine allows.
package struct Planner: Sendable {
  /// What the machine allows.
  package struct Means: Sendable {
    /// The data lies on a disk whose size can be changed.
    package var hasDisk = false
    /// The library that slows fsync down and turns the clock is there.
    package var hasShim = false

    package init() {}
  }

  private var numbers: SplitMix
  /// Points not yet drawn in this turn: each comes once before any comes again.
  private var deck: [FaultPoint] = []
  private var following: Round?

  package init(seed: UInt64) { numbers = SplitMix(seed: seed, stream: 0x50_1a_0e) }

  /// The next round.
  package mutating func next(_ means: Means) -> Round {
    if let round = following {
      following = nil
      return round
    }
    var round = Round(.moment(Int.random(in: 20...1_200, using: &numbers)))
    switch Int.random(in: 0..<100, using: &numbers) {
    case ..<50: return trouble(at(drawPoint(means)), means)
    case ..<62: round.death = .starting(Int.random(in: 0...60, using: &numbers))
    case ..<68: round.death = .stopping(Int.random(in: 0...60, using: &numbers))
    default: break
    }
    round.activity =
      [.none, .snapshots, .trainings, .promotions, .deadLetters].randomElement(using: &numbers) ?? .none
    return trouble(round, means)
  }

  private mutating func drawPoint(_ means: Means) -> FaultPoint {
    while true {
      if deck.isEmpty { deck = FaultPoint.allCases.shuffled(using: &numbers) }
      let point = deck.removeLast()
      if point.habit.activity != .pruning || means.hasShim { return point }
    }
  }

  private mutating func at(_ point: FaultPoint) -> Round {
    var round = Round(.point(point, reach: Int.random(in: 1...point.habit.reachMax, using: &numbers)))
    round.activity = point.habit.activity
    switch point {
    case .recoveryTailKept, .recoveryTailCut:
      // There is a tail only after a record was torn.
      following = round
      round = Round(.point(.logTorn, reach: Int.random(in: 1...50, using: &numbers)))
    case .stateSetAside, .stateRebuilt: round.trouble = .stateLost
    default: break
    }
    return round
  }

  private mutating func trouble(_ planned: Round, _ means: Means) -> Round {
    var round = planned
    guard round.trouble == .none, round.activity != .pruning else { return round }
    switch Int.random(in: 0..<100, using: &numbers) {
    case ..<15 where means.hasShim: round.trouble = .slowSync(Int.random(in: 1_000...40_000, using: &numbers))
    case 15..<25 where means.hasDisk:
      round.trouble = .full(leftBytes: Int.random(in: 0...200_000, using: &numbers))
    case 25..<32 where means.hasDisk: round.trouble = .low
    case 32..<38: round.trouble = .fileLimit(Int.random(in: 0...200_000, using: &numbers))
    case 38..<42: round.trouble = .stateLost
    default: break
    }
    return round
  }
}
