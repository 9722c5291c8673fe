import Glibc
import Vocabulary

/// The positive events of all users as sequences, and the transitions around each place in them.
///
/// Repeats of one item in a row are one place.
package struct SequenceWalk: Sendable {
  private let start: [Int]
  private let items: [UInt32]
  /// Number of the step within the user's sequence; places with the same time share it unless ties are
  /// ordered.
  private let steps: [UInt32]
  private let users: [UInt32]
  /// 2^(−age / half-life) of each place; empty when ages count alike.
  private let decays: [Float]
  private let itemCount: Int
  private let gapWeight: [Double]
  private let backwardWeight: Double

  /// Places visited on each side at most: a step can hold any number of events, and one user with a hundred
  /// thousand events at one time must not cost their square.
  private static let placesMax = 256

  /// - Parameter window: steps, at least 1.
  package init(
    _ data: Interactions, window: Int, backwardWeight: Double, halfLifeDays: Double?,
    tiesAreOrdered: Bool
  ) {
    var start = [0]
    var items: [UInt32] = []
    var steps: [UInt32] = []
    var users: [UInt32] = []
    var decays: [Float] = []
    start.reserveCapacity(data.userCount + 1)
    items.reserveCapacity(data.eventCount)
    steps.reserveCapacity(data.eventCount)
    users.reserveCapacity(data.eventCount)
    for user in 0..<data.userCount {
      let first = items.count
      var lastTime = Int64.min
      var step: UInt32 = 0
      for event in data.events(of: user) where data.eventWeight[event] > 0 {
        let isFirst = items.count == first
        // View, cart and purchase of one item in a row are one visit, not three.
        if !isFirst, items[items.count - 1] == data.eventItem[event] { continue }
        if !isFirst, tiesAreOrdered || data.eventTime[event] != lastTime { step += 1 }
        lastTime = data.eventTime[event]
        items.append(data.eventItem[event])
        steps.append(step)
        users.append(UInt32(truncatingIfNeeded: user))
        if let halfLifeDays {
          let age = (Double(data.newestTime) - Double(lastTime)) / 86_400e6
          decays.append(Float(exp2(-age / halfLifeDays)))
        }
      }
      start.append(items.count)
    }
    self.start = start
    self.items = items
    self.steps = steps
    self.users = users
    self.decays = decays
    itemCount = data.itemCount
    gapWeight = (0...max(1, window)).map { $0 == 0 ? 0 : 1 / Double($0) }
    self.backwardWeight = backwardWeight
  }

  package func places(of user: Int) -> Range<Int> { start[user]..<start[user + 1] }
  package func item(at place: Int) -> UInt32 { items[place] }

  /// Calls `body` for every transition whose source is `place`: ahead, then back.
  @inline(__always)
  package func forEachTransition(from place: Int, _ body: (_ to: UInt32, _ weight: Double) -> Void) {
    let range = places(of: Int(users[place]))
    let (item, step) = (items[place], steps[place])
    var other = place + 1
    let last = min(range.upperBound, place + 1 + Self.placesMax)
    while other < last {
      let gap = Int(steps[other] - step)
      if gap >= gapWeight.count { break }
      if gap > 0, items[other] != item { body(items[other], gapWeight[gap] * decay(of: other)) }
      other += 1
    }
    if backwardWeight == 0 { return }
    other = place - 1
    let first = max(range.lowerBound, place - Self.placesMax)
    while other >= first {
      let gap = Int(step - steps[other])
      if gap >= gapWeight.count { break }
      if gap > 0, items[other] != item {
        body(items[other], backwardWeight * gapWeight[gap] * decay(of: place))
      }
      other -= 1
    }
  }

  /// A transition is as old as its later event.
  @inline(__always)
  private func decay(of place: Int) -> Double { decays.isEmpty ? 1 : Double(decays[place]) }

  /// The places at which each item stands, ascending. O(events + items).
  package func placesByItem() -> (start: [Int], places: [UInt32]) {
    var itemStart = [Int](repeating: 0, count: itemCount + 1)
    for item in items { itemStart[Int(item) + 1] += 1 }
    for item in 0..<itemCount { itemStart[item + 1] += itemStart[item] }
    var next = itemStart
    var places = [UInt32](repeating: 0, count: items.count)
    for place in items.indices {
      let item = Int(items[place])
      places[next[item]] = UInt32(truncatingIfNeeded: place)
      next[item] += 1
    }
    return (itemStart, places)
  }
}
