import Training

/// Random pairs and what the tests of ranking models ask of them.
enum Pairs {
  /// Users by items; popular items are the low numbers, some users and items stay empty.
  static func random(
    seed: UInt64, users: Int, items: Int, share: Double = 0.2, weighted: Bool = false
  ) -> PairMatrix {
    var chance = SeededGenerator(seed: seed)
    var (start, columns, values) = ([0], [UInt32](), [Float]())
    for user in 0..<users {
      for item in 0..<items where user % 9 != 8 && item % 11 != 10 {
        let likely = share * 2 * Double(items - item) / Double(items)
        if Double.random(in: 0..<1, using: &chance) < likely {
          columns.append(UInt32(item))
          values.append(weighted ? Float.random(in: 0.5..<3, using: &chance) : 1)
        }
      }
      start.append(columns.count)
    }
    return PairMatrix(rowStart: start, columns: columns, confidences: values, columnCount: items)
  }

  /// Row by row, zeros included.
  static func dense(_ pairs: PairMatrix) -> [[Double]] {
    (0..<pairs.rowCount).map { row in
      var line = [Double](repeating: 0, count: pairs.columnCount)
      for pair in pairs.pairs(of: row) { line[Int(pairs.columns[pair])] = Double(pairs.confidences[pair]) }
      return line
    }
  }

  /// One query for every row, its history in column order, with the given right items.
  static func queries(
    _ pairs: PairMatrix, histories: [[UInt32]]? = nil, right: [[UInt32]]? = nil,
    rule: SeenRule = .allowed, known: Bool = true
  ) -> EvaluationSet {
    let rows = 0..<pairs.rowCount
    return EvaluationSet(
      users: rows.map { known ? $0 : nil },
      histories: histories ?? rows.map { Array(pairs.columns[pairs.pairs(of: $0)]) },
      pairs: rows.map { row in
        pairs.pairs(of: row).map { (item: pairs.columns[$0], confidence: pairs.confidences[$0]) }
      },
      relevant: right ?? rows.map { _ in [0] }, itemCount: pairs.columnCount, seenRule: rule)
  }

  /// Queries that are nothing but an ordered history.
  static func histories(_ histories: [[UInt32]], itemCount: Int, right: [[UInt32]]? = nil) -> EvaluationSet {
    EvaluationSet(
      users: histories.map { _ in nil }, histories: histories,
      pairs: histories.map { Set($0).map { (item: $0, confidence: 1) } },
      relevant: right ?? histories.map { _ in [0] }, itemCount: itemCount, seenRule: .allowed)
  }

  /// Scores of every item for every query, asked in batches of 7.
  static func scores(_ ranker: some Ranker, _ set: EvaluationSet) -> [[Float]] {
    let scratch = ranker.makeScratch()
    let output = SharedArray<Float>(repeating: .nan, count: 7 * ranker.itemCount)
    var result: [[Float]] = []
    for first in stride(from: 0, to: set.count, by: 7) {
      let range = first..<min(set.count, first + 7)
      set.withQueries(range) { ranker.score($0, into: output.pointer, scratch: scratch) }
      for query in 0..<range.count {
        let start = query * ranker.itemCount
        result.append(Array(output.elements[start..<(start + ranker.itemCount)]))
      }
    }
    return result
  }
}

extension Double {
  /// Within `tolerance`, relative above 1.
  func isNear(_ other: Double, _ tolerance: Double) -> Bool {
    abs(self - other) <= tolerance * Swift.max(1, abs(self), abs(other))
  }
}
