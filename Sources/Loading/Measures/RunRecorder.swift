import Glibc

/// Writes down what happens to requests while a run goes on: by intended moment for the totals, by the second for
/// the series. Memory is fixed but for one small row a second.
struct RunRecorder {
  private let start: UInt64
  private let measuredFrom: UInt64
  private let measuredTo: UInt64
  private(set) var row: SecondRow
  private var rowLatencies = Latencies()
  private var samples: UInt64 = 0
  private var processorAtStart: UInt64?
  var measurement = Measurement()

  init(start: UInt64, warmupNanoseconds: UInt64, measuredNanoseconds: UInt64) {
    self.start = start
    measuredFrom = start + warmupNanoseconds
    measuredTo = measuredFrom + measuredNanoseconds
    row = SecondRow(second: 0, isWarmup: warmupNanoseconds > 0)
    measurement.duration = Double(measuredNanoseconds) / 1e9
  }

  private func isMeasured(_ moment: UInt64) -> Bool { moment >= measuredFrom && moment < measuredTo }

  private mutating func count(_ method: LoadMethod, _ intended: UInt64, _ change: (inout MethodTally) -> Void)
  {
    if isMeasured(intended) { change(&measurement.tallies[method.rawValue]) }
  }

  mutating func offered(_ method: LoadMethod, intended: UInt64) {
    count(method, intended) { $0.offered += 1 }
  }

  mutating func unsent(_ method: LoadMethod, intended: UInt64) {
    count(method, intended) {
      $0.offered += 1
      $0.unsent += 1
    }
  }

  /// - Parameter wasBlocked: no connection had room when it was due, so the generator is not to blame.
  mutating func sent(_ method: LoadMethod, intended: UInt64, now: UInt64, wasBlocked: Bool) {
    row.sent += 1
    count(method, intended) { $0.sent += 1 }
    if isMeasured(intended), !wasBlocked { measurement.lag.record(now &- intended) }
  }

  mutating func ok(_ entry: Pending, now: UInt64) {
    row.ok += 1
    if isMeasured(now) { measurement.okInWindow += 1 }
    latency(entry, now: now) { $0.ok += 1 }
  }

  mutating func timedOut(_ entry: Pending, now: UInt64) {
    row.failed += 1
    latency(entry, now: now) { $0.timedOut += 1 }
  }

  private mutating func latency(_ entry: Pending, now: UInt64, _ change: (inout MethodTally) -> Void) {
    rowLatencies.record(now &- entry.intended)
    count(entry.method, entry.intended) { tally in
      change(&tally)
      tally.intended.record(now &- entry.intended)
      tally.service.record(now &- entry.sent)
    }
  }

  mutating func shed(_ method: LoadMethod, intended: UInt64, now: UInt64) {
    row.shed += 1
    count(method, intended) { $0.shed += 1 }
  }

  mutating func failed(_ method: LoadMethod, intended: UInt64, reason: String, now: UInt64) {
    row.failed += 1
    count(method, intended) { $0.errors[reason, default: 0] += 1 }
  }

  /// One slate of 64 is looked into: decoding all of them would make the generator the bottleneck.
  mutating func wantsSample() -> Bool {
    samples += 1
    return samples % 64 == 1
  }

  mutating func sampled(isEmpty: Bool) {
    measurement.slatesSampled += 1
    if isEmpty { measurement.slatesEmpty += 1 }
  }

  /// Closes the row of a second that is over and returns it. `.max` closes the last one.
  mutating func roll(now: UInt64, inFlight: Int) -> SecondRow? {
    noteProcessor(now)
    let second = now == .max ? row.second + 1 : Int(clamping: (now &- start) / 1_000_000_000)
    guard second > row.second else { return nil }
    row.inFlight = inFlight
    row.p50 = rowLatencies.percentile(50)
    row.p99 = rowLatencies.percentile(99)
    row.max = rowLatencies.max
    let closed = row
    measurement.seconds.append(closed)
    rowLatencies.reset()
    row = SecondRow(second: second, isWarmup: start &+ UInt64(second) * 1_000_000_000 < measuredFrom)
    return closed
  }

  /// Takes the thread's CPU time at both ends of the measured time. REQUIRES: called on the sending thread.
  private mutating func noteProcessor(_ now: UInt64) {
    if now < measuredFrom { return }
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    let used = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    guard let first = processorAtStart else {
      processorAtStart = used
      return
    }
    // Once the measured time is over only waiting is left.
    if now <= measuredTo, now > measuredFrom {
      measurement.processorShare = Double(used - first) / Double(now - measuredFrom)
    }
  }
}
