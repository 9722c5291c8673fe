import Vocabulary

/// What users did with items, ready for the models: dense numbers instead of identifiers, the events of one
/// user side by side in time order, users grouped by shard.
///
/// Numbers of items ("rows") are in order of first appearance and do not depend on the shards. A user's
/// shard is `StableHash` of the identifier modulo the number of shards; within a shard users are in order of
/// first appearance.
package struct Interactions: Sendable {
  /// Identifier of each item row. Rows without any event are items known from the catalogue only.
  package let items: [ItemIdentifier]
  package let users: [UserIdentifier]
  /// Users of shard s: `shardStart[s]..<shardStart[s + 1]`.
  package let shardStart: [Int]
  /// Events of user u: `eventStart[u]..<eventStart[u + 1]`, oldest first; at equal times in log order.
  package let eventStart: [Int]
  package let eventItem: [UInt32]
  /// Microseconds since 1970.
  package let eventTime: [Int64]
  /// Weight of the event's type; negative for turning away, never zero.
  package let eventWeight: [Float]
  package let eventType: [EventType]
  /// Rating, quantity or share, as sent.
  package let eventValue: [Float]
  /// A hash of the session's identifier; zero without one.
  package let eventSession: [UInt32]
  /// Time of the newest event; `Int64.min` without any.
  package let newestTime: Int64
  /// Countries, categories and the like; empty where nothing is known of them.
  package let segments: SegmentMembership
  /// What items say of themselves; empty where nothing is known.
  package let content: ContentFeatures

  /// Columns that were laid out elsewhere, as evaluation on files does.
  /// REQUIRES: what the columns' comments say; events of a user in time order.
  package init(
    items: [ItemIdentifier], users: [UserIdentifier], shardStart: [Int], eventStart: [Int],
    eventItem: [UInt32], eventTime: [Int64], eventWeight: [Float], eventType: [EventType],
    eventValue: [Float], eventSession: [UInt32], newestTime: Int64,
    segments: SegmentMembership = SegmentMembership(), content: ContentFeatures = ContentFeatures()
  ) {
    self.items = items
    self.users = users
    self.shardStart = shardStart
    self.eventStart = eventStart
    self.eventItem = eventItem
    self.eventTime = eventTime
    self.eventWeight = eventWeight
    self.eventType = eventType
    self.eventValue = eventValue
    self.eventSession = eventSession
    self.newestTime = newestTime
    self.segments = segments
    self.content = content
  }

  package var userCount: Int { users.count }
  package var itemCount: Int { items.count }
  package var eventCount: Int { eventItem.count }
  package var shardCount: Int { shardStart.count - 1 }

  package func events(of user: Int) -> Range<Int> { eventStart[user]..<eventStart[user + 1] }
  package func users(ofShard shard: Int) -> Range<Int> { shardStart[shard]..<shardStart[shard + 1] }

  /// Bytes of one event in these columns: item, time, weight, type, value, session.
  package static let bytesPerEvent = 4 + 8 + 4 + 1 + 4 + 4

  /// The same users and items with only the events for which `keeps` (given the event's place) is true.
  /// O(events).
  package func filtered(_ keeps: (Int) -> Bool) -> Interactions {
    var start = [0]
    start.reserveCapacity(userCount + 1)
    var kept: [Int] = []
    var newest = Int64.min
    for user in 0..<userCount {
      for event in events(of: user) where keeps(event) {
        kept.append(event)
        newest = max(newest, eventTime[event])
      }
      start.append(kept.count)
    }
    return Interactions(
      items: items, users: users, shardStart: shardStart, eventStart: start,
      eventItem: kept.map { eventItem[$0] }, eventTime: kept.map { eventTime[$0] },
      eventWeight: kept.map { eventWeight[$0] }, eventType: kept.map { eventType[$0] },
      eventValue: kept.map { eventValue[$0] }, eventSession: kept.map { eventSession[$0] },
      newestTime: newest, segments: segments, content: content)
  }
}
