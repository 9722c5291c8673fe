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
    tenant.finishReplay(through: Position(3), now: 5 * second + 1)
    #expect(tenant.trending().items == [ItemIndex(1), ItemIndex(0)])
  }

  /// The last events before a pause trend too, though nothing is published after them.
  @Test func drainingCatchesUp() throws {
    let tenant = try makeTenant()
    tenant.apply(try event(1, "a", at: 0), at: Position(1), ingestTime: .zero)
    // A moment so long ago that the next refresh is due by the real clock.
    tenant.publish(through: Position(1), now: ContinuousNanoseconds.now &- 5_000_000_000)
    tenant.apply(try event(2, "b", at: 10), at: Position(2), ingestTime: .zero)
    tenant.publish(through: Position(2), now: ContinuousNanoseconds.now &- 4_900_000_000)
    #expect(tenant.trending().items == [ItemIndex(0)])
    _ = tenant.drainDirty(usersMax: .max)
    #expect(tenant.trending().items == [ItemIndex(1), ItemIndex(0)])
  }
}
