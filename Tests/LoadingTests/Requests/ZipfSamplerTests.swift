import Glibc
import Loading
import Testing

struct ZipfSamplerTests {
  /// Counts of ranks against their probabilities by chi-squared, with 99 degrees of freedom: above 149 once in a
  /// thousand.
  @Test(arguments: [0, 0.5, 0.99, 1, 1.2, 2] as [Double])
  func ranksComeAsOftenAsZipfSays(exponent: Double) {
    let (ranks, draws, seed) = (100, 200_000, UInt64(42))
    let sampler = ZipfSampler(count: ranks, exponent: exponent)
    var numbers = SplitMix(seed: seed)
    var counts = [Double](repeating: 0, count: ranks)
    for _ in 0..<draws {
      let rank = sampler.draw(&numbers)
      guard (1...ranks).contains(rank) else {
        Issue.record("rank \(rank)")
        return
      }
      counts[rank - 1] += 1
    }
    let weights = (1...ranks).map { pow(Double($0), -exponent) }
    let sum = weights.reduce(0, +)
    var chiSquared = 0.0
    for (count, weight) in zip(counts, weights) {
      let expected = Double(draws) * weight / sum
      chiSquared += (count - expected) * (count - expected) / expected
    }
    #expect(chiSquared < 149, "exponent \(exponent), seed \(seed)")
  }

  @Test func oneRankAndVeryManyRanksAreFine() {
    var numbers = SplitMix(seed: 5)
    let alone = ZipfSampler(count: 1, exponent: 1)
    #expect((0..<100).allSatisfy { _ in alone.draw(&numbers) == 1 })
    let many = ZipfSampler(count: 1_000_000_000, exponent: 1)
    let drawn = (0..<10_000).map { _ in many.draw(&numbers) }
    #expect(drawn.allSatisfy { (1...1_000_000_000).contains($0) })
    // The harmonic number of 10^9 is 21.3: the first rank has 4.7 %, the ranks above a million a third.
    #expect((350...600).contains(drawn.count { $0 == 1 }))
    #expect((2_900...3_600).contains(drawn.count { $0 > 1_000_000 }))
  }
}
