import Foundation
import Testing
import Training

@Suite struct RankMetricsTests {
  private func ranks(_ scores: [Float], right: [UInt32], out: Set<Int> = []) -> [Int] {
    scores.withUnsafeBufferPointer { scores in
      RankMetrics(scores: scores, right: right) { !out.contains($0) && !right.contains(UInt32($0)) }.ranks
    }
  }

  @Test func ranksByScoreWithTiesAgainstTheModel() {
    #expect(ranks([0.1, 0.9, 0.5, 0.7], right: [2]) == [3])
    #expect(ranks([0.1, 0.9, 0.5, 0.7], right: [0, 1]) == [1, 4])
    // A constant scorer puts every right item behind every wrong one.
    #expect(ranks([1, 1, 1, 1, 1], right: [0, 3]) == [4, 5])
    // Items left out do not compete.
    #expect(ranks([0.9, 0.8, 0.7, 0.6], right: [3], out: [0, 1]) == [2])
    // What is not a number counts against the model, on either side.
    #expect(ranks([.nan, 0.5, 0.4], right: [1]) == [2])
    #expect(ranks([0.1, .nan, 0.4], right: [1]) == [3])
    #expect(ranks([1, 2], right: []) == [])
  }

  @Test func handWorkedValues() {
    // Right items at ranks 2, 3 and 11 of a list of which ten are shown.
    let metrics = RankMetrics(ranks: [2, 3, 11])
    #expect(metrics.hitRate(10) == 1)
    #expect(metrics.hitRate(1) == 0)
    #expect(abs(metrics.recall(10) - 2.0 / 3) < 1e-12)
    #expect(abs(metrics.precision(10) - 0.2) < 1e-12)
    #expect(metrics.reciprocalRank(10) == 0.5)
    #expect(metrics.reciprocalRank(1) == 0)
    // 1/log2(3) + 1/log2(4) = 1.1309298; ideal 1 + 1/log2(3) + 1/2 = 2.1309298.
    #expect(abs(metrics.ndcg(10) - 1.1309298 / 2.1309298) < 1e-6)
    // With k = 2 the ideal holds two: 0.6309298 / 1.6309298.
    #expect(abs(metrics.ndcg(2) - 0.6309298 / 1.6309298) < 1e-6)
    // (1/2 + 2/3) / 3.
    #expect(abs(metrics.averagePrecision(10) - (0.5 + 2.0 / 3) / 3) < 1e-12)
    let perfect = RankMetrics(ranks: [1, 2])
    #expect(perfect.ndcg(10) == 1)
    #expect(perfect.averagePrecision(10) == 1)
    #expect(perfect.recall(1) == 0.5)
    #expect(perfect.ndcg(1) == 1)
  }

  @Test(arguments: [51, 52, 53, 54, 55] as [UInt64]) func agreesWithSorting(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    let count = 60
    let scores = (0..<count).map { _ in Float(Int.random(in: 0..<15, using: &chance)) }
    let right = Array((0..<UInt32(count)).shuffled(using: &chance).prefix(5))
    let out = Set((0..<count).filter { !right.contains(UInt32($0)) }.shuffled(using: &chance).prefix(20))
    let list = (0..<count).filter { !out.contains($0) }.sorted { a, b in
      if scores[a] != scores[b] { return scores[a] > scores[b] }
      return !right.contains(UInt32(a)) && right.contains(UInt32(b))
    }
    let expected = list.indices.filter { right.contains(UInt32(list[$0])) }.map { $0 + 1 }
    #expect(ranks(scores, right: right, out: out) == expected, "seed \(seed)")
  }
}
