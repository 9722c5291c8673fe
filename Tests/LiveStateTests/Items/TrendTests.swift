import Glibc
import LiveState
import Testing
import Vocabulary

@Suite struct TrendTests {
  let halfLife = Int64(Trend.halfLifeSeconds)

  func makeTenant() throws -> LiveTenant {
    try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
  }

  func event(_ number: UInt64, _ item: String, at seconds: Int64, _ type: EventType = .purchase) throws
    -> LogEntry.Change
  {
    .event(
      Event(
        id: try EventIdentifier("e\(number)"), type: type, user: try UserIdentifier("u"),
        item: try ItemIdentifier(item), time: Timestamp(microseconds: (1_300_000_000 + seconds) * 1_000_000)))
  }

  /// Two old purchases are worth as much as one that is a half-life younger; a third makes the difference.
  @Test func halvesWithTheHalfLife() throws {
    let tenant = try makeTenant()
    let changes = [
      try event(1, "old", at: 0), try event(2, "old", at: 0), try event(3, "new", at: halfLife),
      try event(4, "old", at: 0), try event(5, "shown", at: halfLife, .impression),
      try event(6, "hated", at: halfLife, .dislike),
    ]
    for (number, change) in changes.enumerated() {
      tenant.apply(change, at: Position(UInt64(number + 1)), ingestTime: .zero)
    }
    tenant.publish(through: Position(6))
    let list = tenant.trending()
    #expect(list.items == [ItemIndex(0), ItemIndex(1)])
    #expect(abs(list.scores[0] - 1.5) < 1e-5 && abs(list.scores[1] - 1) < 1e-5)
  }

  /// However late the import, the counts are the same.
  @Test func theOrderOfArrivalDoesNotMatter() throws {
    let times: [Int64] = [0, 3_600, 86_400, 500_000, 12, 86_400, 1_000]
    var counts: [Float] = []
    for order in [times, times.reversed(), times.sorted()] {
      let tenant = try makeTenant()
      for (number, time) in order.enumerated() {
        let position = UInt64(number + 1)
        tenant.apply(try event(position, "a", at: time), at: Position(position), ingestTime: .zero)
      }
      counts.append(try #require(tenant.item(ItemIndex(0))).trend)
    }
    #expect(abs(counts[0] - counts[1]) < 1e-5 && abs(counts[0] - counts[2]) < 1e-5)
  }

  @Test func refreshesAtMostOnceASecond() throws {
    let tenant = try makeTenant()
    let second: UInt64 = 1_000_000_000
    tenant.apply(try event(1, "a", at: 0), at: Position(1), ingestTime: .zero)
    tenant.publish(through: Position(1), now: 5 * second)
    #expect(tenant.trending().items == [ItemIndex(0)], "the first list is made at once")
    for position in 2...3 as ClosedRange<UInt64> {
      tenant.apply(try event(position, "b", at: 0), at: Position(position), ingestTime: .zero)
    }
    tenant.publish(through: Position(3), now: 6 * second - 1)
    #expect(tenant.trending().items == [ItemIndex(0)])
    tenant.publish(through: Position(3), now: 6 * second)
    #expect(tenant.trending().items == [ItemIndex(1), ItemIndex(0)])
  }

  /// A start replays within a second of restoring; what it replayed trends at once.
  @Test func replayedTrendsAreThereAtOnce() throws {
    let tenant = try makeTenant()
    let second: UInt64 = 1_000_000_000
    tenant.apply(try event(1, "a", at: 0), at: Position(1), ingestTime: .zero)
    tenant.publish(through: Position(1), now: 5 * second)
    for position in 2...3 as ClosedRange<UInt64> {
      tenant.apply(try event(position, "b", at: 0), at: Position(position), ingestTime: .zero)
    }
    tenant.finishReplay(through: Position(3))
    #expect(tenant.trending().items == [ItemIndex(1), ItemIndex(0)])
  }

  /// The last events before a pause trend too, though nothing is published after them.
  @Test func drainingCatchesUp() throws {
    let tenant = try makeTenant()
    tenant.apply(try event(1, "a", at: 0), at: Position(1), ingestTime: .zero)
    tenant.publish(through: Position(1), now: 7_000_000_000)
    tenant.apply(try event(2, "b", at: 10), at: Position(2), ingestTime: .zero)
    tenant.publish(through: Position(2), now: 7_100_000_000)
    _ = tenant.drainDirty(usersMax: .max)
    #expect(tenant.trending().items == [ItemIndex(0)], "a moment ago they were made")
    // By the machine's clock, not that of the groups: nothing need arrive for it.
    usleep(1_050_000)
    // Part of a group is applied: what is made now would be of no position.
    tenant.apply(try event(3, "b", at: 11), at: Position(3), ingestTime: .zero)
    _ = tenant.drainDirty(usersMax: .max)
    #expect(tenant.trending().items == [ItemIndex(0)])
    tenant.publish(through: Position(3), now: 7_200_000_000)
    #expect(tenant.lists().counted.through == Position(1))
    _ = tenant.drainDirty(usersMax: .max)
    #expect(tenant.trending().items == [ItemIndex(1), ItemIndex(0)])
  }

  /// The first group of a second makes lists, however groups fall otherwise; and whoever replays the log has the same
  /// lists at the same positions, those of the end and those the last second began with.
  @Test(arguments: [3, 4, 5] as [UInt64]) func listsAreAFunctionOfTheLog(seed: UInt64) throws {
    var random = RandomChanges(seed: seed)
    var log: [(change: LogEntry.Change, group: Int, time: UInt64)] = []
    var time: UInt64 = 1_700_000_000_000_000_000
    for group in 0..<300 {
      time += UInt64(random.number(below: 400)) * 1_000_000
      for _ in 0...random.number(below: 4) { log.append((try random.next(), group, time)) }
    }
    // What a reader saw after each group of the daemon that took them in.
    let live = try makeTenant()
    var seen: [(lists: LiveTenant.Published, last: Int)] = []
    for (place, entry) in log.enumerated() {
      let position = Position(UInt64(place + 1))
      live.apply(entry.change, at: position, ingestTime: .zero)
      guard place + 1 == log.count || log[place + 1].group != entry.group else { continue }
      live.publish(through: position, now: entry.time)
      seen.append((live.lists(), place))
    }
    #expect(seen.contains { $0.lists.counted.through < $0.lists.position }, "seed \(seed): nothing waited")
    // Replayed up to any group, the same lists are to be had.
    for (lists, last) in seen.suffix(60) {
      let again = try makeTenant()
      let end = log[last].time / 1_000_000_000
      for place in 0...last {
        let position = Position(UInt64(place + 1))
        again.apply(log[place].change, at: position, ingestTime: .zero)
        guard place == last || log[place + 1].group != log[place].group else { continue }
        again.replayed(
          through: position, now: log[place].time, isLast: log[place].time / 1_000_000_000 == end)
      }
      again.finishReplay(through: Position(UInt64(last + 1)))
      let found = try #require(
        again.lists(countedAt: lists.counted.through), "seed \(seed), position \(last + 1)")
      #expect(found.trending.items == lists.trending.items && found.trending.scores == lists.trending.scores)
      #expect(found.catalogue.newest == lists.catalogue.newest)
      for item in 0..<lists.catalogue.count {
        let item = ItemIndex(UInt32(item))
        #expect(found.counts[item] == lists.counts[item])
      }
      // What came after them is not in them.
      #expect(
        again.lists(countedAt: Position(UInt64(last + 2))) == nil
          || lists.counted.through.value > UInt64(last))
    }
  }
}
