import Foundation
import Testing
import Training

@Suite struct LinearBlendTests {
  /// Scores that depend on the query and the item and nothing else.
  private struct NoisyRanker: Ranker {
    let itemCount: Int
    let seed: UInt64
    /// Added to the score of the item that is right: the one equal to the history's only item plus one.
    let signal: Float
    let unit: Float
    func makeScratch() {}
    func score(_ queries: [Query], into scores: UnsafeMutablePointer<Float>, scratch: Void) {
      for (index, query) in queries.enumerated() {
        var numbers = SeededNumbers(seed: seed, stream: UInt64(query.history[0]))
        for item in 0..<itemCount {
          let isRight = item == (Int(query.history[0]) + 1) % itemCount
          scores[index * itemCount + item] = unit * (Float(numbers.normal()) + (isRight ? signal : 0))
        }
      }
    }
  }

  private func questions(_ items: Int) -> EvaluationSet {
    Pairs.histories(
      (0..<items).map { [UInt32($0)] }, itemCount: items,
      right: (0..<items).map { [UInt32(($0 + 1) % items)] })
  }

  @Test(arguments: ScoreScale.allCases) func scalesByDefinition(scale: ScoreScale) {
    let raw: [Float] = [4, 9, 1, -1, 0, 2]
    // Item 1 is taken: it does not shape the scale.
    let set = EvaluationSet(
      users: [nil], histories: [[1]], pairs: [[(item: 1, confidence: 1)]], relevant: [[0]], itemCount: 6,
      seenRule: .excluded)
    let blend = LinearBlend(
      [.init(name: "one", ranker: FixedRanker(scores: raw), weight: 2)], scale: scale, seenRule: .excluded)
    let found = Pairs.scores(blend, set)[0]
    let rest = raw.enumerated().filter { $0.offset != 1 }.map { Double($0.element) }
    let mean = rest.reduce(0, +) / 5
    let deviation = (rest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5).squareRoot()
    for item in [0, 2, 3, 4, 5] {
      let wanted: Double
      switch scale {
      case .deviation: wanted = 2 * (Double(raw[item]) - mean) / deviation
      case .maximum: wanted = 2 * Double(raw[item]) / 4
      case .reciprocalRank:
        let above = rest.filter { $0 > Double(raw[item]) }.count
        wanted = item == 3 ? 0 : 2 * 60 / Double(61 + above)
      }
      #expect(Double(found[item]).isNear(wanted, 1e-5), "\(scale), item \(item)")
    }
  }

  @Test func constantModelsAddNothing() {
    let set = questions(8)
    let flat = LinearBlend.Part(name: "flat", ranker: FixedRanker(scores: [Float](repeating: 3, count: 8)))
    let useful = LinearBlend.Part(
      name: "useful", ranker: NoisyRanker(itemCount: 8, seed: 1, signal: 2, unit: 1))
    for scale in [ScoreScale.deviation, .reciprocalRank] {
      let both = Pairs.scores(LinearBlend([flat, useful], scale: scale, seenRule: .allowed), set)
      let one = Pairs.scores(LinearBlend([useful], scale: scale, seenRule: .allowed), set)
      #expect(both == one)
    }
  }

  @Test(arguments: ScoreScale.allCases) func findsThatTwoSignalsBeatOne(scale: ScoreScale) {
    let items = 150
    let set = questions(items)
    let pool = ThreadPool(threads: 2)
    let parts = [
      LinearBlend.Part(name: "a", ranker: NoisyRanker(itemCount: items, seed: 71, signal: 3, unit: 1)),
      LinearBlend.Part(name: "b", ranker: NoisyRanker(itemCount: items, seed: 72, signal: 3, unit: 1000)),
      LinearBlend.Part(name: "noise", ranker: NoisyRanker(itemCount: items, seed: 73, signal: 0, unit: 50)),
    ]
    let outcome = BlendTuner().tune(parts, scale: scale, on: set, pool: pool)
    let weights = outcome.blend.parts.map(\.weight)
    #expect(abs(weights.reduce(0, +) - 1) < 1e-9)
    #expect(weights[2] < 0.2, "\(weights)")
    #expect(outcome.value >= (outcome.alone.max() ?? 0) + 0.05, "\(outcome.value) of \(outcome.alone)")
    // What the tuner saw on candidates is what the evaluator measures on everything.
    let measured = Evaluator(set, lengths: [10], pool: pool).measure(outcome.blend).means["NDCG@10"] ?? 0
    #expect(abs(measured - outcome.value) < 0.01, "\(measured) and \(outcome.value)")
    let again = BlendTuner().tune(parts, scale: scale, on: set, pool: ThreadPool(threads: 1))
    #expect(again.blend.parts.map(\.weight) == weights)
  }

