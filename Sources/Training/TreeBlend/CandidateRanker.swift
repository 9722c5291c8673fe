import Models
import Vocabulary

/// Ranks as the read path does: candidates of every source in the order of fusion, and with trees the best of
/// them in the order of the trees. What is no candidate scores zero.
struct CandidateRanker: Ranker {
  private let sources: BlendSources
  private let trees: TreeTable?
  private let repeats: RepeatRanker?

  /// - Parameters:
  ///   - trees: nil for fusion alone.
  ///   - repeats: ranks what the user had before: then seen items are candidates, as in a list that may show them.
  init(_ sources: BlendSources, trees: TreeTable?, repeats: RepeatRanker? = nil) {
    self.sources = sources
    self.trees = trees
    self.repeats = repeats
  }

  var itemCount: Int { sources.itemCount }

  func makeScratch() -> BlendSources.Scratch { sources.makeScratch() }

  func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: BlendSources.Scratch) {
    sources.ials.score(queries, into: output, scratch: scratch.factors)
    for (index, query) in queries.enumerated() {
      let scores = output + index * itemCount
      let candidates = sources.candidates(
        query, ialsScores: scores, seen: repeats == nil ? .excluded : .allowed,
        repeats: repeats?.best(query) ?? [], scratch: scratch)
      scores.update(repeating: 0, count: itemCount)
      // Below every share that trees give, and in fusion's order.
      let top = candidates.first.map(\.fused) ?? 1
      for candidate in candidates {
        scores[Int(candidate.row)] = Float(candidate.fused / (2 * top))
      }
      guard let trees else { continue }
      let pool = candidates.prefix(BlendRules.poolSize)
      for (candidate, margin) in zip(pool, Self.margins(pool, trees)) {
        scores[Int(candidate.row)] = Float(1 + TreeTable.share(margin))
      }
    }
  }

  /// The trees' log odds of each candidate.
  static func margins(_ pool: ArraySlice<BlendSources.Pooled>, _ trees: TreeTable) -> [Float] {
    var features = [Float](repeating: 0, count: pool.count * BlendFeature.count)
    var margins = [Float](repeating: 0, count: pool.count)
    features.withUnsafeMutableBufferPointer { features in
      margins.withUnsafeMutableBufferPointer { margins in
        guard let base = features.baseAddress, let target = margins.baseAddress else { return }
        for (place, candidate) in pool.enumerated() {
          candidate.state.write(into: base + place * BlendFeature.count)
        }
        trees.evaluate(base, count: pool.count, into: target)
      }
    }
    return margins
  }
}
