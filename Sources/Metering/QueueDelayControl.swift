/// Decides from how long the oldest request of a queue has waited whether it is too late for it.
///
/// CoDel (Nichols, Jacobson: Controlling Delay, 2012) in the form that servers use (Maurer: Fail at Scale, 2015): a queue
/// that gets shorter than `target` once in every `interval` only evens out a burst and is left alone; one that never does
/// is a standing queue, in which everybody waits and nobody gains. Then whoever has waited twice the target is refused,
/// from the front. Twice, so that those who are served still see a wait above the target and the control stays on until
/// load falls; it then goes off by itself within one interval. An interval in which somebody was refused keeps it on too: on a
/// machine that works in fits, refusing all who waited can empty the queue, which says nothing of the load.
///
/// Whoever has waited longer than `burst` is refused even while the control is off: a queue takes an interval or two until it is
/// known to stand, and grows as long.
///
/// Knows no clock and no queue: times are nanoseconds given with each look.
package struct QueueDelayControl: Sendable, Hashable {
  package var target: UInt64
  package var interval: UInt64
  /// The longest wait of a burst; `.max` for a queue whose waits come from one slow thing and not from many requests.
  package var burst: UInt64
  /// Whether the queue stood through the whole interval before this one.
  package private(set) var isOverloaded = false
  /// The shortest wait seen in the current interval; nil before the first look.
  private var shortest: UInt64?
  private var intervalEnd: UInt64 = 0
  /// Whether anybody was refused in the current interval.
  private var hasRefused = false

  /// - Parameter target: 0 refuses nothing ever.
  package init(target: UInt64, interval: UInt64, burst: UInt64 = .max) {
    self.target = target
    self.interval = interval
    self.burst = burst
  }

  /// Whether a request that has waited so long is to be refused, as of the last look.
  package func refuses(_ wait: UInt64) -> Bool {
    target > 0 && (wait > burst || isOverloaded && wait > 2 &* target)
  }

  /// Looks at the queue. - Parameter wait: of its oldest request, 0 if it is empty.
  /// - Returns: whether that request is to be refused.
  package mutating func isTooLate(_ wait: UInt64, at now: UInt64) -> Bool {
    guard target > 0 else {
      isOverloaded = false
      return false
    }
    if now >= intervalEnd {
      // Nobody looked for a whole interval: there was no queue to look at.
      let isForgotten = now &- intervalEnd >= interval
      isOverloaded = !isForgotten && (hasRefused || (shortest ?? 0) > target)
      shortest = nil
      hasRefused = false
      intervalEnd = now &+ interval
    }
    shortest = min(shortest ?? .max, wait)
    let isTooLate = refuses(wait)
    if isTooLate { hasRefused = true }
    return isTooLate
  }
}
