import Testing
import Training
import Vocabulary

@Suite struct NextBasketQuestionTests {
  private static let day: Int64 = 86_400

  /// Ten events; the newest three tenths begin at day 20.
  private func data() throws -> Interactions {
    try Sample.interactions([
      Row(user: "u", item: "a", seconds: 0), Row(user: "u", item: "b", seconds: 0),
      Row(user: "u", item: "a", seconds: 10 * Self.day), Row(user: "v", item: "c", seconds: Self.day),
      Row(user: "v", item: "c", seconds: 2 * Self.day), Row(user: "v", item: "d", seconds: 3 * Self.day),
      Row(user: "v", item: "e", seconds: 4 * Self.day),
      Row(user: "u", item: "a", seconds: 20 * Self.day),
      Row(user: "u", item: "e", seconds: 20 * Self.day + 60),
      Row(user: "u", item: "b", seconds: 21 * Self.day),
    ])
  }

  @Test func asksForTheFirstBasketAfterTheBoundary() throws {
    let data = try data()
    let split = try #require(TemporalSplit(data, share: 0.3, seenRule: .excluded, seed: 1))
    let set = split.nextBaskets(data, seed: 1)
    #expect(set.count == 1 && set.seenRule == .allowed)
    let right = set.relevant.map { data.items[Int($0)].text }
    #expect(Set(right) == ["a", "e"], "b came a day later; a comes back and is right")
  }

  /// a twice, ten days newer than b: 2 and 2^(−10/30).
  @Test func repeatsRankByDecayedCount() throws {
    let data = try data()
    let split = try #require(TemporalSplit(data, share: 0.3, seenRule: .excluded, seed: 1))
    let set = split.nextBaskets(data, seed: 1)
    let scores = Pairs.scores(RepeatRanker(split.train), set)[0]
    let named = Dictionary(uniqueKeysWithValues: data.items.enumerated().map { ($1.text, scores[$0]) })
    #expect(named["a"] == 2 && named["c"] == 0)
    #expect(Double(try #require(named["b"])).isNear(0.793700526, 1e-5))
  }
}
