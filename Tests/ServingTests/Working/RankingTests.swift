import Serving
import Testing

@Suite struct RankingTests {
  /// Against sorting, for every capacity, with many equal scores.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func keepsWhatSortingWouldPutFirst(seed: UInt64) {
    var random = RandomNumbers(seed: seed)
    let ranking = Ranking()
    for capacity in 0..<40 {
      let entries = (0..<random.below(60)).map { number in
        Ranking.Entry(
          score: Double(random.below(6)), tie: UInt64(random.below(3)), number: UInt32(number))
      }
      ranking.begin(capacity)
      for entry in entries { ranking.insert(entry) }
      ranking.sort()
      let sorted = entries.sorted { ($1.score, $0.tie, $0.number) < ($0.score, $1.tie, $1.number) }
      #expect(ranking.entries == Array(sorted.prefix(capacity)), "seed \(seed), capacity \(capacity)")
    }
  }

  @Test func refusesWhatIsNoNumber() {
    let ranking = Ranking()
    ranking.begin(3)
    ranking.insert(Ranking.Entry(score: .nan, tie: 0, number: 1))
    ranking.insert(Ranking.Entry(score: -.infinity, tie: 0, number: 2))
    ranking.sort()
    #expect(ranking.entries.map(\.number) == [2])
  }

  @Test func takesNothingAfterSorting() {
    let ranking = Ranking()
    ranking.begin(2)
    ranking.insert(Ranking.Entry(score: 1, tie: 0, number: 1))
    ranking.sort()
    ranking.insert(Ranking.Entry(score: 2, tie: 0, number: 2))
    #expect(ranking.entries.map(\.number) == [1])
  }
}
