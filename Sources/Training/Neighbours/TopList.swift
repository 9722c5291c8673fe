/// The best few of many: a heap with the worst on top. At equal scores the lower row is better, so the result
/// does not depend on the order of offers.
///
/// Unchecked because each belongs to one worker of a `ThreadPool`, which no two running tasks share.
package final class TopList: @unchecked Sendable {
  private let width: Int
  private var heap: [(score: Float, row: UInt32)] = []

  package init(width: Int) {
    self.width = width
    heap.reserveCapacity(width)
  }

  package var count: Int { heap.count }

  private static func isWorse(_ a: (score: Float, row: UInt32), _ b: (score: Float, row: UInt32)) -> Bool {
    a.score != b.score ? a.score < b.score : a.row > b.row
  }

  /// O(log width), O(1) for what is not good enough.
  package func offer(_ row: UInt32, _ score: Float) {
    let entry = (score: score, row: row)
    if heap.count < width {
      heap.append(entry)
      var child = heap.count - 1
      while child > 0 {
        let parent = (child - 1) / 2
        if !Self.isWorse(heap[child], heap[parent]) { break }
        heap.swapAt(child, parent)
        child = parent
      }
    } else if let worst = heap.first, Self.isWorse(worst, entry) {
      heap[0] = entry
      var parent = 0
      while true {
        var least = parent
        for child in (2 * parent + 1)...(2 * parent + 2)
        where child < heap.count && Self.isWorse(heap[child], heap[least]) {
          least = child
        }
        if least == parent { break }
        heap.swapAt(parent, least)
        parent = least
      }
    }
  }

  /// Writes the entries, best first, and empties the list.
  /// REQUIRES: room for `count` in both.
  package func drain(rows: UnsafeMutablePointer<UInt32>, scores: UnsafeMutablePointer<Float>) {
    heap.sort { Self.isWorse($1, $0) }
    for (index, entry) in heap.enumerated() {
      rows[index] = entry.row
      scores[index] = entry.score
    }
    heap.removeAll(keepingCapacity: true)
  }
}
