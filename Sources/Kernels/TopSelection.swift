import CKernels

/// The best of scores that lie in memory.
package enum BestScores {
  /// Writes the numbers of the best `into.count` scores, best first, and returns how many. Of equal scores the lower number is
  /// better; NaN and minus infinity are never taken. O(scores · log) at most.
  /// REQUIRES: as many numbers as scores, none twice; room for as many in `scratch` as in `kept`.
  package static func choose(
    _ scores: UnsafeBufferPointer<Float>, _ numbers: UnsafeBufferPointer<UInt32>,
    into kept: UnsafeMutableBufferPointer<UInt32>, _ scratch: UnsafeMutableBufferPointer<Float>
  ) -> Int {
    precondition(scores.count == numbers.count && scratch.count >= kept.count, "lists of different lengths")
    return magpie_best(
      scores.baseAddress, numbers.baseAddress, scores.count, kept.count, kept.baseAddress, scratch.baseAddress
    )
  }
}

/// The best scores out of any number, in memory allocated once. Not sendable: one for each thread.
///
///     selection.start(keeping: 100)
///     selection.offer(scores, firstIndex: 0)
///     let (indices, scores) = selection.finish()
package final class TopSelection {
  /// Most entries it can keep.
  package let capacity: Int
  private let scores: UnsafeMutableBufferPointer<Float>
  private let indices: UnsafeMutableBufferPointer<UInt32>
  private var selection = magpie_selection()

  package init(capacity: Int) {
    precondition(capacity >= 0, "a negative capacity")
    self.capacity = capacity
    scores = .allocate(capacity: capacity)
    scores.initialize(repeating: 0)
    indices = .allocate(capacity: capacity)
    indices.initialize(repeating: 0)
    selection.scores = scores.baseAddress
    selection.indices = indices.baseAddress
  }

  deinit {
    scores.deallocate()
    indices.deallocate()
  }

  /// Forgets everything and will keep the best `count`.
  /// REQUIRES: 0 <= count <= capacity.
  package func start(keeping count: Int) {
    precondition(count >= 0 && count <= capacity, "more than the selection can keep")
    selection.capacity = count
    selection.count = 0
  }

  /// Offers scores[i] under the index firstIndex + i. NaN and minus infinity are never taken; of equal scores the
  /// lower index is better. O(n), plus O(log k) for each that goes in.
  /// REQUIRES: indices ascend over all calls since `start`.
  package func offer(_ scores: UnsafeBufferPointer<Float>, firstIndex: UInt32) {
    guard let base = scores.baseAddress else { return }
    precondition(
      scores.count <= Int(UInt32.max) + 1 - Int(firstIndex), "indices do not fit 32 bits")
    magpie_select(&selection, base, scores.count, firstIndex)
  }

  /// What was kept, best first; valid until the next `start`. O(k log k).
  package func finish() -> (indices: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>) {
    magpie_select_finish(&selection)
    let count = selection.count
    // Sorted, it is no heap any more: nothing more may go in.
    selection.capacity = 0
    return (UnsafeBufferPointer(rebasing: indices[..<count]), UnsafeBufferPointer(rebasing: scores[..<count]))
  }
}
