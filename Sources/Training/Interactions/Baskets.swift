import Vocabulary

/// What users took together: the distinct items of one session, of one moment, or of a stretch of activity
/// without a pause.
package struct Baskets: Sendable {
  /// Items of basket b: `items[basketStart[b]..<basketStart[b + 1]]`, ascending.
  package let basketStart: [Int]
  package let items: [UInt32]
  /// Baskets that hold an item: `basketOfHolding[holding(item:)]`, ascending.
  package let basketOfHolding: [UInt32]
  private let holdingStart: [Int]

  package var count: Int { basketStart.count - 1 }
  package func places(of basket: Int) -> Range<Int> { basketStart[basket]..<basketStart[basket + 1] }
  package func holding(item: Int) -> Range<Int> { holdingStart[item]..<holdingStart[item + 1] }

  /// A pause longer than this ends a basket: the usual half hour of web analytics.
  package static let pauseMicroseconds: Int64 = 30 * 60 * 1_000_000

  /// Distinct items counted of one basket. A basket is split when it grows past it: pairs grow with the
  /// square, and nobody chooses a thousand things together.
  package static let itemsMax = 512

  /// Cuts every user's positive events into baskets. Two neighbours in time belong together if they share a
  /// session, or happened at the same moment, or neither has a session and the pause is short. O(events · log).
  package init(_ data: Interactions) {
    var basketStart = [0]
    var items: [UInt32] = []
    var open: [UInt32] = []
    func close() {
      if open.isEmpty { return }
      open.sort()
      var last: UInt32?
      for item in open where item != last {
        items.append(item)
        last = item
      }
      basketStart.append(items.count)
      open.removeAll(keepingCapacity: true)
    }
    for user in 0..<data.userCount {
      var previous: Int?
      for event in data.events(of: user) where data.eventWeight[event] > 0 {
        if let last = previous, !Self.belong(data, last, event) || open.count >= Self.itemsMax { close() }
        open.append(data.eventItem[event])
        previous = event
      }
      close()
    }
    var holdingStart = [Int](repeating: 0, count: data.itemCount + 1)
    for item in items { holdingStart[Int(item) + 1] += 1 }
    for item in 0..<data.itemCount { holdingStart[item + 1] += holdingStart[item] }
    var next = holdingStart
    var basketOf = [UInt32](repeating: 0, count: items.count)
    for basket in 0..<(basketStart.count - 1) {
      for place in basketStart[basket]..<basketStart[basket + 1] {
        let item = Int(items[place])
        basketOf[next[item]] = UInt32(truncatingIfNeeded: basket)
        next[item] += 1
      }
    }
    self.basketStart = basketStart
    self.items = items
    self.holdingStart = holdingStart
    basketOfHolding = basketOf
  }

  static func belong(_ data: Interactions, _ last: Int, _ event: Int) -> Bool {
    if data.eventTime[last] == data.eventTime[event] { return true }
    let (a, b) = (data.eventSession[last], data.eventSession[event])
    if a != 0 || b != 0 { return a == b }
    // Sorted by time, so the difference is not negative; it cannot overflow for times since 2000.
    return data.eventTime[event] &- data.eventTime[last] <= pauseMicroseconds
  }
}
