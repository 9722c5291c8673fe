/// Says which request is due. The clock is the caller's, so that a test can hold one.
///
/// An open loop hands out every intended moment once, in order, with the moment itself: if the caller could not send
/// for a while, it gets the moments it missed, and latency counted from them contains the wait. A closed loop has
/// no intentions: whatever is sent is sent now.
package struct Pacer: Sendable {
  private enum Kind {
    case open(ArrivalSchedule, next: UInt64)
    case closed(concurrency: Int)
  }
  private var kind: Kind
  private let start: UInt64
  /// No request is due at or after this moment.
  package let end: UInt64

  /// An open loop over [start, end), nanoseconds on the caller's clock.
  package init(open schedule: ArrivalSchedule, start: UInt64, end: UInt64) {
    var schedule = schedule
    let first = start.addingReportingOverflow(schedule.next())
    kind = .open(schedule, next: first.overflow ? .max : first.partialValue)
    self.start = start
    self.end = end
  }

  /// A closed loop: as many requests under way as `concurrency` says.
  package init(closed concurrency: Int, start: UInt64, end: UInt64) {
    kind = .closed(concurrency: concurrency)
    self.start = start
    self.end = end
  }

  /// The intended moment of a request that is due at `now`, or nil. Does not take it.
  package func due(now: UInt64, inFlight: Int) -> UInt64? {
    switch kind {
    case .open(_, let next): next <= now && next < end ? next : nil
    case .closed(let concurrency): inFlight < concurrency && now < end ? now : nil
    }
  }

  /// The request that was due is on its way.
  package mutating func take() {
    guard case .open(var schedule, _) = kind else { return }
    let (next, overflow) = start.addingReportingOverflow(schedule.next())
    kind = .open(schedule, next: overflow ? .max : next)
  }

  /// When to look again if nothing happens; nil if only a reply can make a request due.
  package var wakeAt: UInt64? {
    if case .open(_, let next) = kind, next < end { next } else { nil }
  }

  /// Takes all that is left, handing each intended moment to `body`: what was meant to be sent and was not. O(left).
  package mutating func abandon(_ body: (UInt64) -> Void) {
    while case .open(_, let next) = kind, next < end {
      body(next)
      take()
    }
  }
}
