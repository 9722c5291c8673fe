import LiveState
import Vocabulary

/// What the live state should be, worked out the slow and obvious way: no shards, no caps kept incrementally where
/// they can be computed at the end, no snapshots.
struct NaiveState {
  struct User {
    var profile: UserProfile
    var position = Position.zero
    var eventCount: UInt64 = 0
    var contacts: [(order: Int, event: HistoryEvent)] = []
    var items: [UserItem] = []
    var shown: [(order: Int, impression: Impression)] = []

    /// Newest impressions by time, then by arrival.
    var impressions: [Impression] {
      let sorted = shown.sorted { ($0.impression.seconds, $0.order) < ($1.impression.seconds, $1.order) }
      return sorted.suffix(Limits.impressionsMax).map(\.impression)
    }

    /// Of each item the rating with the newest time, of those the last to arrive; in order of first rating.
    var ratings: [UserRating] {
      let rated = contacts.filter { $0.event.type == .rate }
      var order: [ItemIndex] = []
      for contact in rated where !order.contains(contact.event.item) { order.append(contact.event.item) }
      return order.compactMap { item in
        rated.filter { $0.event.item == item }.max {
          ($0.event.seconds, $0.order) < ($1.event.seconds, $1.order)
        }.map { UserRating(item: item, seconds: $0.event.seconds, value: $0.event.value) }
      }
    }

    /// Newest events by time, then by arrival.
    var history: [HistoryEvent] {
      let sorted = contacts.sorted { ($0.event.seconds, $0.order) < ($1.event.seconds, $1.order) }
      return sorted.suffix(Limits.historyEventsMax).map(\.event)
    }
  }

  struct Entry {
    var id: ItemIdentifier
    var position = Position.zero
    var firstPosition: Position
    var item: Item?
    var isDeleted = false
    var eventCount: UInt64 = 0
    var types: [EventType] = []
    var positives: [UInt32] = []

    var mayBeShown: Bool { !isDeleted && item?.isHidden != true && (item?.stock ?? 1) > 0 }

    /// Positive events, halved for every half-life between them and `seconds`.
    func trend(at seconds: UInt32) -> Double {
      var sum = 0.0
      for time in positives {
        var weight = 1.0
        var age = Double(seconds) - Double(time)
        while age >= Trend.halfLifeSeconds {
          weight /= 2
          age -= Trend.halfLifeSeconds
        }
        sum += weight * Self.half(toThe: age / Trend.halfLifeSeconds)
      }
      return sum
    }

    /// 2 to the power of -x for 0 <= x < 1 by its series, so that the test shares no exponential with the code.
    private static func half(toThe x: Double) -> Double {
      let y = -x * 0.693_147_180_559_945_3
      var term = 1.0
      var sum = 1.0
      for n in 1..<24 {
        term *= y / Double(n)
        sum += term
      }
      return sum
    }
  }

  let weights: EventWeights
  var users: [UserIdentifier: User] = [:]
  var entries: [Entry] = []
  var indices: [ItemIdentifier: Int] = [:]
  private var order = 0

  init(weights: EventWeights) { self.weights = weights }

  mutating func apply(_ change: LogEntry.Change, at position: Position) {
    order += 1
    switch change {
    case .putUser(let profile):
      users[profile.id, default: User(profile: UserProfile(id: profile.id))].profile = profile
      users[profile.id]?.position = position
    case .putItem(let item):
      let index = findOrAdd(item.id, position)
      entries[index].item = item
      entries[index].isDeleted = false
      entries[index].position = position
    case .deleteItem(let id):
      guard let index = indices[id] else { return }
      entries[index].item = nil
      entries[index].isDeleted = true
      entries[index].position = position
    case .event(let event):
      let weight = weights[event.type]
      let seconds = UInt32(event.time.seconds)
      var user = users[event.user] ?? User(profile: UserProfile(id: event.user))
      user.position = position
      user.eventCount += 1
      if let id = event.item {
        let index = findOrAdd(id, position)
        entries[index].position = position
        entries[index].eventCount += 1
        entries[index].types.append(event.type)
        if weight > 0 { entries[index].positives.append(seconds) }
        let item = ItemIndex(UInt32(index))
        if event.type == .impression {
          user.shown.append((order, Impression(item: item, seconds: seconds)))
        } else {
          user.contacts.append(
            (order, HistoryEvent(item: item, seconds: seconds, value: event.value, type: event.type)))
          Self.touch(&user.items, item, seconds, weight)
        }
      }
      users[event.user] = user
    }
  }

  private static func touch(_ items: inout [UserItem], _ item: ItemIndex, _ seconds: UInt32, _ weight: Float)
  {
    let isPositive = weight > 0
    if let place = items.firstIndex(where: { $0.item == item }) {
      if isPositive {
        items[place].seconds = items[place].count == 0 ? seconds : max(items[place].seconds, seconds)
        items[place].count += 1
      } else if items[place].count == 0 {
        items[place].seconds = max(items[place].seconds, seconds)
      }
      items[place].weight += weight
      return
    }
    if items.count == Limits.userItemsMax, let oldest = items.map(\.seconds).min(),
      let place = items.firstIndex(where: { $0.seconds == oldest })
    {
      items.remove(at: place)
    }
    items.append(UserItem(item: item, seconds: seconds, weight: weight, count: isPositive ? 1 : 0))
  }

  private mutating func findOrAdd(_ id: ItemIdentifier, _ position: Position) -> Int {
    if let index = indices[id] { return index }
    indices[id] = entries.count
    entries.append(Entry(id: id, firstPosition: position))
    return entries.count - 1
  }
}
