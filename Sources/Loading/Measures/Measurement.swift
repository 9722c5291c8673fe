/// What became of the requests of one method whose intended moment lay in the measured time.
package struct MethodTally: Sendable {
  /// Meant to be sent. In a closed loop: sent.
  package var offered: UInt64 = 0
  package var sent: UInt64 = 0
  package var ok: UInt64 = 0
  /// Refused by the daemon to protect itself (RESOURCE_EXHAUSTED).
  package var shed: UInt64 = 0
  /// Not answered in time, by the daemon's clock or by ours.
  package var timedOut: UInt64 = 0
  /// All else, by reason.
  package var errors: [String: UInt64] = [:]
  /// Meant to be sent, but no connection could take it before the end.
  package var unsent: UInt64 = 0
  /// From the intended moment to the answer; of what was answered well or not in time. Refusals are quick and would
  /// flatter, so they are only counted.
  package var intended = Latencies()
  /// From the moment of sending.
  package var service = Latencies()

  package init() {}

  package var errorCount: UInt64 { errors.values.reduce(0, +) }

  /// Adds another tally to this one.
  package mutating func add(_ other: MethodTally) {
    offered += other.offered
    sent += other.sent
    ok += other.ok
    shed += other.shed
    timedOut += other.timedOut
    unsent += other.unsent
    for (reason, count) in other.errors { errors[reason, default: 0] += count }
    intended.add(other.intended)
    service.add(other.service)
  }
}

/// What happened in one second of a run.
package struct SecondRow: Sendable, Hashable {
  /// Seconds since the start of the run, warm-up included.
  package var second: Int
  package var isWarmup: Bool
  package var sent: UInt64 = 0
  package var ok: UInt64 = 0
  package var shed: UInt64 = 0
  /// Errors and timeouts.
  package var failed: UInt64 = 0
  /// Under way at its end.
  package var inFlight = 0
  /// Nanoseconds from the intended moment, of answers that came in this second.
  package var p50: UInt64 = 0
  package var p99: UInt64 = 0
  package var max: UInt64 = 0

  package init(second: Int, isWarmup: Bool) {
    self.second = second
    self.isWarmup = isWarmup
  }
}

/// What a run found.
package struct Measurement: Sendable {
  /// By `LoadMethod.rawValue`.
  package var tallies = [MethodTally](repeating: MethodTally(), count: LoadMethod.allCases.count)
  package var seconds: [SecondRow] = []
  /// Measured time, seconds.
  package var duration = 0.0
  /// Good answers that came within the measured time, whenever their requests were sent.
  package var okInWindow: UInt64 = 0
  /// How late requests left although a connection was free: the generator's own fault.
  package var lag = Latencies()
  /// CPU time of the sending thread within the measured time, as a share of one core.
  package var processorShare = 0.0
  package var connectionsLost = 0
  /// Slates that were looked into (one of 64), and how many of them were empty.
  package var slatesSampled: UInt64 = 0
  package var slatesEmpty: UInt64 = 0
  /// Events of all Ingests sent, warm-up included.
  package var eventsSent: UInt64 = 0

  package init() {}

  /// All methods together. O(methods × buckets).
  package var total: MethodTally {
    var sum = MethodTally()
    for tally in tallies { sum.add(tally) }
    return sum
  }

  /// Good answers a second.
  package var achievedRate: Double { duration > 0 ? Double(okInWindow) / duration : 0 }

  /// Good answers within the measured time as a share of the requests offered in it. Nothing offered is nothing
  /// achieved.
  package var achieved: Double {
    let offered = tallies.reduce(0) { $0 + $1.offered }
    return offered > 0 ? Double(okInWindow) / Double(offered) : 0
  }

  /// Whether the rate was held: at least 99 % of what was offered was answered well in time.
  package var heldRate: Bool { achieved >= 0.99 }
  /// Whether the generator disturbed what it measured: requests left more than a millisecond late at the 99th
  /// percentile, or its thread was busy most of the time.
  package var generatorWasLate: Bool { lag.percentile(99) > 1_000_000 || processorShare > 0.9 }
}
