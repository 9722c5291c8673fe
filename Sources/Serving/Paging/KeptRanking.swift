import LiveState
import Vocabulary

/// A ranking as it stood when its first page was asked for: what further pages are cut from. Immutable, 8 bytes an item.
package struct KeptRanking: Sendable {
  struct Entry: Sendable {
    var item: ItemIndex
    var score: Float
  }

  /// Best first, each item once.
  let entries: [Entry]
  let generation: GenerationNumber
  let position: Position
  let configurationHash: UInt64
  let seed: UInt64
  /// Of the first page; those of the others follow from it.
  let token: RecommendationToken

  package var count: Int { entries.count }
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
