import Glibc
import Vocabulary

/// The raw state from which the features of one candidate follow.
///
/// Trainer and daemon fill it each from their own tables; what is made of it happens here, once.
package struct BlendCandidate: Sendable, Hashable {
  /// One source's word on the candidate.
  package struct Opinion: Sendable, Hashable {
    /// From 1; 0 means that the source did not name the item.
    package var rank: UInt32 = 0
    package var score: Float = 0
    /// The score of the source's first candidate in this request.
    package var best: Float = 0

    package init() {}

    package init(rank: UInt32, score: Float, best: Float) {
      self.rank = rank
      self.score = score
      self.best = best
    }
  }

  package var popular = Opinion()
  package var transitions = Opinion()
  package var cooccurrence = Opinion()
  package var ials = Opinion()
  package var linear = Opinion()
  package var similarUsers = Opinion()
  /// See `BlendStatistics`.
  package var itemPopularity: Float = 0
  package var itemAge: Float = 0
  /// Distinct items folded in for this user, at most `Limits.foldInItemsMax` count.
  package var historyItems = 0
  package var lastTransition: Float = 0
  package var lastCooccurrence: Float = 0

  package init() {}

  /// Writes `BlendFeature.count` values, all of them finite if what it holds is. O(1), allocates nothing.
  @inline(__always)
  package func write(into row: UnsafeMutablePointer<Float>) {
    func put(_ feature: BlendFeature, _ value: Float) { row[feature.rawValue] = value }
    put(.popularShare, Self.share(popular))
    put(.popularRank, Self.reciprocal(popular))
    put(.popularPresent, Self.presence(popular))
    put(.transitionsScore, Self.score(transitions))
    put(.transitionsShare, Self.share(transitions))
    put(.transitionsRank, Self.reciprocal(transitions))
    put(.transitionsPresent, Self.presence(transitions))
    put(.cooccurrenceScore, Self.score(cooccurrence))
    put(.cooccurrenceShare, Self.share(cooccurrence))
    put(.cooccurrenceRank, Self.reciprocal(cooccurrence))
    put(.cooccurrencePresent, Self.presence(cooccurrence))
    put(.ialsScore, Self.score(ials))
    put(.ialsShare, Self.share(ials))
    put(.ialsRank, Self.reciprocal(ials))
    put(.ialsPresent, Self.presence(ials))
    put(
      .sources,
      Self.presence(popular) + Self.presence(transitions) + Self.presence(cooccurrence) + Self.presence(ials)
        + Self.presence(linear) + Self.presence(similarUsers))
    put(.itemPopularity, itemPopularity)
    put(.itemAge, itemAge)
    put(.historyLength, log2f(1 + Float(min(historyItems, Limits.foldInItemsMax))))
    put(.lastTransition, lastTransition)
    put(.lastCooccurrence, lastCooccurrence)
    put(.linearScore, Self.score(linear))
    put(.linearShare, Self.share(linear))
    put(.linearRank, Self.reciprocal(linear))
    put(.linearPresent, Self.presence(linear))
    put(.similarUsersScore, Self.score(similarUsers))
    put(.similarUsersShare, Self.share(similarUsers))
    put(.similarUsersRank, Self.reciprocal(similarUsers))
    put(.similarUsersPresent, Self.presence(similarUsers))
  }

  private static func score(_ opinion: Opinion) -> Float { opinion.rank > 0 ? opinion.score : 0 }
  private static func presence(_ opinion: Opinion) -> Float { opinion.rank > 0 ? 1 : 0 }
  private static func reciprocal(_ opinion: Opinion) -> Float {
    opinion.rank > 0 ? 1 / Float(opinion.rank) : 0
  }
  private static func share(_ opinion: Opinion) -> Float {
    opinion.rank > 0 && opinion.best > 0 ? opinion.score / opinion.best : 0
  }
}

/// What the blend knows of items besides the sources: one number of each kind for each row, already on the scale
/// of the features.
package struct BlendStatistics: Sendable, Hashable {
  package var popularity: [Float]
  package var age: [Float]

  /// REQUIRES: as many elements in both.
  /// - Parameters:
  ///   - counts: positive events of each row.
  ///   - ageDays: days from the row's first event to the newest event of all; 0 without one.
  package init(counts: [UInt32], ageDays: [Double]) {
    precondition(counts.count == ageDays.count, "one age for each item")
    popularity = counts.map { log2f(1 + Float($0)) }
    age = ageDays.map { log2f(1 + Float(max(0, $0))) }
  }

  /// Numbers as a generation stores them. REQUIRES: as many elements in both.
  package init(logPopularity: [Float], logAge: [Float]) {
    precondition(logPopularity.count == logAge.count, "one age for each item")
    popularity = logPopularity
    age = logAge
  }
}

/// Numbers that trainer and daemon must share for trees to mean the same in both.
package enum BlendRules {
  /// The best of fusion that trees put in a new order. More candidates than anyone looks at, few enough that the
  /// trees cost a fraction of a millisecond; fusion's order below is good enough.
  package static let poolSize = 200
}
