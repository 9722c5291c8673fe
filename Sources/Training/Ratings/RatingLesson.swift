import Vocabulary

/// The ratings of some interactions: for each user the newest of each item, users and items without any left out, so
/// that nobody's empty row is trained.
package struct RatingLesson: Sendable {
  /// Ratings below which none are predicted: with fewer, biases are noise.
  package static let ratingsMin = 1000
  /// Ratings learned from at most, the newest: half a minute of sampling on two cores. What is older says little about
  /// the scale of today.
  package static let ratingsMax = 2_000_000

  /// Users with ratings by items with ratings.
  package let matrix: RatingMatrix
  /// Number among the interactions' users of each row, ascending.
  package let users: [Int]
  /// Item row of each column, ascending.
  package let items: [UInt32]

  package var count: Int { matrix.pairCount }

  /// Rate events: at least as many as ratings. O(events).
  package static func events(_ data: Interactions) -> Int {
    data.eventType.reduce(0) { $0 + ($1 == .rate ? 1 : 0) }
  }

  /// O(events · log).
  package init(_ data: Interactions) {
    var kept: [(user: Int, item: UInt32, value: Float, time: Int64)] = []
    for user in 0..<data.userCount {
      for rating in Self.newest(data, user: user) {
        kept.append((user, rating.item, rating.value, rating.time))
      }
    }
    if kept.count > Self.ratingsMax {
      let oldest = kept.map(\.time).sorted(by: >)[Self.ratingsMax - 1]
      kept.removeAll { $0.time < oldest }
    }
    var column = [Int](repeating: -1, count: data.itemCount)
    for rating in kept { column[Int(rating.item)] = 0 }
    var items: [UInt32] = []
    for item in column.indices where column[item] == 0 {
      column[item] = items.count
      items.append(UInt32(truncatingIfNeeded: item))
    }
    var (users, start) = ([Int](), [0])
    var (columns, values) = ([UInt32](), [Float]())
    for rating in kept {
      if users.last != rating.user {
        if !users.isEmpty { start.append(columns.count) }
        users.append(rating.user)
      }
      columns.append(UInt32(truncatingIfNeeded: column[Int(rating.item)]))
      values.append(rating.value)
    }
    if !users.isEmpty { start.append(columns.count) }
    self.users = users
    self.items = items
    matrix = RatingMatrix(rowStart: start, columns: columns, confidences: values, columnCount: items.count)
  }

  /// The newest rating of each item by one user from a moment on, by item; of two at the same time the one sent later.
  package static func newest(
    _ data: Interactions, user: Int, from time: Int64 = .min
  ) -> [(item: UInt32, value: Float, time: Int64)] {
    var places = data.events(of: user).filter {
      data.eventType[$0] == .rate && data.eventTime[$0] >= time
    }
    places.sort { (data.eventItem[$0], $0) < (data.eventItem[$1], $1) }
    var found: [(item: UInt32, value: Float, time: Int64)] = []
    for place in places {
      let rating = (item: data.eventItem[place], value: data.eventValue[place], time: data.eventTime[place])
      if found.last?.item == rating.item { found.removeLast() }
      found.append(rating)
    }
    return found
  }

  /// Smallest and largest rating; predictions stay inside.
  package var range: ClosedRange<Double> {
    let (low, high) = matrix.confidences.reduce((Float.infinity, -Float.infinity)) {
      (min($0.0, $1), max($0.1, $1))
    }
    return low <= high ? Double(low)...Double(high) : 0...0
  }
}
