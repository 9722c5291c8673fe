import Training
import Vocabulary

/// What models learn from, laid out as they want it. Rows are the numbers of the data set's name tables.
package struct FitData: Sendable {
  package let interactions: Interactions
  /// Users by items, confidence log₂(1 + times taken): 1 for once.
  package let pairs: PairMatrix
  package let format: DataFormat
  package let task: EvaluationTask
  /// Whether events have times, so that ages mean something.
  package let hasTimes: Bool
  /// Whether the order of a user's events means something.
  package let isOrdered: Bool
  /// Whether users have baskets: given as such, or events at one time.
  package let hasBaskets: Bool
  /// Users by items with ratings; nil without ratings. Of several ratings of one pair the last counts.
  package let ratings: RatingMatrix?
  /// Items that compete: those that occur, or those that are asked.
  package let isKnown: [Bool]
  /// Items that occur.
  package let occurring: Int
  /// What is known of the items besides.
  package let entries: ItemEntries
  /// What else is known of bundles, where the items are such.
  package let bundles: BundleData?

  package var itemCount: Int { pairs.columnCount }
  package var knownItems: Int { isKnown.count { $0 } }

  /// Which standard models suit the data.
  package var kind: StandardKind {
    if task == .basket || format == .baskets { return .baskets }
    return format == .sessions ? .sessions : isOrdered ? .sequences : .pairs
  }

  /// What the standard models make their settings of: users and items that occur.
  package var size: StandardParts.Size {
    StandardParts.Size(
      users: max(1, pairs.filledRows), items: max(1, occurring), pairs: pairs.pairCount,
      places: interactions.eventCount)
  }

  private static let day: Int64 = 86_400_000_000

  /// O(events · log).
  /// - Parameter asked: whose right items compete where the data set's rule says so.
  package init(_ events: EventTable, _ data: DataSet, asked: TestPart? = nil) {
    let (userCount, itemCount) = (data.users.count, data.items.count)
    let (start, order) = events.byUser(userCount: userCount)
    hasTimes = events.hasTimes
    isOrdered = events.hasTimes || data.format.isOrdered
    hasBaskets = events.hasBaskets || events.hasTimes
    format = data.format
    task = data.task
    var times = [Int64](repeating: 0, count: events.count)
    var sessions = [UInt32](repeating: 0, count: events.count)
    for user in 0..<userCount {
      let newest = order[start[user]..<start[user + 1]].reduce(UInt32(0)) {
        events.hasBaskets ? max($0, events.baskets[$1]) : 0
      }
      for place in start[user]..<start[user + 1] {
        if events.hasBaskets { sessions[place] = events.baskets[order[place]] &+ 1 }
        if events.hasTimes {
          times[place] = events.times[order[place]]
        } else if events.hasBaskets {
          // Baskets without times are a day apart and end together: only their distance is known.
          times[place] = (Int64(events.baskets[order[place]]) - Int64(newest)) * Self.day
        }
      }
    }
    // Shards only share work; names are of no use to models.
    let shards = min(8, max(1, userCount))
    let shardStart = (0...shards).map { $0 * userCount / shards }
    let name = Array("-".utf8)
    let users = UserIdentifier(checked: name).map { Array(repeating: $0, count: userCount) } ?? []
    let items = ItemIdentifier(checked: name).map { Array(repeating: $0, count: itemCount) } ?? []
    interactions = Interactions(
      items: items, users: users, shardStart: shardStart, eventStart: start,
      eventItem: order.map { events.items[$0] }, eventTime: times,
      eventWeight: [Float](repeating: 1, count: events.count),
      eventType: [EventType](repeating: .purchase, count: events.count),
      eventValue: events.hasValues
        ? order.map { events.values[$0] } : [Float](repeating: 1, count: events.count),
      eventSession: sessions, newestTime: times.max() ?? .min)
    pairs = interactions.confidencePairs(unit: 1)
    var known = [Bool](repeating: false, count: itemCount)
    for item in events.items { known[Int(item)] = true }
    occurring = known.count { $0 }
    entries = data.entries
    if data.candidates == .asked, case .events(let right) = asked ?? data.test {
      known = [Bool](repeating: false, count: itemCount)
      for item in right.items { known[Int(item)] = true }
    }
    isKnown = known
    bundles = data.bundles
    ratings = events.hasValues ? Self.ratings(events, start, order, itemCount) : nil
  }

  private static func ratings(_ events: EventTable, _ start: [Int], _ order: [Int], _ itemCount: Int)
    -> RatingMatrix
  {
    var (rowStart, columns, values) = ([0], [UInt32](), [Float]())
    for user in 0..<(start.count - 1) {
      var last: [UInt32: Float] = [:]
      for row in order[start[user]..<start[user + 1]] { last[events.items[row]] = events.values[row] }
      for (item, value) in last.sorted(by: { $0.key < $1.key }) {
        columns.append(item)
        values.append(value)
      }
      rowStart.append(columns.count)
    }
    return RatingMatrix(rowStart: rowStart, columns: columns, confidences: values, columnCount: itemCount)
  }

  /// Items in order, one sequence a user or session.
  package var sequences: SequenceStore { SequenceStore(users: interactions) }

  /// Sessions: as given, or cut where a user pauses; else what a user did is one.
  package var sessions: SequenceStore {
    format == .sessions || !(hasTimes || hasBaskets) ? sequences : SequenceStore(sessions: interactions)
  }

  package var baskets: BasketHistories { BasketHistories(interactions) }
}
