/// Memory of the search for like users, reused from request to request: 8 bytes for each user of the index, and a
/// few lists. Not sendable.
package final class UserIndexScratch {
  private struct Cell {
    var epoch: UInt32 = 0
    var sum: Float = 0
  }

  private var cells: [Cell] = []
  private var epoch: UInt32 = 0
  private var touched: [UInt32] = []
  /// Items of the history, packed so that the rarest come first.
  var order: [UInt64] = []
  private var heap: [UInt64] = []
  /// The nearest users, nearest first.
  package private(set) var users: [UInt32] = []
  /// What each of them weighs; the sum is one.
  package private(set) var weights: [Float] = []

  package init() {}

  /// Forgets the last search. O(1), but O(users) for a larger index.
  func begin(users count: Int) {
    clear()
    order.removeAll(keepingCapacity: true)
    touched.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    if epoch == .max {
      for index in cells.indices { cells[index].epoch = 0 }
      epoch = 0
    }
    epoch += 1
    if cells.count < count { cells.append(contentsOf: repeatElement(Cell(), count: count - cells.count)) }
  }

  /// Forgets what was found, so that a request that did not search finds nobody of the last one.
  package func clear() {
    users.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
  }

  /// REQUIRES: users below the count given to `begin`.
  func add(_ users: UnsafeBufferPointer<UInt32>, _ scores: UnsafeBufferPointer<Float>, weight: Float) {
    let epoch = epoch
    cells.withUnsafeMutableBufferPointer { cells in
      for place in users.indices {
        let user = Int(users[place])
        if cells[user].epoch == epoch {
          cells[user].sum += weight * scores[place]
        } else {
          cells[user] = Cell(epoch: epoch, sum: weight * scores[place])
          touched.append(users[place])
        }
      }
    }
  }

  /// Keeps the `count` users with the largest sums, of equal ones the lower number, and turns sums into weights.
  func chooseBest(_ count: Int, where isAllowed: (UInt32) -> Bool) {
    for user in touched {
      let sum = cells[Int(user)].sum
      guard sum > 0, sum.isFinite else { continue }
      // Bits of positive floats ascend with them.
      let packed = UInt64(sum.bitPattern) << 32 | UInt64(~user)
      guard heap.count < count || packed > (heap.first ?? 0), isAllowed(user) else { continue }
      KeyOrder.keep(packed, in: &heap, atMost: count)
    }
    KeyOrder.sort(&heap)
    var total: Float = 0
    for packed in heap.reversed() {
      let sum = Float(bitPattern: UInt32(truncatingIfNeeded: packed >> 32))
      users.append(~UInt32(truncatingIfNeeded: packed))
      weights.append(sum)
      total += sum
    }
    guard total > 0, total.isFinite else { return clear() }
    for place in weights.indices { weights[place] /= total }
  }
}

/// Orders packed keys in place: the library's sort allocates.
enum KeyOrder {
  /// Ascending. O(n log n).
  static func sort(_ keys: inout [UInt64]) {
    // A heap with the greatest at its root, taken apart from the end.
    var start = keys.count / 2
    while start > 0 {
      start -= 1
      sink(&keys, start, end: keys.count) { $0 > $1 }
    }
    var end = keys.count
    while end > 1 {
      end -= 1
      keys.swapAt(0, end)
      sink(&keys, 0, end: end) { $0 > $1 }
    }
  }

  /// Keeps the greatest `count` keys as a heap with the least at its root. O(log count).
  static func keep(_ key: UInt64, in heap: inout [UInt64], atMost count: Int) {
    if heap.count < count {
      heap.append(key)
      var child = heap.count - 1
      while child > 0 {
        let parent = (child - 1) / 2
        if heap[parent] <= heap[child] { return }
        heap.swapAt(parent, child)
        child = parent
      }
    } else if let least = heap.first, key > least {
      heap[0] = key
      sink(&heap, 0, end: heap.count) { $0 < $1 }
    }
  }

  @inline(__always)
  private static func sink(
    _ keys: inout [UInt64], _ start: Int, end: Int, _ isAbove: (UInt64, UInt64) -> Bool
  ) {
    var parent = start
    while true {
      var top = parent
      for child in (2 * parent + 1)...(2 * parent + 2) where child < end {
        if isAbove(keys[child], keys[top]) { top = child }
      }
      if top == parent { return }
      keys.swapAt(parent, top)
      parent = top
    }
  }
}
