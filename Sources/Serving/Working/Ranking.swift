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
  package var entries: [Entry] {
    @inline(__always) _read { yield heap.entries }
  }
  /// A value, so that each call reaches for it once: reaching for a property of a class is checked at run time.
  private var heap = Heap()

  /// Keeps nothing until `begin`.
  package init() {}

  /// Forgets everything and will keep the best `capacity`.
  package func begin(_ capacity: Int) { heap.begin(capacity) }

  /// Whether an entry would be kept; cheaper than what callers check next.
  package func accepts(_ entry: Entry) -> Bool { heap.accepts(entry) }

  /// Scores below this are not kept any more; grows while entries come.
  package var floor: Double { heap.floor }

  /// Keeps an entry if it is among the best so far. O(log capacity). A score that is not a number is refused.
  package func insert(_ entry: Entry) { heap.insert(entry) }

  /// Puts the best first. Nothing may be inserted afterwards. Heap sort, because the library's sort allocates.
  package func sort() { heap.sort() }

  private struct Heap {
    var entries: [Entry] = []
    var capacity = 0

    var floor: Double {
      guard entries.count >= capacity else { return -.infinity }
      return entries.first?.score ?? .infinity
    }

    mutating func begin(_ capacity: Int) {
      entries.removeAll(keepingCapacity: true)
      self.capacity = capacity
    }

    func accepts(_ entry: Entry) -> Bool {
      guard entries.count >= capacity else { return true }
      guard capacity > 0, let worst = entries.first else { return false }
      return entry.isBetter(than: worst)
    }

    mutating func insert(_ entry: Entry) {
      guard !entry.score.isNaN, accepts(entry) else { return }
      if entries.count < capacity {
        entries.append(entry)
        entries.withUnsafeMutableBufferPointer { Self.rise($0) }
      } else {
        entries.withUnsafeMutableBufferPointer { Self.sink(entry, from: 0, in: $0) }
      }
    }

    mutating func sort() {
      entries.withUnsafeMutableBufferPointer { entries in
        var end = entries.count
        while end > 1 {
          end -= 1
          let last = entries[end]
          entries[end] = entries[0]
          Self.sink(last, from: 0, in: UnsafeMutableBufferPointer(rebasing: entries[..<end]))
        }
      }
      capacity = 0
    }

    /// Moves the last entry up to where it belongs.
    private static func rise(_ entries: UnsafeMutableBufferPointer<Entry>) {
      var child = entries.count - 1
      let entry = entries[child]
      while child > 0 {
        let parent = (child - 1) / 2
        guard entries[parent].isBetter(than: entry) else { break }
        entries[child] = entries[parent]
        child = parent
      }
      entries[child] = entry
    }

    /// Puts an entry at a place, or below it where it belongs.
    private static func sink(_ entry: Entry, from start: Int, in entries: UnsafeMutableBufferPointer<Entry>) {
      var parent = start
      while true {
        var child = 2 * parent + 1
        guard child < entries.count else { break }
        if child + 1 < entries.count, entries[child].isBetter(than: entries[child + 1]) { child += 1 }
        guard entry.isBetter(than: entries[child]) else { break }
        entries[parent] = entries[child]
        parent = child
      }
      entries[parent] = entry
    }
  }
}
