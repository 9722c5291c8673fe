import Kernels
import Vocabulary

/// For each item the items that go with it, best first: transitions, co-occurrence, the linear item model. Scores
/// may be negative: the linear model says of some items that they do not go together.
package struct NeighbourModel: Sendable {
  static let family = "neighbours"
  package let itemCount: Int
  /// Numbers it was trained with, such as the window.
  package let parameters: [String: Double]
  private let memory: GenerationMemory
  private let offsets: ArrayView<UInt64>
  private let rows: ArrayView<UInt32>
  private let scores: ArrayView<Float>

  /// Checks order, ranges and finiteness. O(neighbours).
  init(_ files: ModelFiles, items: UInt64) throws(ModelFault) {
    itemCount = Int(clamping: items)
    memory = files.memory
    parameters = files.info.parameters
    offsets = try files.array("offsets", of: UInt64.self, shape: [itemCount + 1]).view
    rows = try files.array("rows", of: UInt32.self, shape: [nil]).view
    scores = try files.array("scores", of: Float.self, shape: [rows.count]).view
    try files.checkOffsets(offsets.elements, total: rows.count, "offsets")
    try files.checkFinite(scores.elements, "scores")
    // Which item listed a row last: finds repeats without clearing between items.
    var lister = [UInt32](repeating: .max, count: itemCount)
    for item in 0..<itemCount {
      let (neighbours, weights) = neighbours(of: item)
      if neighbours.count > Limits.neighboursMax {
        throw files.fault("gives row \(item) more than \(Limits.neighboursMax) neighbours.", "offsets")
      }
      for (place, row) in neighbours.enumerated() {
        guard Int(row) < itemCount else { throw files.fault("holds row \(row) of \(itemCount).", "rows") }
        if Int(row) == item { throw files.fault("gives row \(item) itself as a neighbour.", "rows") }
        if lister[Int(row)] == UInt32(truncatingIfNeeded: item) {
          throw files.fault("gives row \(item) the neighbour \(row) twice.", "rows")
        }
        lister[Int(row)] = UInt32(truncatingIfNeeded: item)
        if place > 0 && weights[place] > weights[place - 1] {
          throw files.fault("rises among the neighbours of row \(item).", "scores")
        }
      }
    }
  }

  /// The neighbours of `row` and their scores, best first; empty if there are none. O(1).
  /// REQUIRES: 0 <= row < itemCount.
  package func neighbours(
    of row: Int
  ) -> (rows: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>) {
    precondition(row >= 0 && row < itemCount, "row out of range")
    let range = Int(truncatingIfNeeded: offsets[row])..<Int(truncatingIfNeeded: offsets[row + 1])
    return (
      UnsafeBufferPointer(rebasing: rows.elements[range]),
      UnsafeBufferPointer(rebasing: scores.elements[range])
    )
  }

  /// All of them, list i being the neighbours of row i. Valid while this model or its generation is alive.
  package var lists: RowLists {
    RowLists(offsets: offsets.elements, rows: rows.elements, scores: scores.elements)
  }
}
