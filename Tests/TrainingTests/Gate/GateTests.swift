import Models
import Testing
import Training
import Vocabulary

/// The rule alone: numbers in, verdict out.
@Suite struct GateTests {
  private let gate = Gate(mode: .on, margin: 0.1)

  /// Opponents' values of 0.5 everywhere, ours ahead by `ahead` and off it by `spread`, alternating: the mean of the
  /// differences is `ahead`, and their standard deviation `spread` · √(n / (n − 1)).
  private func pair(_ count: Int, ahead: Double, spread: Double) -> (ours: [Double], theirs: [Double]) {
    (
      (0..<count).map { 0.5 + ahead + ($0 % 2 == 0 ? spread : -spread) },
      [Double](repeating: 0.5, count: count)
    )
  }

  private func compared(
    _ count: Int = 100, ahead: Double, spread: Double = 0, against name: String = "popularity"
  )
    -> Manifest.Gate.Comparison
  {
    let (ours, theirs) = pair(count, ahead: ahead, spread: spread)
    return gate.compare(ours, with: theirs, against: name, note: "")
  }

  @Test func aPairedDifferenceHasItsMeanAndStandardError() {
    // Differences 1, 3, 2: mean 2, variance 1, error √(1/3).
    let difference = PairedDifference([2, 4, 5], [1, 1, 3])
    #expect(difference.mean == 2)
    #expect(abs(difference.standardError - (1.0 / 3).squareRoot()) < 1e-12)
    #expect(PairedDifference([2], [1]).standardError == 0)
    #expect(PairedDifference([], []).mean == 0)
  }

  @Test func winningHoldingAndLosing() {
    // The margin is a tenth of 0.5.
    #expect(compared(ahead: 0.2).holds)
    #expect(compared(ahead: 0).holds)
    #expect(compared(ahead: -0.049).holds)
    #expect(!compared(ahead: -0.051).holds)
    // With spread 0.3 over 100 the standard error is 0.3 / √99 = 0.03015: chance explains that much more.
    #expect(compared(ahead: -0.079, spread: 0.3).holds)
    #expect(!compared(ahead: -0.081, spread: 0.3).holds)
    let one = compared(ahead: -0.08, spread: 0.3)
    #expect(abs(one.value - 0.42) < 1e-9 && one.other == 0.5 && abs(one.difference + 0.08) < 1e-9)
    #expect(abs(one.standardError - 0.3 / 99.0.squareRoot()) < 1e-9)
    #expect(one.questions == 100)
  }

  @Test func tooFewQuestionsDecideNothingAndSaySo() {
    let few = compared(Limits.gateQuestionsMin - 1, ahead: -0.4)
    #expect(few.questions == 0 && !few.decides)
    #expect(few.note.contains("49 users") && few.note.contains("50 are needed"))
    let verdict = gate.verdict(served: "fusion", popularity: few, baselines: [], serving: few)
    #expect(verdict.passed && !verdict.isRefused)
    #expect(verdict.reason.contains("Nothing could be compared"))
    #expect(compared(Limits.gateQuestionsMin, ahead: -0.4).decides)
  }

  @Test func withoutAGenerationPopularityDecidesAlone() {
    let lost = compared(ahead: -0.3, against: "item-knn")
    let first = gate.verdict(
      served: "fusion", popularity: compared(ahead: 0.1), baselines: [lost], serving: nil)
    #expect(first.passed)
    #expect(first.comparisons.map(\.decides) == [true, false])
    #expect(first.comparisons[1].holds == false, "shown, though it does not decide")
    let refused = gate.verdict(
      served: "fusion", popularity: compared(ahead: -0.3), baselines: [], serving: nil)
    #expect(!refused.passed && refused.isRefused)
    #expect(refused.reason.contains("loses") && refused.reason.contains("popularity"))
  }

  @Test func againstAGenerationEveryoneDecidesUnlessTheNewOneIsAhead() {
    let (good, bad) = (compared(ahead: 0.1), compared(ahead: -0.3))
    func verdict(_ serving: Manifest.Gate.Comparison, popularity: Manifest.Gate.Comparison) -> Manifest.Gate {
      gate.verdict(served: "blend", popularity: popularity, baselines: [good], serving: serving)
    }
    #expect(verdict(compared(ahead: 0, against: "generation 3"), popularity: good).passed)
    #expect(!verdict(compared(ahead: 0, against: "generation 3"), popularity: bad).passed)
    #expect(!verdict(compared(ahead: -0.3, against: "generation 3"), popularity: good).passed)
    let wins = verdict(compared(ahead: 0.2, against: "generation 3"), popularity: bad)
    #expect(wins.passed, "refusing it would keep a worse one")
    #expect(wins.comparisons.map(\.decides) == [false, false, true])
    // Ahead by less than one standard error is no win.
    #expect(!verdict(compared(ahead: 0.02, spread: 0.3, against: "generation 3"), popularity: bad).passed)
  }

  @Test func onlyTheModeOnRefuses() {
    let lost = compared(ahead: -0.3)
    for mode in GateMode.allCases {
      let verdict = Gate(mode: mode, margin: 0.1).verdict(
        served: "fusion", popularity: lost, baselines: [], serving: nil)
      #expect(!verdict.passed)
      #expect(verdict.isRefused == (mode == .on), "\(mode)")
    }
  }

  /// What is exactly as good is refused by chance less than one time in six, and what is clearly worse nearly always.
  @Test(arguments: [UInt64(11), 12, 13])
  func chanceDecidesSeldom(_ seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    func share(behind: Double) -> Double {
      let refused = (0..<400).count { _ in
        let theirs = (0..<200).map { _ in Double.random(in: 0...0.4, using: &chance) }
        let ours = (0..<200).map { _ in Double.random(in: 0...0.4, using: &chance) - behind }
        return !Gate(mode: .on, margin: 0.02).compare(ours, with: theirs, against: "x", note: "").holds
      }
      return Double(refused) / 400
    }
    // The standard error is √(2 · 0.4²/12 / 200) = 0.0115; the margin 0.004.
    #expect(share(behind: 0) < 0.16, "seed \(seed)")
    #expect(share(behind: 0.05) > 0.95, "seed \(seed)")
  }
}
