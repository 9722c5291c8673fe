import Foundation
import Testing
import Training

@Suite struct NextBasketTests {
  private func random(seed: UInt64, users: Int, items: Int) -> [[[UInt32]]] {
    var chance = SeededGenerator(seed: seed)
    return (0..<users).map { user in
      (0..<(user % 6 == 5 ? 0 : Int.random(in: 1...8, using: &chance))).map { _ in
        (0..<Int.random(in: 0...4, using: &chance)).map { _ in
          UInt32.random(in: 0..<UInt32(items), using: &chance)
        }
      }
    }
  }

  /// The vector from its definition: groups cut from the newest, mean within, mean over, both faded.
  private func vector(_ baskets: [[UInt32]], _ fading: BasketFading, _ n: Int) -> [Double] {
    var rest = baskets.filter { !$0.isEmpty }
    var groups: [[Double]] = []
    while !rest.isEmpty {
      let group = Array(rest.suffix(fading.groupSize))
      rest.removeLast(group.count)
      var mean = [Double](repeating: 0, count: n)
      for (place, basket) in group.enumerated() {
        for item in Set(basket) {
          mean[Int(item)] += pow(fading.basketDecay, Double(group.count - 1 - place)) / Double(group.count)
        }
      }
      groups.append(mean)
    }
    return (0..<n).map { item in
      groups.enumerated().reduce(0.0) {
        $0 + pow(fading.groupDecay, Double($1.offset)) * $1.element[item] / Double(max(1, groups.count))
      }
    }
  }

  @Test(arguments: [51, 52, 53] as [UInt64]) func matchesTheDefinition(seed: UInt64) {
    let n = 15
    let users = random(seed: seed, users: 40, items: n)
    var settings = NextBasketRanker.Settings()
    settings.fading.groupSize = 3
    (settings.ownShare, settings.popularityWeight, settings.popularityBaskets) = (0.6, 0.05, 2)
    // All neighbours: the choice among equally near ones is no part of the definition.
    (settings.neighbours.neighbours, settings.neighbours.itemExponent) = (100, 0)
    let histories = BasketHistories(users, itemCount: n)
    let vectors = users.map { vector($0, settings.fading, n) }
    let norms = vectors.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let newest = users.flatMap { $0.filter { !$0.isEmpty }.suffix(2) }
    let popularity = (0..<n).map { item in
      Double(newest.filter { $0.contains(UInt32(item)) }.count) / Double(newest.count)
    }
    let ranker = NextBasketRanker(histories, settings: settings, pool: ThreadPool(threads: 3))
    let set = EvaluationSet(
      users: users.indices.map { $0 }, histories: users.map { Array($0.joined()) },
      pairs: users.map { _ in [] },
      relevant: users.map { _ in [0] }, itemCount: n, seenRule: .allowed)
    let scores = Pairs.scores(ranker, set)
    for user in users.indices {
      var (mean, total) = ([Double](repeating: 0, count: n), 0.0)
      for other in users.indices where other != user && norms[user] > 0 && norms[other] > 0 {
        let likeness =
          zip(vectors[user], vectors[other]).reduce(0) { $0 + $1.0 * $1.1 } / (norms[user] * norms[other])
        total += likeness
        for item in 0..<n { mean[item] += likeness * vectors[other][item] }
      }
      for item in 0..<n {
        let wanted =
          0.6 * vectors[user][item] + (total > 0 ? 0.4 * mean[item] / total : 0) + 0.05 * popularity[item]
        #expect(
          Double(scores[user][item]).isNear(wanted, 1e-5), "seed \(seed), user \(user), item \(item)")
      }
    }
  }

  @Test func ownFrequencyAloneIsTheBaseline() {
    var settings = NextBasketRanker.Settings()
    (settings.ownShare, settings.popularityWeight) = (1, 0.001)
    (settings.fading.basketDecay, settings.fading.groupDecay) = (1, 1)
    let histories = BasketHistories([[[0, 1], [0]], [[2], [2], [1]]], itemCount: 4)
    let ranker = NextBasketRanker(histories, settings: settings, pool: ThreadPool(threads: 1))
    let scores = Pairs.scores(
      ranker,
      EvaluationSet(
        users: [0, nil], histories: [[], [1, 1, 3]], pairs: [[], []], relevant: [[0], [1]], itemCount: 4,
        seenRule: .allowed))
    // Own first, then by popularity: 2 was bought more often than 3.
    #expect(scores[0][0] > scores[0][1] && scores[0][1] > scores[0][2] && scores[0][2] > scores[0][3])
    // Somebody new: every event of the history is a basket.
    #expect(scores[1][1] > scores[1][3] && scores[1][3] > scores[1][2])
  }

  @Test func cutsEventsIntoBaskets() throws {
    let data = try Sample.interactions([
      Row(user: "a", item: "x", seconds: 0), Row(user: "a", item: "y", seconds: 0),
      Row(user: "a", item: "x", seconds: 0), Row(user: "a", item: "z", seconds: 50, session: 3),
      Row(user: "a", item: "y", seconds: 60, session: 3), Row(user: "a", item: "z", seconds: 61),
      Row(user: "a", item: "y", seconds: 62, type: .dislike),
    ])
    let histories = BasketHistories(data)
    let found = histories.baskets(of: 0).map { basket in
      histories.places(of: basket).map { data.items[Int(histories.items[$0])].text }
    }
    #expect(found == [["x", "y"], ["y", "z"], ["z"]])
  }
}
