/// The place of an item in its tenant's tables: dense, from 0, never reused. Not an identifier: it means
/// nothing outside one data directory.
package struct ItemIndex: Hashable, Comparable, Sendable {
  package let value: UInt32

  package init(_ value: UInt32) { self.value = value }

  package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// One event in a user's recent history. 16 bytes, because there are many.
package struct HistoryEvent: Hashable, Sendable {
  package var item: ItemIndex
  /// Seconds since 1970, unsigned: good until 2106.
  package var seconds: UInt32
  package var value: Float
  package var type: EventType

  package init(item: ItemIndex, seconds: UInt32, value: Float, type: EventType) {
    self.item = item
    self.seconds = seconds
    self.value = value
    self.type = type
  }
}

/// What a user has to do with one item over all time. 16 bytes.
package struct UserItem: Hashable, Sendable {
  package var item: ItemIndex
  /// Time of the newest positive event, seconds since 1970.
  package var seconds: UInt32
  /// Sum of the weights of all events, negative ones included.
  package var weight: Float
  /// Positive events; stays at the top once there.
  package var count: UInt32

  package init(item: ItemIndex, seconds: UInt32, weight: Float, count: UInt32) {
    self.item = item
    self.seconds = seconds
    self.weight = weight
    self.count = count
  }
}

/// The newest rating a user gave one item. 12 bytes.
package struct UserRating: Hashable, Sendable {
  package var item: ItemIndex
  /// Seconds since 1970.
  package var seconds: UInt32
  package var value: Float

  package init(item: ItemIndex, seconds: UInt32, value: Float) {
    self.item = item
    self.seconds = seconds
    self.value = value
  }
}

/// One time an item was shown to a user. 8 bytes.
package struct Impression: Hashable, Sendable {
  package var item: ItemIndex
  /// Seconds since 1970.
  package var seconds: UInt32

  package init(item: ItemIndex, seconds: UInt32) {
    self.item = item
    self.seconds = seconds
  }
}

/// Everything kept of one user: what LevelDB stores and memory holds.
package struct UserRecord: Hashable, Sendable {
  package var profile: UserProfile
  /// Position of the newest change contained here; replay skips what is not newer.
  package var position: Position
  package var eventCount: UInt64
  /// Oldest first, at most `Limits.historyEventsMax`.
  package var history: [HistoryEvent]
  /// In order of first contact, at most `Limits.userItemsMax`; then the longest untouched leaves first.
  package var items: [UserItem]
  /// In order of first rating, at most `Limits.userRatingsMax`; then the oldest leaves first.
  package var ratings: [UserRating]
  /// Oldest first, the newest `Limits.impressionsMax`.
  package var impressions: [Impression]

  package init(id: UserIdentifier) {
    profile = UserProfile(id: id)
    position = .zero
    eventCount = 0
    history = []
    items = []
    ratings = []
    impressions = []
  }
}

/// Everything kept of one item.
package struct ItemRecord: Hashable, Sendable {
  package var index: ItemIndex
  package var id: ItemIdentifier
  package var position: Position
  /// Nil while the item is known from events only, or after it was deleted.
  package var item: Item?
  package var isDeleted: Bool
  package var eventCount: UInt64
  /// Decayed count of positive events and the moment it is valid for; see LiveState for the half-life.
  package var trend: Float
  package var trendSeconds: UInt32
  /// Position of the first put or event: newer items have larger ones.
  package var firstPosition: Position
  /// Events by type.
  package var counts = EventCounts()

  package init(index: ItemIndex, id: ItemIdentifier, firstPosition: Position) {
    self.index = index
    self.id = id
    position = firstPosition
    item = nil
    isDeleted = false
    eventCount = 0
    trend = 0
    trendSeconds = 0
    self.firstPosition = firstPosition
  }
}

/// A list ranked by one model: `items[i]` has `scores[i]`, best first.
package struct RankedItems: Sendable, Hashable {
  package var items: [ItemIndex] = []
  package var scores: [Float] = []
  package init() {}
}
