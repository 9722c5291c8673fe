/// Sums for one row of an item-item table: a dense array with a list of what was touched, so that clearing
/// costs what filling did.
///
/// Unchecked because each belongs to one worker of a `ThreadPool`, which no two running tasks share.
package final class RowAccumulator: @unchecked Sendable {
  private let values: UnsafeMutablePointer<Double>
  private let isTouched: UnsafeMutablePointer<Bool>
  /// Columns added to since the last `clear`, in order of first touch.
  package private(set) var touched: [UInt32] = []

  package init(count: Int) {
    values = .allocate(capacity: max(1, count))
    values.initialize(repeating: 0, count: count)
    isTouched = .allocate(capacity: max(1, count))
    isTouched.initialize(repeating: false, count: count)
  }

  deinit {
    values.deallocate()
    isTouched.deallocate()
  }

  /// REQUIRES: column below the count given at the start.
  @inline(__always)
  package func add(_ column: UInt32, _ value: Double) {
    let index = Int(column)
    values[index] += value
    if !isTouched[index] {
      isTouched[index] = true
      touched.append(column)
    }
  }

  package func value(of column: UInt32) -> Double { values[Int(column)] }

  package func clear() {
    for column in touched {
      values[Int(column)] = 0
      isTouched[Int(column)] = false
    }
    touched.removeAll(keepingCapacity: true)
  }
}
