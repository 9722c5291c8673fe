import Vocabulary
import Wire

/// What one connection is allowed and obliged to do: an event goes in, an action comes out. It knows no channel,
/// no bytes and no clock; times are nanoseconds given with each event.
///
/// What an unexpected event means: a frame against the rules is the peer's fault and ends the connection; a
/// second completion of one request, or one for a connection that is gone, is harmless and dropped.
///
/// Invariants: `awaitingCount` counts the streams in the table that have no answer yet; a stream is in the table
/// from its deferral to its completion, so cancelling does not make room for more work.
package struct ConnectionStateMachine: Sendable {
  package enum Phase: Sendable, Hashable {
    /// Frames are taken. Next: lingering, finished.
    case open
    /// The last frame was sent; what still arrives is discarded. Next: finished.
    case lingering
    /// Closed, or about to be once everything is written. Final.
    case finished
  }

  /// A request whose handler has not completed it yet.
  struct Stream: Sendable {
    let deadline: UInt64
    let cancellation: Cancellation
    /// Its reply was sent by the transport: cancelled, or past its deadline. The completion will be dropped.
    var isAnswered = false
  }

  /// Events counted in the current window.
  struct Window: Sendable {
    var start: UInt64 = 0
    var requests = 0
    var cancels = 0
    var pings = 0
  }

  let limits: ConnectionLimits
  package internal(set) var phase = Phase.open
  /// When draining began. New requests are refused from then on.
  var drainingSince: UInt64?
  /// The peer will send nothing more.
  var hasInputEnded = false
  /// The highest stream the peer has opened.
  var lastStream: UInt32 = 0
  var streams: [UInt32: Stream] = [:]
  /// Requests without an answer.
  package internal(set) var awaitingCount = 0
  var window = Window()
  /// When the last frame came or the last reply went.
  var lastTraffic: UInt64
  /// When the first byte of a frame that is not whole yet came.
  var partialSince: UInt64?
  /// Bytes the peer has taken, and since when that has not grown although more wait.
  var takenBytes = 0
  var stuckSince: UInt64?
  /// Ticks for which that has been so.
  var stuckTicks = 0

  package init(limits: ConnectionLimits, now: UInt64) {
    self.limits = limits
    lastTraffic = now
    window.start = now
  }

  package var takesFrames: Bool { phase == .open }
  package var isDraining: Bool { drainingSince != nil }
}

// MARK: The life of a request

extension ConnectionStateMachine {
  /// The handler took a request and will complete it later.
  package mutating func deferred(_ stream: UInt32, deadline: UInt64, cancellation: Cancellation) {
    streams[stream] = Stream(deadline: deadline, cancellation: cancellation)
    awaitingCount += 1
  }

  package enum OnCompletion: Sendable, Hashable {
    /// Send the outcome.
    case send
    /// Answered before, or nobody is left to read it.
    case drop
  }

  /// The handler completed a deferred request.
  package mutating func completed(_ stream: UInt32, at now: UInt64) -> OnCompletion {
    guard let known = streams.removeValue(forKey: stream) else { return .drop }
    if known.isAnswered { return .drop }
    awaitingCount -= 1
    lastTraffic = now
    return phase == .open ? .send : .drop
  }

  /// Whether somebody still waits for the answer to a request that was taken for later.
  package func isAwaited(_ stream: UInt32) -> Bool { streams[stream].map { !$0.isAnswered } ?? false }

  /// Streams whose deadline has passed; each is to be answered with `deadline_exceeded`. O(streams).
  package mutating func expire(at now: UInt64) -> [UInt32] {
    if phase != .open { return [] }
    let expired = streams.filter { !$0.value.isAnswered && $0.value.deadline <= now }.keys.sorted()
    for stream in expired { answerEarly(stream) }
    if !expired.isEmpty { lastTraffic = now }
    return expired
  }

  /// The earliest deadline of a request without an answer. O(streams).
  package var nextDeadline: UInt64? {
    streams.values.lazy.filter { !$0.isAnswered }.map(\.deadline).min()
  }

  /// Marks a stream as answered by the transport and tells its work to stop. The stream keeps its place until
  /// the work really has: a peer that cancels as fast as it asks must not get unbounded work done.
  mutating func answerEarly(_ stream: UInt32) {
    streams[stream]?.isAnswered = true
    streams[stream]?.cancellation.cancel()
    awaitingCount -= 1
  }

  /// Tells all work to stop and forgets it.
  mutating func abandonStreams() {
    for stream in streams.values { stream.cancellation.cancel() }
    streams.removeAll()
    awaitingCount = 0
  }
}

// MARK: The end

extension ConnectionStateMachine {
  package enum OnSettled: Sendable, Hashable {
    case stay
    /// Everything asked was answered and nothing more will come: close once all is written.
    case close
  }

  /// Everything that could be done for now was done. `hasInput` says whether frames wait that were not looked at
  /// yet because the peer does not read.
  package mutating func settled(hasInput: Bool) -> OnSettled {
    if phase == .open && hasInputEnded && awaitingCount == 0 && !hasInput {
      phase = .finished
      abandonStreams()
      return .close
    }
    return .stay
  }

  package enum OnInputEnded: Sendable, Hashable {
    /// Finish what is in flight, then close.
    case finish
    /// Nobody is left to talk to.
    case close
  }

  /// The peer closed its side.
  package mutating func inputEnded() -> OnInputEnded {
    hasInputEnded = true
    if phase == .open { return .finish }
    phase = .finished
    return .close
  }

  /// A GOAWAY about a fault is being sent: what is in flight is abandoned.
  package mutating func failed() {
    phase = .lingering
    abandonStreams()
  }

  /// The connection is gone.
  package mutating func closed() {
    phase = .finished
    abandonStreams()
  }

  package enum OnDrain: Sendable, Hashable {
    case ignore
    /// Tell the peer to go elsewhere.
    case goAway
  }

  /// The daemon is going down: refuse new requests, finish those in flight.
  package mutating func drain(at now: UInt64) -> OnDrain {
    if phase != .open || isDraining { return .ignore }
    drainingSince = now
    return .goAway
  }

  /// While draining: whether the connection can be closed. True once nothing is in flight and the peer was quiet
  /// for a moment, so that requests which crossed the GOAWAY get their refusal.
  package mutating func isDrained(at now: UInt64) -> Bool {
    guard phase == .open, let since = drainingSince, awaitingCount == 0 else { return false }
    if now &- max(since, lastTraffic) < limits.drainQuiet { return false }
    phase = .lingering
    abandonStreams()
    return true
  }
}
