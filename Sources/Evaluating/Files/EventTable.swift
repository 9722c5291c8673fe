/// Events of one file in columns, users and items as numbers of tables shared with the other files.
///
/// Rows stand in the order of the file; a user's rows need not be side by side.
package struct EventTable: Sendable {
  package var users: [UInt32] = []
  package var items: [UInt32] = []
  /// Ratings or other values; empty if the file has none.
  package var values: [Float] = []
  /// Microseconds; empty if the file has none.
  package var times: [Int64] = []
  /// Number of the user's basket, from 0; empty if the format has no baskets.
  package var baskets: [UInt32] = []

  package init() {}

  package var count: Int { users.count }
  package var hasValues: Bool { !values.isEmpty }
  package var hasTimes: Bool { !times.isEmpty }
  package var hasBaskets: Bool { !baskets.isEmpty }

  package mutating func add(
    user: UInt32, item: UInt32, value: Float? = nil, time: Int64? = nil, basket: UInt32? = nil
  ) {
    users.append(user)
    items.append(item)
    if let value { values.append(value) }
    if let time { times.append(time) }
    if let basket { baskets.append(basket) }
  }

  /// Rows picked by number, in the order given.
  package func rows(_ picked: [Int]) -> EventTable {
    var table = EventTable()
    table.users = picked.map { users[$0] }
    table.items = picked.map { items[$0] }
    if hasValues { table.values = picked.map { values[$0] } }
    if hasTimes { table.times = picked.map { times[$0] } }
    if hasBaskets { table.baskets = picked.map { baskets[$0] } }
    return table
  }

  /// These rows with others behind them. Columns that only one of both has are dropped; baskets of the others are
  /// counted on from those here.
  package func followed(by other: EventTable) -> EventTable {
    if count == 0 { return other }
    if other.count == 0 { return self }
    var table = self
    table.users += other.users
    table.items += other.items
    table.values = hasValues && other.hasValues ? values + other.values : []
    table.times = hasTimes && other.hasTimes ? times + other.times : []
    if hasBaskets && other.hasBaskets {
      var last: [UInt32: UInt32] = [:]
      for row in 0..<count { last[users[row]] = max(last[users[row]] ?? 0, baskets[row] + 1) }
      table.baskets += (0..<other.count).map { other.baskets[$0] + (last[other.users[$0]] ?? 0) }
    } else {
      table.baskets = []
    }
    return table
  }

  /// Rows of each user, in order of time where there are times, else of the file: `order[start[u]..<start[u + 1]]`.
  package func byUser(userCount: Int) -> (start: [Int], order: [Int]) {
    var start = [Int](repeating: 0, count: userCount + 1)
    for user in users { start[Int(user) + 1] += 1 }
    for user in 0..<userCount { start[user + 1] += start[user] }
    var next = start
    var order = [Int](repeating: 0, count: count)
    for row in 0..<count {
      order[next[Int(users[row])]] = row
      next[Int(users[row])] += 1
    }
    if hasTimes {
      for user in 0..<userCount {
        let range = start[user]..<start[user + 1]
        let isSorted = range.dropFirst().allSatisfy { times[order[$0 - 1]] <= times[order[$0]] }
        if !isSorted { order[range].sort { (times[$0], $0) < (times[$1], $1) } }
      }
    }
    return (start, order)
  }
}
