import Vocabulary

/// What the learned blend knows of a candidate, in the order in which trees number it.
///
/// The one definition for trainer and daemon. The names are stored with the trees, and a generation whose list
/// differs from this one is refused: trees over other numbers would rank nonsense without a sign of it. Adding,
/// removing or redefining a feature therefore needs a new name.
package enum BlendFeature: Int, CaseIterable, Sendable {
  /// Score relative to the best that popularity offered to this request.
  case popularShare
  /// One over the rank, 0 if the source did not name the item; so for each source.
  case popularRank
  case popularPresent
  /// The raw score, 0 if the source did not name the item; so for the other sources.
  case transitionsScore
  case transitionsShare
  case transitionsRank
  case transitionsPresent
  case cooccurrenceScore
  case cooccurrenceShare
  case cooccurrenceRank
  case cooccurrencePresent
  case ialsScore
  case ialsShare
  case ialsRank
  case ialsPresent
  /// How many of the six sources named the item.
  case sources
  /// log₂(1 + positive events of the item over all time), as of the training of the sources.
  case itemPopularity
  /// log₂(1 + days since the item's first event), as of the training of the sources.
  case itemAge
  /// log₂(1 + distinct items of the user's history that the factor model knows).
  case historyLength
  /// The transition score from the newest item of the history straight to this one.
  case lastTransition
  /// The same of co-occurrence.
  case lastCooccurrence
  case linearScore
  case linearShare
  case linearRank
  case linearPresent
  case similarUsersScore
  case similarUsersShare
  case similarUsersRank
  case similarUsersPresent

  package static var count: Int { allCases.count }

  /// The stored name.
  package var name: String {
    switch self {
    case .popularShare: "popular-share"
    case .popularRank: "popular-rank"
    case .popularPresent: "popular-present"
    case .transitionsScore: "transitions-score"
    case .transitionsShare: "transitions-share"
    case .transitionsRank: "transitions-rank"
    case .transitionsPresent: "transitions-present"
    case .cooccurrenceScore: "cooccurrence-score"
    case .cooccurrenceShare: "cooccurrence-share"
    case .cooccurrenceRank: "cooccurrence-rank"
    case .cooccurrencePresent: "cooccurrence-present"
    case .ialsScore: "ials-score"
    case .ialsShare: "ials-share"
    case .ialsRank: "ials-rank"
    case .ialsPresent: "ials-present"
    case .sources: "sources"
    case .itemPopularity: "item-popularity"
    case .itemAge: "item-age"
    case .historyLength: "history-length"
    case .lastTransition: "last-transition"
    case .lastCooccurrence: "last-cooccurrence"
    case .linearScore: "linear-score"
    case .linearShare: "linear-share"
    case .linearRank: "linear-rank"
    case .linearPresent: "linear-present"
    case .similarUsersScore: "similar-users-score"
    case .similarUsersShare: "similar-users-share"
    case .similarUsersRank: "similar-users-rank"
    case .similarUsersPresent: "similar-users-present"
    }
  }
}
