import Glibc

/// Writes a split to files, for recommenders that are not models of ours: the daemon, or another product.
package enum SplitWriter {
  /// How many events and users were written.
  package struct Summary: Sendable, Hashable {
    package let events: Int
    package let users: Int
    /// Whether times are made up from the order.
    package let inventsTimes: Bool
  }

  private static let hour: Int64 = 3_600_000_000
  /// Far enough apart for one day to hold a session or two.
  private static let pace = 6 * hour

  /// Writes `train.csv` (user, item, time, and value where there are ratings: training and validation, as what is reported learns
  /// from both) and `asked.txt` (a user a line) into a directory, which is made if it is missing. O(events · log).
  ///
  /// Events without times get some: those of a user are six hours apart, items of a basket are together and baskets a day
  /// apart, and every user's end at `end`.
  /// - Parameter end: microseconds since 1970.
  /// - Throws: `usage` if what is asked is not of users; `file`.
  package static func write(_ data: DataSet, to directory: String, end: Int64) throws(EvaluationFault)
    -> Summary
  {
    guard case .events(let asked) = data.test else {
      throw EvaluationFault(
        .usage,
        "--write-split is for splits that ask users; sessions and negatives have questions of their own.")
    }
    let events = data.train.followed(by: data.valid)
    let (start, order) = events.byUser(userCount: data.users.count)
    var text = events.hasValues ? "user,item,time,value\n" : "user,item,time\n"
    for user in 0..<data.users.count {
      let rows = order[start[user]..<start[user + 1]]
      let name = quoted(data.users.names[user])
      let last = rows.last.map { events.hasBaskets ? Int64(events.baskets[$0]) : 0 } ?? 0
      for (place, row) in rows.enumerated() {
        let time: Int64
        if events.hasTimes {
          time = events.times[row]
        } else if events.hasBaskets {
          time = end - (last - Int64(events.baskets[row])) * 24 * hour
        } else {
          time = end - Int64(rows.count - 1 - place) * pace
        }
        text += "\(name),\(quoted(data.items.names[Int(events.items[row])])),\(time)"
        text += events.hasValues ? ",\(events.values[row])\n" : "\n"
      }
    }
    let users = Set(asked.users).sorted()
    guard mkdir(directory, 0o777) == 0 || errno == EEXIST else {
      throw EvaluationFault(.file, "\(directory) cannot be made: \(String(cString: strerror(errno))).")
    }
    try TextFile.write(text, to: directory + "/train.csv")
    try TextFile.write(users.map { data.users.text($0) + "\n" }.joined(), to: directory + "/asked.txt")
    return Summary(events: events.count, users: users.count, inventsTimes: !events.hasTimes)
  }

  private static func quoted(_ name: [UInt8]) -> String {
    let text = String(decoding: name, as: UTF8.self)
    guard text.utf8.contains(where: { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
