import Glibc
import Models
import Vocabulary

/// Windowed, time-decayed popularity within segments.
///
/// For a value of a user attribute an item's score is the sum over the positive events of these users; for a category
/// it is the item's score among all users, and the list holds the items of the category. Small segments are left
/// out: a list made of a handful of events is noise, and would show what single people did.
package struct SegmentTrainer: Sendable {
  /// Positive events that a segment needs within the window.
  package static let eventsMin = 30
  /// Users that a value of an attribute needs behind them.
  package static let usersMin = 5
  /// Items that a category needs: fewer are no list.
  package static let itemsMin = 5

  package var popularity: PopularityTrainer

  package init(_ popularity: PopularityTrainer) { self.popularity = popularity }

  /// The segments that are large enough, of too many the heaviest. O(events · attributes + items · log).
  /// Every list is made whole by one task, so threads change no bit.
  package func train(_ data: Interactions, scores: [Float], pool: ThreadPool) -> SegmentTable {
    let names = data.segments.names
    guard !names.isEmpty else { return SegmentTable() }
    let members = Members(data)
    let seats = (0..<pool.threads).map { _ in
      (sums: SharedArray<Double>(repeating: 0, count: data.itemCount), touched: Touched())
    }
    let found = Found(count: names.count)
    let itemEvents = names.contains { $0.isCategory } ? windowEvents(data) : []
    pool.run(tasks: names.count) { worker, segment in
      let list =
        names[segment].isCategory
        ? category(members.items[segment], scores: scores, events: itemEvents)
        : attribute(members.users[segment], data, seats[worker].sums, seats[worker].touched)
      if let list { found.put(list, at: segment) }
    }
    return table(found, names)
  }

  /// One segment's list and its whole weight.
  private struct List: Sendable {
    var rows: [UInt32]
    var scores: [Float]
    var weight: Double
  }

  private func table(_ found: Found, _ names: [SegmentName]) -> SegmentTable {
    let heaviest = names.indices.filter { found.list(at: $0) != nil }
      .sorted { left, right in
        let (one, other) = (found.list(at: left)?.weight ?? 0, found.list(at: right)?.weight ?? 0)
        return one != other ? one > other : names[left] < names[right]
      }
      .prefix(Limits.segmentsMax)
    var table = SegmentTable()
    for segment in heaviest.sorted(by: { names[$0] < names[$1] }) {
      guard let list = found.list(at: segment) else { continue }
      table.append(names[segment], rows: list.rows, scores: list.scores)
    }
    return table
  }

  /// The best of a category by what everybody did.
  private func category(_ items: [UInt32], scores: [Float], events: [UInt32]) -> List? {
    let count = items.reduce(0) { $0 + Int(events[Int($1)]) }
    let liked = items.filter { scores[Int($0)] > 0 }
    guard count >= Self.eventsMin, liked.count >= Self.itemsMin else { return nil }
    return Self.best(liked, weight: liked.reduce(0.0) { $0 + Double(scores[Int($1)]) }) { scores[Int($0)] }
  }

  /// The best among the users who share a value, summed user by user in order.
  private func attribute(
    _ users: [UInt32], _ data: Interactions, _ sums: SharedArray<Double>, _ touched: Touched
  ) -> List? {
    var (events, active) = (0, 0)
    touched.rows.removeAll(keepingCapacity: true)
    for user in users {
      let before = events
      popularity.forEachCounted(data, user: Int(user)) { item, weight in
        events += 1
        // What decayed to nothing must not be listed twice.
        guard weight > 0 else { return }
        if sums[Int(item)] == 0 { touched.rows.append(item) }
        sums[Int(item)] += weight
      }
      if events > before { active += 1 }
    }
    defer { for row in touched.rows { sums[Int(row)] = 0 } }
    guard events >= Self.eventsMin, active >= Self.usersMin else { return nil }
    // A weight may vanish in 32 bits; a list holds scores above zero only.
    let liked = touched.rows.filter { Float(sums[Int($0)]) > 0 }
    if liked.isEmpty { return nil }
    return Self.best(liked, weight: liked.reduce(0.0) { $0 + sums[Int($1)] }) { Float(sums[Int($0)]) }
  }

  /// Best first, at equal scores the lower row.
  private static func best(_ rows: [UInt32], weight: Double, score: (UInt32) -> Float) -> List {
    let kept = rows.sorted { score($0) != score($1) ? score($0) > score($1) : $0 < $1 }
      .prefix(Limits.segmentItemsMax)
    return List(rows: Array(kept), scores: kept.map(score), weight: weight)
  }

  /// Positive events of every item within the window.
  private func windowEvents(_ data: Interactions) -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: data.itemCount)
    for user in 0..<data.userCount {
      popularity.forEachCounted(data, user: user) { item, _ in counts[Int(item)] &+= 1 }
    }
    return counts
  }

  /// Users and items by segment, in order.
  private struct Members: Sendable {
    private(set) var users: [[UInt32]]
    private(set) var items: [[UInt32]]

    init(_ data: Interactions) {
      users = Array(repeating: [], count: data.segments.names.count)
      items = users
      for user in 0..<data.userCount {
        for segment in data.segments.segments(ofUser: user) {
          users[Int(segment)].append(UInt32(truncatingIfNeeded: user))
        }
      }
      for row in 0..<data.itemCount {
        for segment in data.segments.segments(ofItem: row) {
          items[Int(segment)].append(UInt32(truncatingIfNeeded: row))
        }
      }
    }
  }

  /// Rows that one worker's sums hold something for.
  ///
  /// Unchecked because each belongs to one worker of a `ThreadPool`, which no two running tasks share.
  private final class Touched: @unchecked Sendable {
    var rows: [UInt32] = []
  }

  /// What the tasks found, a place for each segment.
  ///
  /// Unchecked because every task writes its own place, and all of them have ended before anything is read.
  private final class Found: @unchecked Sendable {
    private let lists: UnsafeMutablePointer<List?>
    private let count: Int

    init(count: Int) {
      self.count = count
      lists = .allocate(capacity: count)
      lists.initialize(repeating: nil, count: count)
    }

    deinit {
      lists.deinitialize(count: count)
      lists.deallocate()
    }

    func put(_ list: List, at place: Int) { lists[place] = list }
    func list(at place: Int) -> List? { lists[place] }
  }

  /// Bytes beyond the events: members twice as arrays grow, lists, sums of each worker, window counts.
  package static func bytes(items: Int, memberships: Int, threads: Int) -> UInt64 {
    8 * UInt64(memberships) + 12 * UInt64(threads) * UInt64(items) + 4 * UInt64(items)
      + UInt64(Limits.segmentsMax) * UInt64(Limits.segmentItemsMax) * 16
  }
}
