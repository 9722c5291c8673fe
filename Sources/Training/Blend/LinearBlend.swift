import Kernels

/// Ranks by a weighted sum of other models' rescaled scores.
package struct LinearBlend: Ranker {
  /// One model of a blend.
  package struct Part: Sendable {
    package let name: String
    package let ranker: RankerBox
    package var weight: Double

    package init(name: String, ranker: some Ranker, weight: Double = 1) {
      self.name = name
      self.ranker = RankerBox(ranker)
      self.weight = weight
    }
  }

  package let parts: [Part]
  package let scale: ScoreScale
  /// Whether the query's own items are candidates; those that are not do not shape the scale.
  package let seenRule: SeenRule

  /// REQUIRES: at least one part, all over the same items.
  package init(_ parts: [Part], scale: ScoreScale, seenRule: SeenRule) {
    precondition(!parts.isEmpty, "a blend of nothing")
    precondition(
      parts.allSatisfy { $0.ranker.itemCount == parts[0].ranker.itemCount }, "models over different items")
    self.parts = parts
    self.scale = scale
    self.seenRule = seenRule
  }

  package var itemCount: Int { parts[0].ranker.itemCount }

  package struct Scratch: Sendable {
    let parts: [RankerBox.Scratch]
    let scores: SharedArray<Float>
    let ranks: TopList
  }

  package func makeScratch() -> Scratch {
    Scratch(
      parts: parts.map { $0.ranker.makeScratch() },
      scores: SharedArray(repeating: 0, count: Evaluator.batchQueries * itemCount),
      ranks: TopList(width: ScoreScale.ranksMax))
  }

  /// REQUIRES: at most `Evaluator.batchQueries` queries.
  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Scratch) {
    let count = itemCount
    output.update(repeating: 0, count: queries.count * count)
    for (place, part) in parts.enumerated() where part.weight != 0 {
      part.ranker.score(queries, into: scratch.scores.pointer, scratch: scratch.parts[place])
      for (index, query) in queries.enumerated() {
        let scores = scratch.scores.pointer + index * count
        rescale(scores, query, scratch)
        Vectors.add(
          Float(part.weight), times: UnsafeBufferPointer(start: scores, count: count),
          to: UnsafeMutableBufferPointer(start: output + index * count, count: count))
      }
    }
  }

  func rescale(_ scores: UnsafeMutablePointer<Float>, _ query: Query, _ scratch: Scratch) {
    scale.apply(
      scores, count: itemCount, leavingOut: seenRule == .excluded ? Array(query.pairItems) : [],
      ranks: scratch.ranks)
  }
}
