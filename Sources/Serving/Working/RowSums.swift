/// Sums over rows of a generation for one source: like an array of zeros that costs nothing to clear.
package final class RowSums {
  private struct Cell {
    var epoch: UInt32 = 0
    var sum: Float = 0
  }

  private var cells: [Cell] = []
  private var epoch: UInt32 = 0
  /// Rows that were added to, in order of first touch.
  package private(set) var touched: [UInt32] = []

  /// Empty until `begin`.
  package init() {}

  /// Makes every sum zero. O(1), but O(rows) for a larger generation.
  package func begin(_ rowCount: Int) {
    touched.removeAll(keepingCapacity: true)
    if epoch == .max {
      for index in cells.indices { cells[index].epoch = 0 }
      epoch = 0
    }
    epoch += 1
    if cells.count < rowCount {
      cells.append(contentsOf: repeatElement(Cell(), count: rowCount - cells.count))
    }
  }

  /// sum[rows[i]] += weight · scores[i].
  package func add(
    _ rows: UnsafeBufferPointer<UInt32>, _ scores: UnsafeBufferPointer<Float>, weight: Float
  ) {
    let epoch = epoch
    // One access to the array for all rows: it is checked at run time each time, which would cost more than the sum.
    cells.withUnsafeMutableBufferPointer { cells in
      for index in 0..<min(rows.count, scores.count) {
        let row = Int(rows[index])
        guard row < cells.count else { continue }
        if cells[row].epoch == epoch {
          cells[row].sum += weight * scores[index]
        } else {
          cells[row] = Cell(epoch: epoch, sum: weight * scores[index])
          touched.append(rows[index])
        }
      }
    }
  }

  /// sum[row] += value. REQUIRES: `row` below the count given to `begin`.
  package func add(_ row: UInt32, _ value: Float) {
    let place = Int(row)
    if cells[place].epoch == epoch {
      cells[place].sum += value
    } else {
      cells[place] = Cell(epoch: epoch, sum: value)
      touched.append(row)
    }
  }

  /// Zero for a row that was not added to. REQUIRES: `row` below the count given to `begin`.
  package func sum(_ row: Int) -> Float { cells[row].epoch == epoch ? cells[row].sum : 0 }

  /// Calls `body` with each row that has a sum above zero and not below a floor, in the order of first touch. `body` returns
  /// the floor from then on. It must not change the sums.
  @inline(__always)
  func forEachAbove(_ floor: Float, _ body: (_ row: UInt32, _ sum: Float) -> Float) {
    var floor = floor
    cells.withUnsafeBufferPointer { cells in
      touched.withUnsafeBufferPointer { touched in
        for row in touched {
          // What was touched is of this epoch.
          let sum = cells[Int(row)].sum
          guard sum > 0, sum >= floor else { continue }
          floor = body(row, sum)
        }
      }
    }
  }
}
