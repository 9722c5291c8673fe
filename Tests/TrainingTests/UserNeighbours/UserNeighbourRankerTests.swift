import Foundation
import Testing
import Training

@Suite struct UserNeighbourRankerTests {
  private func reference(_ pairs: PairMatrix, _ settings: UserNeighbourRanker.Settings, known: Bool)
    -> [[Double]]
  {
    let rows = Pairs.dense(pairs)
    let n = pairs.columnCount
    let degree = (0..<n).map { item in rows.reduce(0) { $0 + $1[item] } }
    let weight = degree.map { $0 > 0 ? pow($0, -settings.itemExponent) : 0 }
    let norms = rows.map { row in
      (zip(row, weight).reduce(settings.shrinkage) { $0 + $1.0 * $1.0 * $1.1 }).squareRoot()
    }
    return rows.indices.map { asking in
      var likeness: [(user: Int, value: Double)] = []
      for other in rows.indices where !(known && other == asking) && norms[asking] > 0 && norms[other] > 0 {
        let shared = (0..<n).filter { rows[asking][$0] > 0 && rows[other][$0] > 0 }
        if shared.isEmpty { continue }
        let dot = shared.reduce(0.0) { $0 + rows[asking][$1] * rows[other][$1] * weight[$1] }
        likeness.append((other, dot / (norms[asking] * norms[other])))
      }
      likeness.sort { ($1.value, $0.user) < ($0.value, $1.user) }
      let nearest = likeness.prefix(settings.neighbours)
      let total = nearest.reduce(0.0) { $0 + pow($1.value, settings.similarityExponent) }
      return (0..<n).map { item in
        let sum = nearest.reduce(0.0) {
          $0 + pow($1.value, settings.similarityExponent) * rows[$1.user][item]
        }
        return total > 0 && degree[item] > 0 ? sum / total * pow(degree[item], -settings.targetExponent) : 0
      }
    }
  }

  @Test(arguments: [21, 22, 23, 24] as [UInt64]) func matchesTheDefinition(seed: UInt64) {
    // Real-valued confidences, so that no two users are equally near.
    let pairs = Pairs.random(seed: seed, users: 45, items: 25, weighted: true)
    var settings = UserNeighbourRanker.Settings()
    settings.neighbours = 6
    for (item, similarity, target, known) in [(0.5, 1.0, 0.0, true), (0, 2, 0.3, true), (1, 0, 0, false)] {
      (settings.itemExponent, settings.similarityExponent) = (item, similarity)
      (settings.targetExponent, settings.shrinkage) = (target, seed % 2 == 0 ? 1 : 0)
      let expected = reference(pairs, settings, known: known)
      let scores = Pairs.scores(
        UserNeighbourRanker(pairs, settings: settings), Pairs.queries(pairs, known: known))
      for user in scores.indices {
        for item in 0..<25 {
          #expect(
            Double(scores[user][item]).isNear(expected[user][item], 1e-4),
            "seed \(seed), user \(user), item \(item)")
        }
      }
    }
  }

  @Test func countsMemory() {
    #expect(UserNeighbourRanker.bytes(pairs: 100, users: 10, items: 5, threads: 2) >= 800 + 2 * 9 * 10)
  }
}
