import Foundation
import Testing
import Training

@Suite struct SessionRankerTests {
  private func random(seed: UInt64, sessions: Int, items: Int) -> [[UInt32]] {
    var chance = SeededGenerator(seed: seed)
    return (0..<sessions).map { _ in
      (0..<Int.random(in: 1...7, using: &chance)).map { _ in
        UInt32.random(in: 0..<UInt32(items), using: &chance)
      }
    }
  }

  private func reference(
    _ sessions: [[UInt32]], _ query: [UInt32], _ s: SessionNeighbourRanker.Settings, _ n: Int
  )
    -> [Double]
  {
    let rarity = (0..<n).map { item in
      let count = sessions.joined().filter { $0 == UInt32(item) }.count
      return count == 0
        ? 0 : pow(max(1e-3, log(1 + Double(sessions.count) / Double(count))), s.rarityExponent)
    }
    var weights: [(item: UInt32, weight: Double)] = []
    for (distance, item) in query.reversed().enumerated() where !weights.contains(where: { $0.item == item })
    {
      if weights.count == s.recentItems { break }
      weights.append((item, rarity[Int(item)] * exp(-Double(distance) / s.prefixFade)))
    }
    var alike: [(session: Int, value: Double, anchor: Int)] = []
    for (number, session) in sessions.enumerated() {
      let shared = weights.filter { session.contains($0.item) }
      guard let newest = shared.first, let anchor = session.lastIndex(of: newest.item) else { continue }
      let sum = shared.reduce(0) { $0 + $1.weight }
      alike.append((number, sum * pow(Double(session.count), -s.lengthExponent), anchor))
    }
    alike.sort { ($1.value, $0.session) < ($0.value, $1.session) }
    var scores = [Double](repeating: 0, count: n)
    for one in alike.prefix(s.neighbours) {
      for (place, item) in sessions[one.session].enumerated() where place != one.anchor {
        scores[Int(item)] +=
          one.value * exp(-Double(abs(place - one.anchor) - 1) / s.gapFade)
          * (place > one.anchor ? 1 : s.backwardWeight)
      }
    }
    return scores
  }

  @Test(arguments: [41, 42, 43] as [UInt64]) func matchesTheDefinition(seed: UInt64) {
    let sessions = random(seed: seed, sessions: 120, items: 25)
    let queries = random(seed: seed + 100, sessions: 30, items: 25) + [[]]
    var settings = SessionNeighbourRanker.Settings()
    // All that are alike: among equally alike sessions the choice could hang on the last bit.
    (settings.neighbours, settings.recentItems) = (200, 3)
    settings.rarityExponent = 0.8
    let ranker = SessionNeighbourRanker(SequenceStore(sessions, itemCount: 26), settings: settings)
    let scores = Pairs.scores(ranker, Pairs.histories(queries, itemCount: 26))
    for (query, found) in zip(queries, scores) {
      let expected = reference(sessions, query, settings, 26)
      for item in 0..<26 {
        #expect(Double(found[item]).isNear(expected[item], 1e-4), "seed \(seed), \(query), item \(item)")
      }
    }
  }

  @Test func looksAtTheNewestSessionsOnly() {
    var settings = SessionNeighbourRanker.Settings()
    settings.sessionsPerItem = 1
    let ranker = SessionNeighbourRanker(SequenceStore([[0, 1], [0, 2]], itemCount: 3), settings: settings)
    let scores = Pairs.scores(ranker, Pairs.histories([[0]], itemCount: 3))
    #expect(scores[0][1] == 0)
    #expect(scores[0][2] > 0)
  }

  @Test func keepsTheMostAlike() {
    var settings = SessionNeighbourRanker.Settings()
    settings.neighbours = 1
    let ranker = SessionNeighbourRanker(
      SequenceStore([[0, 1, 3], [0, 2], [4, 4], [4, 4], [4, 4]], itemCount: 5), settings: settings)
    let scores = Pairs.scores(ranker, Pairs.histories([[0, 1]], itemCount: 5))
    #expect(scores[0][3] > 0)
    #expect(scores[0][2] == 0)
  }

  @Test func recentItemsFade() {
    let scores = Pairs.scores(
      RecentItemsRanker(itemCount: 3, fade: 0.5), Pairs.histories([[0, 1, 0], []], itemCount: 3))
    #expect(scores == [[1.25, 0.5, 0], [0, 0, 0]])
  }
}
