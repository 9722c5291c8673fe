import Vocabulary

/// Ordered lists of items, oldest first: one for each user or session.
package struct SequenceStore: Sendable {
  /// Items of sequence s: `items[start[s]..<start[s + 1]]`.
  package let start: [Int]
  package let items: [UInt32]
  package let itemCount: Int

  package var count: Int { start.count - 1 }
  package func places(of sequence: Int) -> Range<Int> { start[sequence]..<start[sequence + 1] }

  package init(start: [Int], items: [UInt32], itemCount: Int) {
    self.start = start
    self.items = items
    self.itemCount = itemCount
  }

  /// - Parameter sequences: items below `itemCount`.
  package init(_ sequences: some Sequence<[UInt32]>, itemCount: Int) {
    var start = [0]
    var items: [UInt32] = []
    for sequence in sequences {
      items.append(contentsOf: sequence)
      start.append(items.count)
    }
    self.init(start: start, items: items, itemCount: itemCount)
  }

  /// The users' positive events; what follows on itself counts once. O(events).
  package init(users data: Interactions) {
    var start = [0]
    var items: [UInt32] = []
    items.reserveCapacity(data.eventCount)
    for user in 0..<data.userCount {
      let first = items.count
      for event in data.events(of: user) where data.eventWeight[event] > 0 {
        if items.count > first, items[items.count - 1] == data.eventItem[event] { continue }
        items.append(data.eventItem[event])
      }
      start.append(items.count)
    }
    self.init(start: start, items: items, itemCount: data.itemCount)
  }

  /// The users' positive events cut into sessions: a new one begins where the session's identifier changes, or,
  /// without identifiers, after a pause of `Baskets.pauseMicroseconds`. Sessions are in order of their last
  /// event's time, so a larger number is newer. O(events · log).
  package init(sessions data: Interactions) {
    var sessions: [(end: Int64, events: [Int])] = []
    var open: [Int] = []
    func close() {
      if let last = open.last { sessions.append((data.eventTime[last], open)) }
      open.removeAll(keepingCapacity: true)
    }
    for user in 0..<data.userCount {
      for event in data.events(of: user) where data.eventWeight[event] > 0 {
        if let last = open.last {
          let (a, b) = (data.eventSession[last], data.eventSession[event])
          let isSame =
            a != 0 || b != 0
            ? a == b : data.eventTime[event] &- data.eventTime[last] <= Baskets.pauseMicroseconds
          if !isSame { close() }
        }
        open.append(event)
      }
      close()
    }
    let order = sessions.indices.sorted { (sessions[$0].end, $0) < (sessions[$1].end, $1) }
    self.init(
      order.lazy.map { sessions[$0].events.map { data.eventItem[$0] } }, itemCount: data.itemCount)
  }

  /// The places at which each item stands, ascending, and the sequence of every place. O(places + items).
  package func index() -> (itemStart: [Int], places: [UInt32], sequenceOf: [UInt32]) {
    var itemStart = [Int](repeating: 0, count: itemCount + 1)
    for item in items { itemStart[Int(item) + 1] += 1 }
    for item in 0..<itemCount { itemStart[item + 1] += itemStart[item] }
    var next = itemStart
    var places = [UInt32](repeating: 0, count: items.count)
    var sequenceOf = [UInt32](repeating: 0, count: items.count)
    for sequence in 0..<count {
      for place in self.places(of: sequence) {
        let item = Int(items[place])
        places[next[item]] = UInt32(truncatingIfNeeded: place)
        next[item] += 1
        sequenceOf[place] = UInt32(truncatingIfNeeded: sequence)
      }
    }
    return (itemStart, places, sequenceOf)
  }
}
