/// For each item the items that go with it, best first: transitions, co-occurrence.
package struct NeighbourModel: Sendable {
  package let parameters: [String: Double]
  /// The neighbours of `row` and their scores, best first; empty if there are none. O(1).
  /// REQUIRES: 0 <= row < items of the generation.
  package func neighbours(of row: Int) -> (rows: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>)
  { fatalError() }
}
