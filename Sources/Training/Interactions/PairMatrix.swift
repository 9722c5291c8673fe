import Vocabulary

/// Distinct pairs of row and column with a confidence each, in compressed rows: users by items, or the other
/// way round. Within a row columns ascend.
package struct PairMatrix: Sendable {
  package let rowStart: [Int]
  package let columns: [UInt32]
  package let confidences: [Float]
  package let columnCount: Int

  package var rowCount: Int { rowStart.count - 1 }
  package var pairCount: Int { columns.count }
  /// Rows that hold at least one pair.
  package var filledRows: Int { (0..<rowCount).reduce(0) { $0 + (rowStart[$1 + 1] > rowStart[$1] ? 1 : 0) } }

  package init(rowStart: [Int], columns: [UInt32], confidences: [Float], columnCount: Int) {
    self.rowStart = rowStart
    self.columns = columns
    self.confidences = confidences
    self.columnCount = columnCount
  }

  package func pairs(of row: Int) -> Range<Int> { rowStart[row]..<rowStart[row + 1] }

  /// Rows become columns. O(pairs + rows + columns).
  package func transposed() -> PairMatrix {
    var start = [Int](repeating: 0, count: columnCount + 1)
    for column in columns { start[Int(column) + 1] += 1 }
    for column in 0..<columnCount { start[column + 1] += start[column] }
    var next = start
    var newColumns = [UInt32](repeating: 0, count: pairCount)
    var newConfidences = [Float](repeating: 0, count: pairCount)
    for row in 0..<rowCount {
      for pair in pairs(of: row) {
        let column = Int(columns[pair])
        newColumns[next[column]] = UInt32(truncatingIfNeeded: row)
        newConfidences[next[column]] = confidences[pair]
        next[column] += 1
      }
    }
    return PairMatrix(
      rowStart: start, columns: newColumns, confidences: newConfidences, columnCount: rowCount)
  }
}

extension Interactions {
  /// Sums each user's event weights for each item: pairs with a positive sum, as weights, not yet confidences.
  ///
  /// The sum includes negative events, so a liked and later disliked item drops out. O(events · log).
  package func weightPairs() -> PairMatrix {
    var rowStart = [0]
    rowStart.reserveCapacity(userCount + 1)
    var columns: [UInt32] = []
    var weights: [Float] = []
    columns.reserveCapacity(eventCount)
    weights.reserveCapacity(eventCount)
    var order: [Int] = []
    for user in 0..<userCount {
      order.removeAll(keepingCapacity: true)
      order.append(contentsOf: events(of: user))
      order.sort { (eventItem[$0], $0) < (eventItem[$1], $1) }
      var index = 0
      while index < order.count {
        let item = eventItem[order[index]]
        var sum: Float = 0
        while index < order.count, eventItem[order[index]] == item {
          sum += eventWeight[order[index]]
          index += 1
        }
        if sum > 0 {
          columns.append(item)
          weights.append(sum)
        }
      }
      rowStart.append(columns.count)
    }
    return PairMatrix(rowStart: rowStart, columns: columns, confidences: weights, columnCount: itemCount)
  }

  /// `weightPairs` with the sums turned into confidences.
  package func confidencePairs(unit: Float) -> PairMatrix {
    let pairs = weightPairs()
    return PairMatrix(
      rowStart: pairs.rowStart, columns: pairs.columns,
      confidences: pairs.confidences.map { Confidence.of(weight: $0, unit: unit) },
      columnCount: pairs.columnCount)
  }

  /// Users with a positive sum for each item row. O(events · log).
  package var pairsPerItem: [Float] {
    var result = [Float](repeating: 0, count: itemCount)
    for column in weightPairs().columns { result[Int(column)] += 1 }
    return result
  }

  /// Mean weight of a positive event; 1 without any. The unit in which `Confidence` counts.
  package var meanPositiveWeight: Float {
    var sum = 0.0
    var count = 0.0
    for weight in eventWeight where weight > 0 {
      sum += Double(weight)
      count += 1
    }
    return count > 0 ? Float(sum / count) : 1
  }
}
