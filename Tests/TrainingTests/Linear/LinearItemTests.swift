import Foundation
import Testing
import Training
import Vocabulary

/// The linear item model in the form in which it is served.
@Suite struct LinearItemTests {
  private let pool = ThreadPool(threads: 2)

  /// The kept weights are the largest by magnitude, in the order of the values.
  private func expectCut(_ table: NeighbourTable, of dense: [[Float]], width: Int, keepsNegative: Bool) {
    for (row, line) in dense.enumerated() {
      let wanted = line.enumerated()
        .filter { $0.offset != row && (keepsNegative ? $0.element != 0 : $0.element > 0) }
        .sorted { abs($0.element) > abs($1.element) }.prefix(width).map(\.element).sorted(by: >)
      let places = table.neighbours(of: row)
      #expect(places.count == wanted.count, "row \(row)")
      for (place, value) in zip(places, wanted) {
        #expect(Double(table.scores[place]).isNear(Double(value), 1e-5), "row \(row)")
        #expect(Double(line[Int(table.rows[place])]).isNear(Double(value), 1e-5), "row \(row)")
      }
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func easeIsCutByMagnitude(seed: UInt64) throws {
    let pairs = Pairs.random(seed: seed, users: 60, items: 40, weighted: true)
    let lambda = EaseTrainer.regularisation(pairs: pairs.pairCount, items: pairs.columnCount)
    let dense = try #require(EaseTrainer(regularisation: lambda).train(pairs, pool: pool))
    let lines = (0..<40).map { row in (0..<40).map { dense.weights[row * 40 + $0] } }
    let made = LinearItemTrainer(neighbours: 9, seed: 1)
      .train(.ease, pairs: pairs, itemNeighbours: .init(rowStart: [0], rows: [], scores: []), pool: pool)
    #expect(made.kind == .ease && made.parameters["regularisation"] == lambda)
    #expect(made.table.scores.contains { $0 < 0 }, "seed \(seed): nothing speaks against anything")
    expectCut(made.table, of: lines, width: 9, keepsNegative: true)
    let alone = LinearItemTrainer(neighbours: 9, seed: 1)
      .train(
        .ease, pairs: pairs, itemNeighbours: .init(rowStart: [0], rows: [], scores: []),
        pool: ThreadPool(threads: 1))
    #expect(alone.table == made.table, "threads change no bit")
  }

  /// The graph filter's row i is the sum of both parts: what a history of i alone scores.
  @Test(arguments: [4, 5] as [UInt64]) func graphFilterIsTheSumOfItsParts(seed: UInt64) throws {
    let pairs = Pairs.random(seed: seed, users: 70, items: 50)
    var parts = StandardParts(memoryLimit: .max)
    parts.seed = 3
    let (filter, settings) = parts.filterSettings(users: 70, items: 50)
    let spectral = SpectralFilter(pairs, settings: settings, pool: pool)
    try #require(spectral != nil)
    let whole = LinearFilter(
      neighbours: filter.train(pairs, pool: pool),
      spectral: spectral)
    let lines = Pairs.scores(
      LinearFilterRanker(whole, weight: .equal),
      Pairs.histories((0..<50).map { [UInt32($0)] }, itemCount: 50))
    let trainer = LinearItemTrainer(neighbours: 12, seed: 3)
    let empty = NeighbourTable(rowStart: [0], rows: [], scores: [])
    let made = trainer.train(.graphFilter, pairs: pairs, itemNeighbours: empty, pool: pool)
    #expect(made.kind == .graphFilter)
    expectCut(made.table, of: lines, width: 12, keepsNegative: false)
    let other = trainer.train(
      .graphFilter, pairs: pairs, itemNeighbours: empty, pool: ThreadPool(threads: 3))
    #expect(other.table == made.table, "threads change no bit")
  }

  @Test func everyItemOfTheHistoryCountsAlike() {
    let table = NeighbourTable(rowStart: [0, 1, 3, 3, 3], rows: [3, 0, 3], scores: [1, 10, -4])
    let set = EvaluationSet(
      users: [nil], histories: [[0, 1]], pairs: [[(item: 0, confidence: 3), (item: 1, confidence: 0.5)]],
      relevant: [[2]], itemCount: 4, seenRule: .allowed)
    #expect(Pairs.scores(LinearItemRanker(table), set) == [[10, 0, 0, -3]])
  }

  /// Of more items than the read path remembers the newest count.
  @Test func theNewestOfALongHistory() {
    let count = Limits.foldInItemsMax + 3
    let table = NeighbourTable(
      rowStart: (0...count).map { $0 } + [count], rows: [UInt32](repeating: UInt32(count), count: count),
      scores: [Float](repeating: 1, count: count))
    let items = (0..<UInt32(count)).map { $0 }
    let scores = Pairs.scores(LinearItemRanker(table), Pairs.histories([items], itemCount: count + 1))
    #expect(scores[0][count] == Float(Limits.foldInItemsMax))
  }
}
