/// Items ranked by windowed, decayed popularity. May list fewer rows than the generation has items.
package struct PopularityModel: Sendable {
  /// Best first; no row twice.
  package var rows: UnsafeBufferPointer<UInt32> { fatalError() }
  /// `scores[i]` belongs to `rows[i]`; never increasing.
  package var scores: UnsafeBufferPointer<Float> { fatalError() }
  package let parameters: [String: Double]
}
