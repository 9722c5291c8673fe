import Testing
import Vocabulary

/// The sum that `magpie size` prints, against its own rules and against daemons that were measured.
@Suite struct SizingTests {
  /// Resident memory and disk of real daemons, filled through Ingest, identifiers of 6 bytes, started again and read from:
  /// docs/sizing.md.
  @Test(arguments: [
    (users: 10_000, items: 10_000, events: 5.6, memory: 69.2e6, disk: 13.7e6),
    (users: 100_000, items: 10_000, events: 5.16, memory: 127.9e6, disk: 63.0e6),
    (users: 100_000, items: 10_000, events: 20.03, memory: 241.3e6, disk: 228.7e6),
    (users: 10_000, items: 100_000, events: 51.1, memory: 206.3e6, disk: 128.9e6),
    (users: 100_000, items: 100_000, events: 5.2, memory: 224.4e6, disk: 124.9e6),
  ]) func isWithinATenthOfWhatWasMeasured(
    users: Int, items: Int, events: Double, memory: Double, disk: Double
  ) {
    var sizing = Sizing(items: items, users: users)
    (sizing.eventsPerUser, sizing.itemsPerUser, sizing.identifierBytes) = (events, events, 6)
    #expect(abs(sizing.memoryBytes / memory - 1) < 0.1, "\(sizing.memoryBytes)")
    #expect(abs(sizing.diskBytes / disk - 1) < 0.1, "\(sizing.diskBytes)")
  }

  @Test func oneMoreTakesWhatTheSumGrowsBy() {
    let small = Sizing(items: 100_000, users: 1_000)
    let large = Sizing(items: 100_000, users: 2_000)
    #expect(abs((large.memoryBytes - small.memoryBytes) / 1_000 - small.bytesPerUser) < 0.01)
    let more = Sizing(items: 101_000, users: 1_000)
    #expect(abs((more.memoryBytes - small.memoryBytes) / 1_000 - small.bytesPerItem) < 0.01)
  }

  /// What is kept of a user ends somewhere, what is logged of them does not.
  @Test func historiesEnd() {
    var sizing = Sizing(items: 1_000, users: 1_000)
    sizing.itemsPerUser = 10
    sizing.eventsPerUser = Double(Limits.historyEventsMax)
    let (memory, disk) = (sizing.memory, sizing.diskBytes)
    sizing.eventsPerUser *= 2
    #expect(
      sizing.memory.filter { !$0.name.hasPrefix("state") } == memory.filter { !$0.name.hasPrefix("state") })
    #expect(sizing.diskBytes > disk)
  }
}
