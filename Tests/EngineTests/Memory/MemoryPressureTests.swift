import Engine
import Testing
import Vocabulary

/// Transcripts: how much is held, what is refused from then on.
@Suite struct MemoryPressureTests {
  /// A limit of a hundred units besides its reserve, so that bytes are hundredths.
  private var pressure = MemoryPressure(limitBytes: 12_000, reserveBytes: 2_000)

  private mutating func level(_ percent: UInt64) -> MemoryPressure.Level {
    pressure.look(usedBytes: percent * 100)
  }

  @Test mutating func linesAreCrossedOneAfterTheOther() {
    #expect(level(0) == .none)
    #expect(level(74) == .none)
    #expect(level(75) == .bulk)
    #expect(level(81) == .bulk)
    #expect(level(82) == .ingest)
    #expect(level(94) == .read)
    #expect(level(500) == .read)
  }

  @Test mutating func theWayBackIsLaterThanTheWayUp() {
    #expect(level(82) == .ingest)
    #expect(level(81) == .ingest)
    #expect(level(80) == .ingest)
    #expect(level(79) == .bulk)
    #expect(level(82) == .ingest)
    #expect(level(73) == .bulk)
    #expect(level(72) == .none)
    #expect(level(74) == .none)
  }

  @Test mutating func itFallsThroughSeveralLinesAtOnce() {
    #expect(level(99) == .read)
    #expect(level(10) == .none)
    #expect(level(99) == .read)
    #expect(level(74) == .bulk)
  }

  @Test func theReserveIsNeverMoreThanHalf() {
    #expect(Limits.memoryReserveBytes(of: Limits.memoryLimitBytesMin) == 192 << 20)
    #expect(Limits.memoryReserveBytes(of: 1 << 40) == 576 << 20)
    // A limit of nothing refuses everything, and divides by nothing.
    var none = MemoryPressure(limitBytes: 0, reserveBytes: 10)
    #expect(none.look(usedBytes: 100) == .read)
  }

  @Test func readsAreRefusedLastAndOperatorsNever() {
    let refused = MemoryPressure.Level.allCases.map { level in RequestClass.allCases.filter(level.refuses) }
    #expect(refused == [[], [.bulk], [.ingest, .bulk], [.read, .ingest, .bulk]])
  }

  @Test func theGrantIsTheMachinesOrLess() {
    var settings = OverloadSettings()
    let resolved = MemoryGrant.resolved(settings)
    #expect(resolved.memoryLimitBytes >= Limits.memoryLimitBytesMin)
    #expect(resolved.memoryLimitBytes <= max(Limits.memoryLimitBytesMin, MemoryGrant.bytes))
    settings.memoryLimitBytes = 3 << 30
    #expect(MemoryGrant.resolved(settings) == settings)
    #expect(settings.queueShare(of: 1 << 40) == 3 << 25)
    #expect(settings.queueShare(of: 1 << 10) == 1 << 10)
  }
}
