import Vocabulary

/// Collects changes in log order and turns them into `Interactions`.
///
/// Not thread-safe. Reading is one pass; everything after it works on the finished columns.
package struct InteractionsBuilder {
  private let weights: EventWeights
  private var userNumbers: [UserIdentifier: UInt32] = [:]
  private var users: [UserIdentifier] = []
  private var itemNumbers: [ItemIdentifier: UInt32] = [:]
  private var items: [ItemIdentifier] = []
  private var isDeleted: [Bool] = []
  private var identifierBytes = 0
  private var segments: SegmentCollector
  private var content: ContentCollector

  private var eventUser: [UInt32] = []
  private var eventItem: [UInt32] = []
  private var eventTime: [Int64] = []
  private var eventType: [EventType] = []
  private var eventValue: [Float] = []
  private var eventSession: [UInt32] = []

  /// - Parameters:
  ///   - segmentAttributes: user attributes by which popularity is split.
  ///   - contentBytesMax: memory for what items say of themselves; 0 reads none of it.
  package init(weights: EventWeights, segmentAttributes: [String] = [], contentBytesMax: UInt64 = 0) {
    self.weights = weights
    content = ContentCollector(bytesMax: contentBytesMax)
    segments = SegmentCollector(attributes: segmentAttributes)
  }

  /// Events kept so far.
  package var eventCount: Int { eventItem.count }
  package var userCount: Int { users.count }
  package var itemCount: Int { items.count }

  /// What `finish` will need at its peak, were it called now; see `MemoryFormula`.
  package var bytes: UInt64 {
    MemoryFormula.reading(
      events: eventCount, users: userCount, items: itemCount, identifierBytes: identifierBytes,
      segmentBytes: segments.bytes + content.bytes)
  }

  /// What reading everything may need if the rest of the log is like the share that was read; for messages.
  func projectedBytes(share: Double) -> UInt64 {
    let factor = 1 / max(share, 0.01)
    func grown(_ count: Int) -> Int { Int(exactly: (Double(count) * factor).rounded()) ?? .max >> 16 }
    return MemoryFormula.reading(
      events: grown(eventCount), users: grown(userCount), items: grown(itemCount),
      identifierBytes: grown(identifierBytes), segmentBytes: segments.bytes + content.bytes)
  }

  /// Adds one change of the log.
  package mutating func apply(_ change: LogEntry.Change) {
    switch change {
    case .event(let event):
      // Types of weight zero (impressions, searches) say nothing the models here can use.
      guard weights[event.type] != 0, let item = event.item else { return }
      add(
        user: event.user, item: item, time: event.time, type: event.type, value: event.value,
        session: event.session.map { Self.sessionHash($0.bytes) } ?? 0)
    case .putItem(let item):
      let number = Int(number(of: item.id))
      isDeleted[number] = false
      segments.put(item, item: number)
      content.put(item, item: number)
    case .deleteItem(let id):
      let number = Int(number(of: id))
      isDeleted[number] = true
      content.put(nil, item: number)
    case .putUser(let profile):
      // A user who says nothing about segments needs no number, unless an earlier profile did.
      if userNumbers[profile.id] != nil || segments.concerns(profile) {
        segments.put(profile, user: Int(number(of: profile.id)))
      }
    }
  }

  /// Adds one event directly. Types of weight zero must be left out by the caller.
  package mutating func add(
    user: UserIdentifier, item: ItemIdentifier, time: Timestamp, type: EventType, value: Float = 1,
    session: UInt32 = 0
  ) {
    eventUser.append(number(of: user))
    eventItem.append(number(of: item))
    eventTime.append(time.microseconds)
    eventType.append(type)
    eventValue.append(value)
    eventSession.append(session)
  }

  private static func sessionHash(_ bytes: [UInt8]) -> UInt32 {
    max(1, UInt32(truncatingIfNeeded: StableHash.of(bytes)))
  }

  private mutating func number(of user: UserIdentifier) -> UInt32 {
    if let number = userNumbers[user] { return number }
    let number = UInt32(truncatingIfNeeded: users.count)
    userNumbers[user] = number
    users.append(user)
    identifierBytes += user.bytes.count
    return number
  }

  private mutating func number(of item: ItemIdentifier) -> UInt32 {
    if let number = itemNumbers[item] { return number }
    let number = UInt32(truncatingIfNeeded: items.count)
    itemNumbers[item] = number
    items.append(item)
    isDeleted.append(false)
    identifierBytes += item.bytes.count
    return number
  }

  /// Numbers what is left after deletions and lays the events out. O(events · log) at worst, O(events) for
  /// users whose events arrived in time order.
  /// - Parameter shards: at least 1.
  package consuming func finish(shards: Int) -> Interactions {
    let shards = max(1, shards)
    userNumbers = [:]
    itemNumbers = [:]
    var rowOf = [UInt32](repeating: .max, count: items.count)
    var keptItems: [ItemIdentifier] = []
    var keptNumbers: [Int] = []
    keptItems.reserveCapacity(items.count)
    for item in items.indices where !isDeleted[item] {
      rowOf[item] = UInt32(truncatingIfNeeded: keptItems.count)
      keptItems.append(items[item])
      keptNumbers.append(item)
    }

    var counts = [Int](repeating: 0, count: users.count)
    for event in eventItem.indices where rowOf[Int(eventItem[event])] != .max {
      counts[Int(eventUser[event])] += 1
    }
    let (order, shardStart) = Self.shardOrder(users: users, counts: counts, shards: shards)
    var placeOf = [Int](repeating: -1, count: users.count)
    var eventStart = [0]
    eventStart.reserveCapacity(order.count + 1)
    for (place, user) in order.enumerated() {
      placeOf[user] = place
      eventStart.append(eventStart[place] + counts[user])
    }

    // Counting sort by user keeps log order; then each user's events are put into time order.
    var next = eventStart
    var sorted = [Int](repeating: 0, count: eventStart[order.count])
    for event in eventItem.indices where rowOf[Int(eventItem[event])] != .max {
      let place = placeOf[Int(eventUser[event])]
      sorted[next[place]] = event
      next[place] += 1
    }
    for place in order.indices {
      let range = eventStart[place]..<eventStart[place + 1]
      let inOrder = range.dropFirst().allSatisfy { eventTime[sorted[$0 - 1]] <= eventTime[sorted[$0]] }
      if !inOrder {
        sorted[range].sort { (eventTime[$0], $0) < (eventTime[$1], $1) }
      }
    }
    return Interactions(
      items: keptItems, users: order.map { users[$0] }, shardStart: shardStart, eventStart: eventStart,
      eventItem: sorted.map { rowOf[Int(eventItem[$0])] }, eventTime: sorted.map { eventTime[$0] },
      eventWeight: sorted.map { weights[eventType[$0]] }, eventType: sorted.map { eventType[$0] },
      eventValue: sorted.map { eventValue[$0] }, eventSession: sorted.map { eventSession[$0] },
      newestTime: sorted.lazy.map { eventTime[$0] }.max() ?? .min,
      segments: segments.finish(users: order, items: keptNumbers), content: content.finish(items: keptNumbers)
    )
  }

  /// Users with events, grouped by shard, each group in order of first appearance.
  private static func shardOrder(users: [UserIdentifier], counts: [Int], shards: Int) -> ([Int], [Int]) {
    var members = [[Int]](repeating: [], count: shards)
    for user in users.indices where counts[user] > 0 {
      members[Int(StableHash.of(users[user].bytes) % UInt64(shards))].append(user)
    }
    var start = [0]
    for shard in members { start.append(start[start.count - 1] + shard.count) }
    return (members.flatMap { $0 }, start)
  }
}
