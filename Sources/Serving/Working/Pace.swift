import Synchronization
import Vocabulary

/// What tells the time to a request: the machine's clock, or in tests a script.
package struct ReadClock: Sendable {
  private let script: ScriptedClock?

  /// The machine's monotonic clock.
  package init() { script = nil }

  package init(_ script: ScriptedClock) { self.script = script }

  /// Monotonic nanoseconds.
  package var now: UInt64 { script?.look() ?? ContinuousNanoseconds.now }
}

/// A clock that moves on by the same step each time somebody looks at it, so that how long everything takes is known.
package final class ScriptedClock: Sendable {
  private let time: Atomic<UInt64>
  private let step: UInt64

  package init(at start: UInt64, step: UInt64) {
    time = Atomic(start)
    self.step = step
  }

  fileprivate func look() -> UInt64 { time.add(step, ordering: .relaxed).oldValue }
}

/// How long one request may take, as a whole and in each step.
///
/// Whoever runs late leaves out what the reply can do without, and the reply names the step. Nothing here ever makes
/// a request fail: that is the deadline's business alone, and only before anything was done.
struct Pace {
  /// Monotonic nanoseconds after which the answer is late: the deadline, or the budget's end if that is earlier.
  private(set) var end: UInt64 = .max
  private var ceilings: [UInt32] = []

  init() {}

  init(_ context: ReadContext) {
    end = context.deadline
    ceilings = context.settings.pace.ceilingsMicroseconds
  }

  /// Takes over the request's own budget; 0 is none.
  mutating func limit(microseconds: UInt32, since received: UInt64) {
    if microseconds > 0 { end = min(end, received &+ UInt64(microseconds) * 1_000) }
  }

  /// - Parameter began: when the step did.
  func isLate(_ step: StepKind, since began: UInt64, at now: UInt64) -> Bool {
    if now >= end { return true }
    let place = Int(step.rawValue)
    guard place < ceilings.count, ceilings[place] > 0 else { return false }
    return now &- began >= UInt64(ceilings[place]) * 1_000
  }
}

/// How much of the configured width is looked at, from how late the last answers were.
///
/// The rule of the quality factor in Twitter's product mixer (open-sourced 2023): a late answer takes a tenth of it away
/// at once, each one in time gives back a thousandth, so that a loop that has just been overrun returns slowly. One for
/// each event loop; time waited behind other requests counts, because that is what load looks like from inside.
package struct QualityFactor: Sendable, Hashable {
  /// Above 0 to 1.
  package private(set) var value = 1.0

  package init() {}

  package static let decrease = 0.9
  package static let increase = 0.001

  /// Notes what one answer took from its request's arrival.
  package mutating func took(_ nanoseconds: UInt64, _ settings: PaceSettings) {
    guard settings.targetMicroseconds > 0 else {
      value = 1
      return
    }
    if nanoseconds > UInt64(settings.targetMicroseconds) * 1_000 {
      value = max(settings.qualityFloor, value * Self.decrease)
    } else {
      value = min(1, value + Self.increase)
    }
    // In thousandths, as tokens hold it: a replay must look at exactly as much.
    value = (value * 1_000).rounded() / 1_000
  }
}
