import Models

/// The segments of one request, reused from request to request.
package final class SegmentScratch {
  /// Segments of the generation, by its numbers.
  package internal(set) var popular = SegmentMix()
  /// Categories in which something trends, by the numbers of `CategoryTrends`.
  package internal(set) var trending = SegmentMix()

  init() {}

  /// Forgets the last request.
  func begin() {
    popular.begin()
    trending.begin()
  }
}
