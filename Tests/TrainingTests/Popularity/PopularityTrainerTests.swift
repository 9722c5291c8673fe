import Foundation
import Testing
import Training
import Vocabulary

@Suite struct PopularityTrainerTests {
  @Test func decaysByHalfLifeInsideTheWindow() throws {
    let day: Int64 = 86_400
    let data = try Sample.interactions([
      Row(user: "a", item: "x", seconds: 0), Row(user: "a", item: "y", seconds: 7 * day),
      Row(user: "b", item: "y", seconds: 10 * day),
      Row(user: "b", item: "z", seconds: 3 * day, type: .dislike),
      Row(user: "b", item: "w", seconds: 10 * day, type: .purchase),
    ])
    let scores = PopularityTrainer(windowDays: 7, halfLifeDays: 3).scores(data, pool: ThreadPool(threads: 1))
    #expect(data.items.map(\.text) == ["x", "y", "z", "w"])
    #expect(scores == [0, 1.5, 0, 10])
    let ranking = PopularityTrainer.ranking(scores)
    #expect(ranking.rows == [3, 1])
    #expect(ranking.scores == [10, 1.5])
  }

  @Test(arguments: [11, 12, 13] as [UInt64]) func matchesPlainSums(seed: UInt64) throws {
    let rows = Sample.random(seed: seed)
    let now = rows.map(\.seconds).max() ?? 0
    let data = try Sample.interactions(rows, shards: 5)
    let scores = PopularityTrainer(windowDays: 4, halfLifeDays: 1.5).scores(
      data, pool: ThreadPool(threads: 3))
    for (index, item) in data.items.enumerated() {
      var expected = 0.0
      for row in rows where row.item == item.text && EventWeights.standard[row.type] > 0 {
        let age = Double(now - row.seconds) / 86_400
        if age <= 4 { expected += Double(EventWeights.standard[row.type]) * exp2(-age / 1.5) }
      }
      #expect(abs(Double(scores[index]) - expected) < 1e-4, "seed \(seed), item \(item.text)")
    }
  }
}
