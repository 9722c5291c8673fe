import Models
import Vocabulary

/// Features of all item rows in compressed rows: what `ContentText` found in each entry, 4 bytes a feature.
package struct ContentFeatures: Sendable {
  /// Features of row r: `packed[start[r]..<start[r + 1]]`.
  private let start: [Int]
  private let packed: [UInt32]
  /// Why there are none though entries were put, in words; nil otherwise.
  package let problem: String?

  /// Nothing is known of any item.
  package init() { self.init(rows: [], problem: nil) }

  /// - Parameter rows: features of each item row; rows beyond the end have none.
  package init(rows: [[ContentText.Feature]]) {
    self.init(rows: rows.map { $0.map(\.packed) }, problem: nil)
  }

  init(rows: some Sequence<[UInt32]>, problem: String?) {
    var start = [0]
    var packed: [UInt32] = []
    for row in rows {
      packed += row
      start.append(packed.count)
    }
    self.start = start
    self.packed = packed
    self.problem = problem
  }

  package var isEmpty: Bool { packed.isEmpty }
  package var count: Int { packed.count }

  /// Features of an item row, ascending.
  package func features(of row: Int) -> LazyMapSequence<ArraySlice<UInt32>, ContentText.Feature> {
    let range = row < start.count - 1 ? start[row]..<start[row + 1] : 0..<0
    return packed[range].lazy.map { ContentText.Feature(packed: $0) }
  }
}

/// Collects the features of items while the log is read. The newest put counts, as in the live state.
struct ContentCollector {
  /// Features of each item by the builder's number; those beyond the end have none.
  private var rows: [[UInt32]] = []
  private let bytesMax: UInt64
  private var isOver = false
  /// Upper bound of the bytes held: an array's header and references, the room it grows into, and one copy laid out.
  private(set) var bytes: UInt64 = 0

  /// - Parameter bytesMax: with more, all is given up, so that reading does not fail for want of memory; 0 collects nothing.
  init(bytesMax: UInt64) { self.bytesMax = bytesMax }

  /// Notes what an entry says; nothing for an entry that was deleted.
  mutating func put(_ item: Item?, item number: Int) {
    guard bytesMax > 0, !isOver else { return }
    let more = max(0, number + 1 - rows.count)
    rows.append(contentsOf: repeatElement([], count: more))
    bytes -= Self.bytes(rows[number])
    rows[number] = item.map { ContentText.features(of: $0).map(\.packed) } ?? []
    bytes += Self.bytes(rows[number]) + 16 * UInt64(more)
    if bytes > bytesMax {
      isOver = true
      rows = []
      bytes = 0
    }
  }

  private static func bytes(_ row: [UInt32]) -> UInt64 { row.isEmpty ? 0 : 48 + 3 * 4 * UInt64(row.count) }

  /// - Parameter items: the builder's number of each item row.
  consuming func finish(items: [Int]) -> ContentFeatures {
    let rows = rows
    return ContentFeatures(
      rows: items.lazy.map { $0 < rows.count ? rows[$0] : [] },
      problem: isOver
        ? """
        The texts of the items take more than \(bytesMax) bytes as features, an eighth of memory-limit. Raise it, or put \
        shorter texts.
        """ : nil)
  }
}
