import Foundation
import Testing
import Training
import Vocabulary

/// Tables against references that are written the slow and obvious way, over dictionaries.
@Suite struct NeighbourTrainerTests {
  private struct Pair: Hashable {
    var from: String
    var to: String
  }

  /// Positive events of each user in time order, repeats in a row taken once.
  private func sequences(_ rows: [Row]) -> [[Row]] {
    Dictionary(grouping: rows.enumerated().filter { EventWeights.standard[$0.element.type] > 0 }) {
      $0.element.user
    }.values.map { events in
      events.sorted { ($0.element.seconds, $0.offset) < ($1.element.seconds, $1.offset) }.map(\.element)
        .reduce(into: [Row]()) { if $0.last?.item != $1.item { $0.append($1) } }
    }
  }

  private func check(
    _ table: NeighbourTable, _ data: Interactions, against expected: [Pair: Double], width: Int,
    _ note: String
  ) {
    for row in 0..<data.itemCount {
      let name = data.items[row].text
      let wanted = expected.filter { $0.key.from == name && $0.value > 0 }.values.sorted(by: >)
      let place = table.neighbours(of: row)
      #expect(place.count == min(width, wanted.count), "\(note), item \(name)")
      for (rank, index) in place.enumerated() {
        let other = data.items[Int(table.rows[index])].text
        let score = Double(table.scores[index])
        #expect(
          abs(score - (expected[Pair(from: name, to: other)] ?? -1)) < 1e-5, "\(note), \(name) → \(other)")
        #expect(abs(score - wanted[rank]) < 1e-5, "\(note), rank \(rank) of \(name)")
      }
    }
  }

  @Test(arguments: [21, 22, 23, 24] as [UInt64]) func transitionsMatchTheReference(seed: UInt64) throws {
    let rows = Sample.random(seed: seed)
    let data = try Sample.interactions(rows, shards: 3)
    let now = rows.filter { EventWeights.standard[$0.type] != 0 }.map(\.seconds).max() ?? 0
    for (ties, halfLife, backward) in [(true, nil, 0.5), (false, 3.0, 0.5), (false, nil, 0)] {
      var trainer = TransitionTrainer(window: 4, neighbours: 6)
      trainer.tiesAreOrdered = ties
      trainer.halfLifeDays = halfLife
      trainer.backwardWeight = backward
      var raw: [Pair: Double] = [:]
      for events in sequences(rows) {
        var steps = Array(events.indices)
        if !ties {
          let moments = Array(Set(events.map(\.seconds))).sorted()
          steps = events.map { moments.firstIndex(of: $0.seconds) ?? 0 }
        }
        for a in events.indices {
          for b in events.indices where b > a && events[a].item != events[b].item {
            let gap = steps[b] - steps[a]
            if gap < 1 || gap > 4 { continue }
            let age = Double(now - events[b].seconds) / 86_400
            let weight = (halfLife.map { exp2(-age / $0) } ?? 1) / Double(gap)
            raw[Pair(from: events[a].item, to: events[b].item), default: 0] += weight
            raw[Pair(from: events[b].item, to: events[a].item), default: 0] += backward * weight
          }
        }
      }
      var (out, into): ([String: Double], [String: Double]) = ([:], [:])
      for (pair, weight) in raw {
        out[pair.from, default: 0] += weight
        into[pair.to, default: 0] += weight
      }
      let expected = Dictionary(
        uniqueKeysWithValues: raw.map { pair, weight in
          (pair, weight / (((out[pair.from] ?? 0) + 5) * ((into[pair.to] ?? 0) + 5)).squareRoot())
        })
      check(
        trainer.train(data, pool: ThreadPool(threads: 2)), data, against: expected, width: 6,
        "seed \(seed), ties \(ties)")
    }
  }

  @Test(arguments: [31, 32, 33] as [UInt64]) func cooccurrenceMatchesTheReference(seed: UInt64) throws {
    let data = try Sample.interactions(Sample.random(seed: seed), shards: 2)
    let baskets = Baskets(data)
    let lists = (0..<baskets.count).map { basket in
      baskets.places(of: basket).map { data.items[Int(baskets.items[$0])].text }
    }
    var (single, both): ([String: Double], [Pair: Double]) = ([:], [:])
    for list in lists {
      for a in list {
        single[a, default: 0] += 1
        for b in list where a != b { both[Pair(from: a, to: b), default: 0] += 1 }
      }
    }
    for measure in [CooccurrenceTrainer.Measure.cosine, .mutualInformation] {
      var trainer = CooccurrenceTrainer(neighbours: 5)
      trainer.measure = measure
      trainer.shrinkage = 3
      let expected = Dictionary(
        uniqueKeysWithValues: both.filter { $0.value >= 2 }.map { pair, count in
          let (a, b) = (single[pair.from] ?? 0, single[pair.to] ?? 0)
          let score =
            measure == .cosine
            ? count / ((a + 3) * (b + 3)).squareRoot()
            : max(0, log(count * Double(lists.count) / (a * b))) * count / (count + 3)
          return (pair, score)
        })
      check(
        trainer.train(data, pool: ThreadPool(threads: 2)), data, against: expected, width: 5,
        "seed \(seed), \(measure)")
    }
  }

  @Test func handWorkedTransitions() throws {
    // a b c with window 2: a→b 1, a→c 1/2, b→c 1; back b→a 1/2, c→a 1/4, c→b 1/2.
    let data = try Sample.interactions([
      Row(user: "u", item: "a", seconds: 0), Row(user: "u", item: "b", seconds: 1),
      Row(user: "u", item: "b", seconds: 2), Row(user: "u", item: "c", seconds: 3),
    ])
    var trainer = TransitionTrainer(window: 2, neighbours: 10)
    trainer.shrinkage = 0
    let table = trainer.train(data, pool: ThreadPool(threads: 1))
    #expect(table.rows == [1, 2, 2, 0, 1, 0])
    // Rows sum to 1.5, 1.5, 0.75; columns to 0.75, 1.5, 1.5.
    let expected = [
      1 / 1.5, 0.5 / 1.5, 1 / 1.5, 0.5 / (1.5 * 0.75).squareRoot(),
      0.5 / (0.75 * 1.5).squareRoot(), 0.25 / 0.75,
    ]
    for (score, wanted) in zip(table.scores, expected) { #expect(abs(Double(score) - wanted) < 1e-6) }
  }

  @Test(arguments: [41, 42] as [UInt64]) func topListKeepsWhatSortingWould(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    for count in [0, 1, 5, 6, 200] {
      let offers = (0..<count).map { (row: UInt32($0), score: Float(Int.random(in: 0..<20, using: &chance))) }
      let list = TopList(width: 6)
      for offer in offers.shuffled(using: &chance) { list.offer(offer.row, offer.score) }
      let kept = list.count
      let rows = SharedArray<UInt32>(repeating: 0, count: 6)
      let scores = SharedArray<Float>(repeating: 0, count: 6)
      list.drain(rows: rows.pointer, scores: scores.pointer)
      let best = offers.sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }.prefix(6)
      #expect(kept == best.count)
      #expect(Array(rows.array().prefix(kept)) == best.map(\.row), "seed \(seed), count \(count)")
      #expect(Array(scores.array().prefix(kept)) == best.map(\.score), "seed \(seed), count \(count)")
    }
  }
}
