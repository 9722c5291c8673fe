import Vocabulary

/// A user as a reader sees it: a copy that shares its arrays with the table until the writer changes them.
package struct UserState: Sendable, Hashable {
  package var profile: UserProfile
  /// Oldest first by event time, at most `Limits.historyEventsMax`.
  package var history: [HistoryEvent]
  /// Distinct items in order of first contact, at most `Limits.userItemsMax`.
  package var items: [UserItem]
  /// The newest rating of each item, in order of first rating, at most `Limits.userRatingsMax`.
  package var ratings: [UserRating]
  /// Oldest first, the newest `Limits.impressionsMax`.
  package var impressions: [Impression]
  package var eventCount: UInt64
  /// Position of the newest change contained.
  package var position: Position

  package init(_ record: UserRecord) {
    profile = record.profile
    history = record.history
    items = record.items
    ratings = record.ratings
    impressions = record.impressions
    eventCount = record.eventCount
    position = record.position
  }
}
