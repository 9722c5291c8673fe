import Metering
import Testing

/// Transcripts on a clock of milliseconds: how long the oldest request has waited, and what is to become of it.
@Suite struct QueueDelayControlTests {
  private var control = QueueDelayControl(target: 20, interval: 200)

  private mutating func isTooLate(_ wait: UInt64, at now: UInt64) -> Bool { control.isTooLate(wait, at: now) }

  @Test mutating func aBurstIsNoneOfItsBusiness() {
    // Longer than the target for 190 of 200 ms, then worked off.
    for now in stride(from: UInt64(1_000), to: 1_190, by: 10) {
      #expect(!isTooLate(150, at: now))
    }
    #expect(!isTooLate(5, at: 1_190))
    for now in stride(from: UInt64(1_200), to: 1_400, by: 10) {
      #expect(!isTooLate(150, at: now))
      #expect(!control.isOverloaded)
    }
  }

  @Test mutating func aStandingQueueIsCutToTwiceTheTarget() {
    for now in stride(from: UInt64(1_000), to: 1_200, by: 10) {
      #expect(!isTooLate(21, at: now))
    }
    // The interval is over, and its shortest wait was above the target.
    #expect(isTooLate(41, at: 1_200))
    #expect(control.isOverloaded)
    #expect(!isTooLate(40, at: 1_201))
    #expect(control.refuses(41))
    #expect(!control.refuses(40))
  }

  @Test mutating func whoIsServedKeepsItOnUntilLoadFalls() {
    for now in stride(from: UInt64(1_000), through: 1_200, by: 10) { _ = control.isTooLate(100, at: now) }
    #expect(control.isOverloaded)
    // What is served now waited between one target and two: still a standing queue.
    for now in stride(from: UInt64(1_210), through: 2_000, by: 10) {
      #expect(!isTooLate(38, at: now))
      #expect(control.isOverloaded)
    }
    // The queue gets short once: the next interval is free.
    #expect(!isTooLate(0, at: 2_005))
    for now in stride(from: UInt64(2_010), to: 2_200, by: 10) { _ = control.isTooLate(38, at: now) }
    #expect(!isTooLate(100, at: 2_200))
    #expect(!control.isOverloaded)
  }

  @Test mutating func anOverloadNobodyLookedAtIsForgotten() {
    for now in stride(from: UInt64(1_000), through: 1_200, by: 10) { _ = control.isTooLate(100, at: now) }
    #expect(control.isOverloaded)
    #expect(!isTooLate(100, at: 9_000))
    #expect(!control.isOverloaded)
  }

  @Test mutating func refusingAllWhoWaitedSaysNothingOfTheLoad() {
    for now in stride(from: UInt64(1_000), through: 1_200, by: 10) { _ = control.isTooLate(100, at: now) }
    // A pause of 60 ms made everybody late; then nobody was left.
    #expect(isTooLate(60, at: 1_210))
    #expect(!isTooLate(0, at: 1_211))
    for now in stride(from: UInt64(1_220), to: 1_400, by: 10) { #expect(!isTooLate(30, at: now)) }
    #expect(isTooLate(41, at: 1_400))
    // From here nobody is refused and the queue gets short: it goes off an interval later.
    #expect(!isTooLate(0, at: 1_401))
    #expect(!isTooLate(10, at: 1_600))
    #expect(control.isOverloaded)
    #expect(!isTooLate(100, at: 1_800))
    #expect(!control.isOverloaded)
  }

  @Test mutating func aBurstHasItsEndToo() {
    control.burst = 200
    #expect(!isTooLate(5, at: 1_000))
    #expect(!isTooLate(200, at: 1_150))
    #expect(isTooLate(201, at: 1_151))
    #expect(!control.isOverloaded)
    control.target = 0
    #expect(!isTooLate(1_000, at: 1_152))
  }

  @Test mutating func aTargetOfZeroRefusesNothing() {
    control.target = 0
    for now in stride(from: UInt64(1_000), through: 9_000, by: 10) {
      #expect(!isTooLate(5_000, at: now))
    }
  }
}
