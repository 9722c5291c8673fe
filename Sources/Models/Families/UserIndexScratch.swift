import Kernels

/// Memory of the search for like users, reused from request to request: 12 bytes for each user of the index, and a
/// few lists. Not sendable.
package final class UserIndexScratch {
  /// By user: the likeness so far.
  let sums = RowSums()
  /// Items of the history, packed so that the rarest come first.
  var order: [UInt64] = []
  /// The nearest users, nearest first.
  package private(set) var users: [UInt32] = []
  /// What each of them weighs; the sum is one.
  package private(set) var weights: [Float] = []

  package init() {}

  /// Forgets the last search. O(users it touched), but O(users) for a larger index.
  func begin(users count: Int) {
    clear()
    order.removeAll(keepingCapacity: true)
    sums.begin(count)
  }

  /// Forgets what was found, so that a request that did not search finds nobody of the last one.
  package func clear() {
    users.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
  }

  /// Keeps the `count` users with the largest sums, of equal ones the lower number, and turns sums into weights.
  func chooseBest(_ count: Int) {
    let (nearest, likenesses) = sums.best(count)
    var total: Float = 0
    for place in nearest.indices where likenesses[place].isFinite {
      users.append(nearest[place])
      weights.append(likenesses[place])
      total += likenesses[place]
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
