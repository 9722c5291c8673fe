import LiveState
import Vocabulary

/// A ranking as it stood when its first page was asked for: what further pages are cut from. 8 bytes an item, and 5
/// more where places were given by configuration or chance.
package struct KeptRanking: Sendable {
  struct Entry: Sendable {
    var item: ItemIndex
    var score: Float
  }

  /// Best first, each item once.
  let entries: [Entry]
  /// How each came to its place; empty where all did by their score.
  let placements: [Placement]
  /// How probable each was at its place; empty where no chance was used.
  let propensities: [Float]
  let generation: GenerationNumber
  let position: Position
  let configurationHash: UInt64
  let seed: UInt64
  /// Of the first page; those of the others follow from it.
  let token: RecommendationToken
  /// What the ranking was made of besides; nil where it cannot be made again.
  package let provenance: Provenance?
  /// The request that began it, for tokens of later pages; nil where it is too large to be kept.
  package var first: ReplayPlan.Question?

  package var count: Int { entries.count }
  package var bytes: Int { 8 * entries.count + placements.count + 4 * propensities.count }
}

/// Which page of a list a request is about.
package enum PageTurn: Sendable {
  /// The list has one page.
  case only
  /// The first of several: the rest of the ranking is wanted, too.
  case first
  /// One of the others, from this place of the ranking on.
  case next(KeptRanking, from: Int)
}

/// What a request leaves behind for the next page.
package struct PageRest: Sendable {
  /// Filled after a first page that is not the last.
  package var ranking: KeptRanking?
  /// The place where the next page begins; nil after the last one.
  package var place: Int?
}
