import Foundation
import Testing
import Training

@Suite struct ItemFilterTrainerTests {
  /// P(i, j) from its definition, over dense rows.
  private func reference(_ pairs: PairMatrix, _ trainer: ItemFilterTrainer) -> [[Double]] {
    let rows = Pairs.dense(pairs)
    let items = 0..<pairs.columnCount
    let degree = items.map { item in rows.reduce(0) { $0 + $1[item] } }
    return items.map { i in
      items.map { j in
        if i == j || degree[i] == 0 || degree[j] == 0 { return 0 }
        let sum = rows.reduce(0.0) { total, row in
          let user = row.reduce(0, +)
          let count = row.filter { $0 > 0 }.count
          if user == 0 || count > trainer.pairsMax { return total }
          return total + row[i] * row[j] / pow(user, trainer.userExponent)
        }
        return sum * pow(degree[i] + trainer.shrinkage, -trainer.sourceExponent)
          * pow(degree[j] + trainer.shrinkage, -trainer.targetExponent)
      }
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func matchesTheDefinition(seed: UInt64) {
    let pairs = Pairs.random(seed: seed, users: 50, items: 30, weighted: true)
    var trainer = ItemFilterTrainer(neighbours: 8)
    (trainer.sourceExponent, trainer.userExponent, trainer.targetExponent) = (0.6, 0.5, 0.4)
    trainer.shrinkage = 2
    trainer.pairsMax = 7
    let expected = reference(pairs, trainer)
    #expect(
      Pairs.dense(pairs).contains { $0.filter { $0 > 0 }.count > 7 }, "seed \(seed): nobody is left out")
    for threads in [1, 3] {
      let table = trainer.train(pairs, pool: ThreadPool(threads: threads))
      for item in 0..<pairs.columnCount {
        let best = expected[item].filter { $0 > 0 }.sorted(by: >).prefix(8)
        let places = table.neighbours(of: item)
        #expect(places.count == best.count, "seed \(seed), item \(item)")
        for (place, wanted) in zip(places, best) {
          #expect(Double(table.scores[place]).isNear(wanted, 1e-5), "seed \(seed), item \(item)")
          let other = Int(table.rows[place])
          #expect(expected[item][other].isNear(wanted, 1e-5), "seed \(seed), \(item) → \(other)")
        }
      }
    }
  }

  @Test func ranksByTheSumOverTheHistory() {
    let pairs = Pairs.random(seed: 4, users: 40, items: 20)
    let trainer = ItemFilterTrainer(neighbours: 20)
    let filter = LinearFilter(neighbours: trainer.train(pairs, pool: ThreadPool(threads: 2)), spectral: nil)
    let expected = reference(pairs, trainer)
    let rows = Pairs.dense(pairs)
    let scores = Pairs.scores(LinearFilterRanker(filter, weight: .confidence), Pairs.queries(pairs))
    for user in rows.indices {
      for item in 0..<20 {
        let wanted = (0..<20).reduce(0.0) { $0 + rows[user][$1] * expected[$1][item] }
        #expect(Double(scores[user][item]).isNear(wanted, 1e-5), "user \(user), item \(item)")
      }
    }
  }

  @Test func recencyWeightsTheNewestDistinctItems() {
    let table = NeighbourTable(rowStart: [0, 1, 2, 3, 3], rows: [3, 3, 3], scores: [1, 10, 100])
    let ranker = LinearFilterRanker(
      LinearFilter(neighbours: table, spectral: nil), weight: .recent(items: 2, decay: 0.5))
    let scores = Pairs.scores(ranker, Pairs.histories([[0, 1, 2, 1, 1], [2], []], itemCount: 4))
    // 1 is newest, then 2; 0 is the third and left out.
    #expect(scores.map { $0[3] } == [10 + 0.5 * 100, 100, 0])
  }

  @Test func needsNoMoreThanItStates() {
    let bytes = ItemFilterTrainer.bytes(pairs: 1000, users: 10, items: 100, neighbours: 50, threads: 2)
    #expect(bytes >= 8 * 1000 + 2 * 8 * 50 * 100)
  }
}
