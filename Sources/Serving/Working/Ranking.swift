/// The best few of many, in memory that is reused: a heap with the worst at its root.
///
/// A greater score is better; of equal scores the smaller tie value, then the smaller number. The order is total,
/// so what comes out does not depend on the order in which entries went in.
package final class Ranking {
  /// One of the many.
  package struct Entry: Hashable {
    package var score: Double
    /// Decides between equal scores.
    package var tie: UInt64
    /// What the caller knows it by.
    package var number: UInt32

    package init(score: Double, tie: UInt64, number: UInt32) {
      self.score = score
      self.tie = tie
      self.number = number
    }

    /// A total order.
    package func isBetter(than other: Entry) -> Bool {
      if score != other.score { return score > other.score }
      return tie == other.tie ? number < other.number : tie < other.tie
    }
  }

  /// A heap until `sort`, then best first.
  package private(set) var entries: [Entry] = []
  private var capacity = 0

  /// Keeps nothing until `begin`.
  package init() {}

  /// Forgets everything and will keep the best `capacity`.
  package func begin(_ capacity: Int) {
    entries.removeAll(keepingCapacity: true)
    self.capacity = capacity
  }

  /// Whether an entry would be kept; cheaper than what callers check next.
  package func accepts(_ entry: Entry) -> Bool {
    guard entries.count >= capacity else { return true }
    guard capacity > 0, let worst = entries.first else { return false }
    return entry.isBetter(than: worst)
  }

  /// Keeps an entry if it is among the best so far. O(log capacity). A score that is not a number is refused.
  package func insert(_ entry: Entry) {
    guard !entry.score.isNaN, accepts(entry) else { return }
    if entries.count < capacity {
      entries.append(entry)
      rise(entries.count - 1)
    } else {
      entries[0] = entry
      sink(0, end: entries.count)
    }
  }

  /// Puts the best first. Nothing may be inserted afterwards. Heap sort, because the library's sort allocates.
  package func sort() {
    var end = entries.count
    while end > 1 {
      end -= 1
      entries.swapAt(0, end)
      sink(0, end: end)
    }
    capacity = 0
  }

  private func rise(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[parent].isBetter(than: entries[child]) else { return }
      entries.swapAt(parent, child)
      child = parent
    }
  }

  private func sink(_ start: Int, end: Int) {
    var parent = start
    while true {
      var worst = parent
      for child in (2 * parent + 1)...(2 * parent + 2) where child < end {
        if entries[worst].isBetter(than: entries[child]) { worst = child }
      }
      if worst == parent { return }
      entries.swapAt(parent, worst)
      parent = worst
    }
  }
}
