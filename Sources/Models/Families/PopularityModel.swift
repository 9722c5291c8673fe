import Vocabulary

/// Items ranked by windowed, decayed popularity. May list fewer rows than the generation has items.
package struct PopularityModel: Sendable {
  static let family = "popularity"
  /// Numbers it was trained with, such as the window.
  package let parameters: [String: Double]
  private let memory: GenerationMemory
  private let rowView: ArrayView<UInt32>
  private let scoreView: ArrayView<Float>

  /// Checks order, ranges and finiteness. O(rows).
  init(_ files: ModelFiles, items: UInt64) throws(ModelFault) {
    memory = files.memory
    parameters = files.info.parameters
    let (rows, shape) = try files.array("rows", of: UInt32.self, shape: [nil])
    rowView = rows
    scoreView = try files.array("scores", of: Float.self, shape: [shape[0]]).view
    try files.checkFinite(scoreView.elements, "scores")
    var isListed = [Bool](repeating: false, count: Int(clamping: items))
    for (place, row) in rowView.elements.enumerated() {
      guard UInt64(row) < items else { throw files.fault("holds row \(row) of \(items).", "rows") }
      if isListed[Int(row)] { throw files.fault("holds row \(row) twice.", "rows") }
      isListed[Int(row)] = true
      if place > 0 && scoreView[place] > scoreView[place - 1] {
        throw files.fault("rises at element \(place).", "scores")
      }
    }
  }

  /// Best first; no row twice.
  package var rows: UnsafeBufferPointer<UInt32> { rowView.elements }
  /// `scores[i]` belongs to `rows[i]`; never increasing.
  package var scores: UnsafeBufferPointer<Float> { scoreView.elements }
}
