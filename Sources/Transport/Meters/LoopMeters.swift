import Metering
import Synchronization
import Vocabulary

/// What one event loop counts about its connections. Its own, so that no two cores write the same number.
package final class LoopMeters: Sendable {
  package let accepted = Counter()
  package let receivedBytes = Counter()
  package let sentBytes = Counter()
  /// Replies that are faults, by reason: of the handler, and of the transport itself.
  package let faults = CounterTable<FaultReason>()
  /// Connections ended because their peer broke a rule or reached a limit, by reason.
  package let connectionFaults = CounterTable<FaultReason>()
  /// From the moment a request's last byte was read until it was begun: what waited behind other requests of the
  /// same loop. Nanoseconds.
  package let wait = Histogram()
  /// Completions that wait for the loop.
  let completions: @Sendable () -> Int
  private let beat = Atomic<UInt64>(ContinuousNanoseconds.now)

  init(completions: @escaping @Sendable () -> Int) { self.completions = completions }

  /// The loop turns. Called by itself, about once a second.
  func turned() { beat.store(ContinuousNanoseconds.now, ordering: .relaxed) }

  /// Nanoseconds since the loop is known to have turned.
  package var silence: UInt64 {
    let (now, last) = (ContinuousNanoseconds.now, beat.load(ordering: .relaxed))
    return now > last ? now - last : 0
  }
}
