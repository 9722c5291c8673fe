import Training
import Vocabulary

/// An order that knows nothing: a number for each user and item, drawn by the seed.
struct RandomRanker: Ranker {
  let itemCount: Int
  let seed: UInt64

  func makeScratch() {}

  func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    for (index, query) in queries.enumerated() {
      let user = StableHash.mix(seed ^ StableHash.mix(UInt64(truncatingIfNeeded: query.user ?? -1) &+ 2))
      for item in 0..<itemCount {
        let draw = StableHash.mix(user ^ StableHash.mix(UInt64(item) &+ 1))
        output[index * itemCount + item] = Float(draw >> 40)
      }
    }
  }
}

/// Ranks as the source `near` does without a place in the request: Σ over the history of what nearness counts.
struct NearRanker: Ranker {
  let itemCount: Int
  private let directions: [Direction?]
  private let proximity: Proximity

  init(places: [GeoPoint?], itemCount: Int, _ proximity: Proximity) {
    self.itemCount = itemCount
    self.proximity = proximity
    directions = (0..<itemCount).map { $0 < places.count ? places[$0]?.direction : nil }
  }

  func makeScratch() {}

  /// O(history · items).
  func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    for (index, query) in queries.enumerated() {
      let scores = output + index * itemCount
      scores.update(repeating: 0, count: itemCount)
      for (place, taken) in query.pairItems.enumerated() {
        guard let centre = directions[Int(taken)] else { continue }
        for item in 0..<itemCount {
          guard let direction = directions[item] else { continue }
          scores[item] +=
            query.pairConfidences[place] * proximity.score(kilometres: centre.kilometres(to: direction))
        }
      }
    }
  }
}
