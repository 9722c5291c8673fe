import Glibc
import Vocabulary

/// The baskets of every user, oldest first.
package struct BasketHistories: Sendable {
  /// Baskets of user u: `userStart[u]..<userStart[u + 1]`.
  package let userStart: [Int]
  /// Items of basket b: `items[basketStart[b]..<basketStart[b + 1]]`, distinct.
  package let basketStart: [Int]
  package let items: [UInt32]
  package let itemCount: Int

  package var userCount: Int { userStart.count - 1 }
  package func baskets(of user: Int) -> Range<Int> { userStart[user]..<userStart[user + 1] }
  package func places(of basket: Int) -> Range<Int> { basketStart[basket]..<basketStart[basket + 1] }

  /// - Parameter users: each user's baskets; items below `itemCount`. Empty baskets are left out.
  package init(_ users: some Sequence<[[UInt32]]>, itemCount: Int) {
    var (userStart, basketStart, items) = ([0], [0], [UInt32]())
    for user in users {
      for basket in user where !basket.isEmpty {
        items.append(contentsOf: Set(basket).sorted())
        basketStart.append(items.count)
      }
      userStart.append(basketStart.count - 1)
    }
    self.userStart = userStart
    self.basketStart = basketStart
    self.items = items
    self.itemCount = itemCount
  }

  /// The users' positive events: those of one moment or one session are one basket. O(events · log).
  package init(_ data: Interactions) {
    self.init(
      (0..<data.userCount).lazy.map { user in
        var baskets: [[UInt32]] = []
        var previous: Int?
        for event in data.events(of: user) where data.eventWeight[event] > 0 {
          let isSame =
            previous.map {
              data.eventTime[$0] == data.eventTime[event]
                || (data.eventSession[$0] != 0 && data.eventSession[$0] == data.eventSession[event])
            } ?? false
          if !isSame { baskets.append([]) }
          baskets[baskets.count - 1].append(data.eventItem[event])
          previous = event
        }
        return baskets
      }, itemCount: data.itemCount)
  }

  /// Share of the baskets that hold each item, the newest `perUser` of every user counted. O(items in them).
  package func popularity(perUser: Int) -> [Float] {
    var counts = [Float](repeating: 0, count: itemCount)
    var total: Float = 0
    for user in 0..<userCount {
      for basket in baskets(of: user).suffix(perUser) {
        total += 1
        for place in places(of: basket) { counts[Int(items[place])] += 1 }
      }
    }
    return counts.map { total > 0 ? $0 / total : 0 }
  }
}

/// How a user's baskets become one vector of item frequencies (Hu, He, Gao and Zhang, "Modeling personalized item
/// frequency information for next-basket recommendation", SIGIR 2020).
///
/// Baskets are put into groups of `groupSize`, counted from the newest. Within a group basket t places before its
/// newest counts `basketDecay`^t, and the group is the mean; group g before the newest counts `groupDecay`^g, and the
/// vector is the mean of the groups.
package struct BasketFading: Sendable, Hashable {
  package var groupSize = 7
  package var basketDecay = 0.9
  package var groupDecay = 0.7

  package init() {}

  /// Adds the vector to `vector`. O(items in the baskets).
  package func fold(
    _ baskets: some RandomAccessCollection<some Sequence<UInt32>>, into vector: RowAccumulator
  ) {
    let count = baskets.count
    let groups = count / groupSize + (count % groupSize == 0 ? 0 : 1)
    for (age, basket) in baskets.reversed().enumerated() {
      let (group, within) = (age / groupSize, age % groupSize)
      let size = min(groupSize, count - group * groupSize)
      let weight =
        pow(groupDecay, Double(group)) * pow(basketDecay, Double(within)) / Double(size * groups)
      for item in basket { vector.add(item, weight) }
    }
  }
}
