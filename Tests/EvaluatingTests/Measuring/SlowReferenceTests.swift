import Evaluating
import Glibc
import Testing
import Training

/// All metrics once more, written from the definitions with sorting and sets and sharing nothing with the code under test,
/// on random small cases full of ties.
@Suite struct SlowReferenceTests {
  /// A case: users, each with what they have, what is right, and a score for every item.
  private struct Case {
    var train: [[Int]] = []
    var test: [[Int]] = []
    var scores: [[Float]] = []
    let items = 31
  }

  /// What rules a case is measured by.
  struct Rules: CustomStringConvertible, Sendable {
    var seed: UInt64
    var seen = SeenRule.excluded
    var ideal = IdealRule.list
    var k = 7
    var description: String { "seed \(seed), \(seen), \(ideal), k \(k)" }
  }

  private func randomCase(_ seed: UInt64) -> Case {
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var random = Case()
    for _ in 0..<23 {
      var order = Array(0..<random.items)
      for place in order.indices { order.swapAt(place, next(random.items)) }
      let own = 1 + next(8)
      random.train.append(Array(order[..<own]))
      random.test.append(Array(order[own..<(own + 1 + next(9))]))
    }
    // One user with everything, so that every item is known and numbered as named.
    random.train.insert(Array(0..<random.items), at: 0)
    random.test.insert([], at: 0)
    // Few distinct scores: ties everywhere; a few that are no number.
    random.scores = random.train.map { _ in
      (0..<random.items).map { _ in next(40) == 0 ? .nan : Float(next(12)) }
    }
    return random
  }

  @Test(
    arguments: [UInt64(3), 14, 159, 2653].map { Rules(seed: $0) } + [
      Rules(seed: 58, seen: .allowed), Rules(seed: 97, ideal: .all), Rules(seed: 93, k: 1),
      Rules(seed: 23, k: 100), Rules(seed: 84, seen: .allowed, ideal: .all, k: 20),
    ])
  func agrees(_ rules: Rules) throws {
    let given = randomCase(rules.seed)
    func text(_ lists: [[Int]]) -> String {
      lists.enumerated().map { "u\($0) " + $1.map { "i\($0)" }.joined(separator: " ") }
        .joined(separator: "\n")
    }
    let values = try MeasurerTests.measure(
      train: text(given.train), test: text(given.test), scores: given.scores, k: [rules.k], seen: rules.seen,
      ideal: rules.ideal)
    for (name, wanted) in reference(given, rules) {
      let found = try #require(values["\(name)@\(rules.k)"], "\(name), \(rules)")
      #expect(abs(found - wanted) < 1e-9, "\(name): \(found), by definition \(wanted); \(rules)")
    }
  }

  private func reference(_ given: Case, _ rules: Rules) -> [String: Double] {
    let (items, k, users) = (given.items, rules.k, given.train.count - 1)
    var sums: [String: Double] = [:]
    var recommended = [Double](repeating: 0, count: items)
    let holders = (0..<items).map { item in Set(given.train.indices.filter { given.train[$0].contains(item) })
    }
    let tail = Set(
      (0..<items).sorted { (holders[$0].count, -$0) < (holders[$1].count, -$1) }.prefix(items / 10))
    for user in 1...users {
      let right = Set(given.test[user])
      let isCandidate = { (item: Int) in rules.seen == .allowed || !given.train[user].contains(item) }
      // No number: the worst for a right item, the best for a wrong one.
      let score = { (item: Int) -> Double in
        let value = given.scores[user][item]
        return value.isNaN ? (right.contains(item) ? -.infinity : .infinity) : Double(value)
      }
      let order = (0..<items).filter(isCandidate).sorted {
        let (a, b) = (score($0), score($1))
        // Among equals wrong ones first.
        return a != b ? a > b : (right.contains($0) ? 1 : 0) < (right.contains($1) ? 1 : 0)
      }
      // A right item without a number is nowhere.
      let list = order.prefix(k).filter { score($0) > -.infinity }
      let hits = Double(list.filter { right.contains($0) }.count)
      var (dcg, idcg, precisions, found, first) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for (place, item) in list.enumerated() where right.contains(item) {
        dcg += log(2) / log(Double(place) + 2)
        found += 1
        precisions += found / Double(place + 1)
        if first == 0 { first = 1 / Double(place + 1) }
      }
      for place in 0..<right.count where rules.ideal == .all || place < k {
        idcg += log(2) / log(Double(place) + 2)
      }
      let (recall, precision) = (hits / Double(right.count), hits / Double(k))
      sums["HR", default: 0] += hits > 0 ? 1 : 0
      sums["Recall", default: 0] += recall
      sums["Precision", default: 0] += precision
      sums["F1", default: 0] += recall + precision > 0 ? 2 * recall * precision / (recall + precision) : 0
      sums["NDCG", default: 0] += dcg / idcg
      sums["MRR", default: 0] += first
      sums["MAP", default: 0] += precisions / Double(min(k, right.count))
      // The list shown breaks ties by number; what has no number is on top if wrong, absent if right.
      let shown = (0..<items).filter { isCandidate($0) && score($0) > -.infinity }
        .sorted { score($0) != score($1) ? score($0) > score($1) : $0 < $1 }.prefix(k)
      let length = Double(shown.count)
      var cosines: [Double] = []
      for a in shown {
        recommended[a] += 1
        sums["Novelty", default: 0] -= log2(Double(holders[a].count) / Double(users + 1)) / length
        sums["AveragePopularity", default: 0] += Double(holders[a].count) / length
        sums["TailShare", default: 0] += tail.contains(a) ? 1 / length : 0
        for b in shown where a < b {
          let both = Double(holders[a].intersection(holders[b]).count)
          cosines.append(both / (Double(holders[a].count) * Double(holders[b].count)).squareRoot())
        }
      }
      sums["ILS", default: 0] += cosines.isEmpty ? 0 : cosines.reduce(0, +) / Double(cosines.count)
    }
    var wanted = sums.mapValues { $0 / Double(users) }
    wanted["Coverage"] = Double(recommended.filter { $0 > 0 }.count) / Double(items)
    // Gini as the mean difference over twice the mean.
    var differences = 0.0
    for a in recommended { for b in recommended { differences += abs(a - b) } }
    let total = recommended.reduce(0, +)
    wanted["Gini"] = differences / (2 * Double(items) * total)
    wanted["Entropy"] =
      -recommended.filter { $0 > 0 }.map { $0 / total * log($0 / total) }.reduce(0, +) / log(Double(items))
    return wanted
  }
}
