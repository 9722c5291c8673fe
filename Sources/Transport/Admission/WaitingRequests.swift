import Metering
import NIOCore
import Vocabulary

/// Requests that wait for their event loop, a queue for each class: the next to be served, or to be refused because it
/// waited too long.
///
/// A request comes in by `arrived` and leaves by `next`, exactly once. Within a class the order of arrival holds; a class
/// is served only while those before it have nothing that waits, but that every so often an operator's request is.
/// Each class has a `QueueDelayControl` of its own, with its own patience, so one that is starved by those before it is
/// refused while theirs is not.
///
/// Knows no connection and no clock: times are nanoseconds given with each event.
package struct WaitingRequests<Payload> {
  private struct Entry {
    let payload: Payload
    let bytes: Int
    let arrived: UInt64
  }

  package enum Next {
    case serve(Payload, RequestClass, waited: UInt64)
    /// To be answered at once that it waited too long.
    case refuse(Payload, RequestClass, waited: UInt64)
    /// Nothing waits.
    case nothing
  }

  /// By raw value of the class.
  private var queues: [CircularBuffer<Entry>]
  private var controls: [QueueDelayControl]
  private var turns = 0
  /// Requests refused since the last one was served.
  private var refusals = 0
  package private(set) var count = 0
  /// Of all messages that wait, with what goes with each.
  package private(set) var bytes = 0
  /// Bytes above which a class may add nothing, unless nothing of it waits.
  package var bytesMax: Int

  /// - Parameters:
  ///   - target: nanoseconds a read may wait for long; 0 refuses nothing for having waited.
  ///   - interval: nanoseconds.
  package init(target: UInt64, interval: UInt64, bytesMax: Int) {
    self.bytesMax = bytesMax
    queues = RequestClass.allCases.map { _ in CircularBuffer() }
    controls = RequestClass.allCases.map { _ in QueueDelayControl(target: 0, interval: 0) }
    set(target: target, interval: interval)
  }

  package mutating func set(target: UInt64, interval: UInt64) {
    for `class` in RequestClass.allCases {
      controls[`class`.rawValue].target = target &* `class`.patience
      controls[`class`.rawValue].interval = interval &* `class`.patience
      controls[`class`.rawValue].burst = interval &* `class`.patience
    }
  }

  package var isEmpty: Bool { count == 0 }
  package func count(of class: RequestClass) -> Int { queues[`class`.rawValue].count }
  package func isOverloaded(_ class: RequestClass) -> Bool { controls[`class`.rawValue].isOverloaded }
  package var isOverloaded: Bool { controls.contains { $0.isOverloaded } }

  /// A request came, the last byte of it at `arrived`. Returns false, and keeps nothing, if there is no room: each class
  /// may fill half of what the one before it may. O(1).
  package mutating func arrived(
    _ payload: Payload, _ class: RequestClass, bytes size: Int, at arrived: UInt64
  ) -> Bool {
    let size = size + Limits.waitingRequestOverheadBytes
    // Whatever waits for nobody is taken, so that no request is too large for every moment.
    guard bytes + size <= bytesMax >> max(0, `class`.rawValue - 1) || queues[`class`.rawValue].isEmpty else {
      return false
    }
    queues[`class`.rawValue].append(Entry(payload: payload, bytes: size, arrived: arrived))
    bytes += size
    count += 1
    return true
  }

  /// What to do now. O(classes).
  package mutating func next(at now: UInt64) -> Next {
    // Also where nothing waits: an empty queue is what a control is waiting to see.
    var isFirst = true
    for place in queues.indices {
      let wait = wait(place, now)
      let isTooLate = controls[place].isTooLate(wait, at: now)
      // Those who come first must not wait until thousands behind them were told.
      if isTooLate, isFirst || refusals < Limits.refusalsBetweenTurns, let entry = take(place) {
        refusals += 1
        return .refuse(entry.payload, RequestClass(rawValue: place) ?? .bulk, waited: wait)
      }
      if !queues[place].isEmpty { isFirst = false }
    }
    if count == 0 { return .nothing }
    turns += 1
    refusals = 0
    let admin = RequestClass.admin.rawValue
    if turns % Limits.adminTurnEvery == 0, let next = serve(admin, now) { return next }
    for place in queues.indices {
      if let next = serve(place, now) { return next }
    }
    return .nothing
  }

  private mutating func serve(_ place: Int, _ now: UInt64) -> Next? {
    let wait = wait(place, now)
    guard let entry = take(place) else { return nil }
    return .serve(entry.payload, RequestClass(rawValue: place) ?? .bulk, waited: wait)
  }

  private func wait(_ place: Int, _ now: UInt64) -> UInt64 {
    guard let first = queues[place].first, now > first.arrived else { return 0 }
    return now - first.arrived
  }

  private mutating func take(_ place: Int) -> Entry? {
    guard let entry = queues[place].popFirst() else { return nil }
    bytes -= entry.bytes
    count -= 1
    // No large queue is kept for a crowd that is gone.
    if queues[place].isEmpty, queues[place].capacity > 4096 { queues[place] = CircularBuffer() }
    return entry
  }
}