  /// One part is right and the other eleven are noise: with few queries search finds weights for noise as well, and what
  /// is chosen must not be worse than the good part alone.
  @Test(arguments: [UInt64(5), 91, 370]) func isNotMisledByFewQueries(seed: UInt64) {
    let (items, pool) = (60, ThreadPool(threads: 2))
    func parts() -> [LinearBlend.Part] {
      (0..<12).map { place in
        LinearBlend.Part(
          name: "\(place)",
          ranker: NoisyRanker(
            itemCount: items, seed: seed + UInt64(place), signal: place == 3 ? 4 : 0, unit: 1))
      }
    }
    func asked(_ range: Range<Int>) -> EvaluationSet {
      Pairs.histories(
        range.map { [UInt32($0)] }, itemCount: items, right: range.map { [UInt32(($0 + 1) % items)] })
    }
    let outcome = BlendTuner().tune(parts(), scales: ScoreScale.allCases, on: asked(0..<8), pool: pool)
    let rest = Evaluator(asked(8..<items), lengths: [10], pool: pool)
    let chosen = rest.measure(outcome.blend).means["NDCG@10"] ?? 0
    let alone = rest.measure(parts()[3].ranker).means["NDCG@10"] ?? 1
    #expect(chosen > alone - 0.1, "\(outcome.choice), \(chosen) against \(alone), seed \(seed)")
  }

  /// Where the wrong candidates are given, nothing else counts: item 0 beats all but is no candidate.
  @Test func givenCandidatesAreTheOnlyOnes() {
    let set = Pairs.histories(
      (0..<6).map { _ in [1] }, itemCount: 5, right: (0..<6).map { _ in [2] })
    let good = LinearBlend.Part(name: "good", ranker: FixedRanker(scores: [9, 0, 5, 4, 1]))
    let bad = LinearBlend.Part(name: "bad", ranker: FixedRanker(scores: [0, 0, 1, 2, 3]))
    let outcome = BlendTuner().tune(
      [good, bad], scales: [.maximum], on: set, given: (0..<6).map { _ in [3, 4, 3] },
      pool: ThreadPool(threads: 1))
    #expect(outcome.alone[0] == 1)
    // Behind three wrong candidates, one of which stands there twice: 1 / log₂ 5.
    #expect(abs(outcome.alone[1] - 1 / log2(5)) < 1e-9, "\(outcome.alone)")
    #expect(outcome.value == 1)
  }

  @Test func withoutQueriesWeightsAreEqual() {
    let part = LinearBlend.Part(name: "a", ranker: FixedRanker(scores: [1, 2]))
    let empty = EvaluationSet(
      users: [], histories: [], pairs: [], relevant: [], itemCount: 2, seenRule: .allowed)
    let outcome = BlendTuner().tune([part, part], scale: .maximum, on: empty, pool: ThreadPool(threads: 1))
    #expect(outcome.blend.parts.map(\.weight) == [0.5, 0.5])
  }

  @Test func boxesKeepTheScores() {
    let pairs = Pairs.random(seed: 74, users: 20, items: 10)
    let ranker = UserNeighbourRanker(pairs, settings: UserNeighbourRanker.Settings())
    let set = Pairs.queries(pairs)
    #expect(Pairs.scores(RankerBox(ranker), set) == Pairs.scores(ranker, set))
  }
}
