import Glibc

/// How one model's scores for one query become comparable with another's. Fusion by sums of normalised scores is
/// Fox and Shaw, "Combination of multiple searches" (TREC-2, 1994); by reciprocal ranks Cormack, Clarke and Buettcher
/// (SIGIR 2009).
package enum ScoreScale: String, Sendable, Hashable, CaseIterable {
  /// (score − mean) / deviation over the candidates.
  case deviation
  /// score / largest score; models without a positive score give zeros.
  case maximum
  /// 60 / (60 + rank) for the best `ranksMax` candidates with a positive distance from the lowest score, else 0.
  case reciprocalRank

  /// Ranks that count; further down a model says nothing worth adding.
  package static let ranksMax = 1000

  /// Rescales in place. O(items), with a logarithm for ranks.
  ///
  /// - Parameter left: the items of the query that are no candidates; they are rescaled with the others but
  ///   do not shape the scale.
  func apply(_ scores: UnsafeMutablePointer<Float>, count: Int, leavingOut left: [UInt32], ranks: TopList) {
    switch self {
    case .deviation:
      var (sum, square) = (0.0, 0.0)
      for item in 0..<count {
        sum += Double(scores[item])
        square += Double(scores[item]) * Double(scores[item])
      }
      for item in left {
        sum -= Double(scores[Int(item)])
        square -= Double(scores[Int(item)]) * Double(scores[Int(item)])
      }
      let candidates = Double(max(1, count - left.count))
      let mean = sum / candidates
      let deviation = max(0, square / candidates - mean * mean).squareRoot()
      let scale = deviation > 0 && deviation.isFinite ? Float(1 / deviation) : 0
      for item in 0..<count { scores[item] = (scores[item] - Float(mean)) * scale }
    case .maximum:
      let saved = left.map { scores[Int($0)] }
      for item in left { scores[Int(item)] = 0 }
      var largest: Float = 0
      for item in 0..<count { largest = max(largest, scores[item]) }
      for (item, value) in zip(left, saved) { scores[Int(item)] = value }
      let scale = largest > 0 && largest.isFinite ? 1 / largest : 0
      for item in 0..<count { scores[item] *= scale }
    case .reciprocalRank:
      var lowest = Float.infinity
      for item in 0..<count { lowest = min(lowest, scores[item]) }
      for item in left { scores[Int(item)] = lowest }
      for item in 0..<count where scores[item] > lowest {
        ranks.offer(UInt32(truncatingIfNeeded: item), scores[item])
      }
      scores.update(repeating: 0, count: count)
      let found = ranks.count
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, found)) { rows in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, found)) { values in
          guard let rows = rows.baseAddress, let values = values.baseAddress else { return }
          ranks.drain(rows: rows, scores: values)
          for place in 0..<found { scores[Int(rows[place])] = 60 / Float(61 + place) }
        }
      }
    }
  }
}
