import Kernels
import Models

/// Memory for scanning one factor model: sizes depend on the generation, so it is made anew when that changes.
package final class FactorScratch {
  let foldIn: FoldInScratch
  /// One score for each row.
  let scores: UnsafeMutableBufferPointer<Float>
  /// What a scan took lately, nanoseconds.
  private(set) var expectedNanoseconds: UInt64
  private var selection: TopSelection

  init(for model: FactorModel) {
    foldIn = FoldInScratch(dimensions: model.dimensions)
    // Kernels write through a pointer, and nothing else refers to this memory.
    scores = .allocate(capacity: model.itemCount)
    scores.initialize(repeating: 0)
    // Until measured: four multiplications a nanosecond, a quarter of what one core does.
    expectedNanoseconds = UInt64(model.itemCount * model.dimensions / 4)
    selection = TopSelection(capacity: min(model.itemCount, 1024))
  }

  deinit { scores.deallocate() }

  func fits(_ model: FactorModel) -> Bool {
    scores.count == model.itemCount && foldIn.dimensions == model.dimensions
  }

  /// The best rows and their scores; struck-out rows never. Valid until the next call. O(rows).
  func best(_ count: Int) -> (indices: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>) {
    if count > selection.capacity { selection = TopSelection(capacity: count) }
    selection.start(keeping: count)
    selection.offer(UnsafeBufferPointer(scores), firstIndex: 0)
    return selection.finish()
  }

  /// The score of one row for the vector folded in last. Overwrites the scores of the last scan.
  func score(of row: Int, _ model: FactorModel) -> Float {
    withUnsafePointer(to: UInt32(truncatingIfNeeded: row)) { row in
      model.score(
        foldIn.vector, rows: UnsafeBufferPointer(start: row, count: 1),
        into: UnsafeMutableBufferPointer(rebasing: scores[..<1]))
    }
    return scores[0]
  }

  /// A scan was skipped: expects an eighth less, so that one slow scan is not held against the source for ever.
  func skipped() { expectedNanoseconds -= expectedNanoseconds / 8 }

  /// Expects as much next time; forgets a slow scan by an eighth with each faster one.
  package func took(_ nanoseconds: UInt64) {
    let remembered = expectedNanoseconds - expectedNanoseconds / 8
    expectedNanoseconds = max(nanoseconds, remembered)
  }
}

extension ReadScratch {
  /// The memory for a model: the last one if it fits. Allocates after a new generation.
  func factorScratch(for model: FactorModel) -> FactorScratch {
    if let factors, factors.fits(model) { return factors }
    let fresh = FactorScratch(for: model)
    factors = fresh
    return fresh
  }
}
