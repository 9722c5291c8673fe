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
  /// From the moment a request's last byte was read until it was begun or refused for having waited: what it waited
  /// behind others of the same loop. Nanoseconds, by raw value of the class.
  package let waits = RequestClass.allCases.map { _ in Histogram() }
  /// Requests refused because they waited too long, or because too much waited already.
  package let overloaded = CounterTable<RequestClass>()
  /// Requests refused before they were looked at because memory is short.
  package let memoryRefusals = CounterTable<RequestClass>()
  /// By raw value of the class: requests that wait, and 1 while those that waited too long are refused. As of the last turn.
  let waitingCounts = RequestClass.allCases.map { _ in Gauge() }
  let overloads = RequestClass.allCases.map { _ in Gauge() }
  let waitingBytes = Gauge()
  /// Completions that wait for the loop.
  let completions: @Sendable () -> Int
  private let beat = Atomic<UInt64>(ContinuousNanoseconds.now)

  init(completions: @escaping @Sendable () -> Int) { self.completions = completions }

  /// A turn of work is over.
  func note<Payload>(_ waiting: WaitingRequests<Payload>) {
    for `class` in RequestClass.allCases {
      waitingCounts[`class`.rawValue].set(waiting.count(of: `class`))
      overloads[`class`.rawValue].set(waiting.isOverloaded(`class`) ? 1 : 0)
    }
    waitingBytes.set(waiting.bytes)
  }

  /// The loop turns. Called by itself, about once a second.
  func turned() { beat.store(ContinuousNanoseconds.now, ordering: .relaxed) }

  /// Nanoseconds since the loop is known to have turned.
  package var silence: UInt64 {
    let (now, last) = (ContinuousNanoseconds.now, beat.load(ordering: .relaxed))
    return now > last ? now - last : 0
  }
}
