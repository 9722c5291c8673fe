import Locking
import NIOCore
import Vocabulary

/// One attempt at a call, from submission until its one result: a reply, a fault, the deadline, or the caller's
/// change of mind, whichever comes first.
package final class PendingCall: Sendable {
  /// The method asked for.
  package let method: Method
  /// The encoded meta message.
  package let meta: [UInt8]
  /// The encoded request.
  package let body: [UInt8]
  /// When nobody waits any more, in `ContinuousNanoseconds`.
  package let deadline: UInt64

  private struct State {
    var complete: (@Sendable (Result<Reply, CallFailure>) -> Void)?
    var timer: Scheduled<Void>?
    /// Where it was written: needed to take it back.
    var place: (connection: Connection, stream: UInt32)?
    var submitted: (@Sendable () -> Void)?
  }

  private let state: Locked<State>

  /// - Parameters:
  ///   - submitted: called once, when the call's place in the order of its connection is settled, or when it has
  ///     ended without one.
  ///   - complete: called once, from any thread.
  package init(
    method: Method, meta: [UInt8], body: [UInt8], deadline: UInt64,
    submitted: (@Sendable () -> Void)? = nil,
    complete: @escaping @Sendable (Result<Reply, CallFailure>) -> Void
  ) {
    self.method = method
    self.meta = meta
    self.body = body
    self.deadline = deadline
    state = Locked(State(complete: complete, submitted: submitted))
  }

  /// Whether the result is known; the rest of the way is then spared.
  package var isFinished: Bool { state.withLock { $0.complete == nil } }

  /// Milliseconds left, rounded up, at least 1: zero would mean "the server's default".
  package var remainingMilliseconds: UInt32 {
    let now = ContinuousNanoseconds.now
    let left = deadline > now ? (deadline - now + 999_999) / 1_000_000 : 1
    return UInt32(clamping: min(max(left, 1), UInt64(Limits.timeoutMillisecondsMax)))
  }

  /// Starts the local clock: at the deadline the call ends, answered or not.
  func startTimer(on loop: any EventLoop) {
    let now = ContinuousNanoseconds.now
    let left = Int64(clamping: deadline > now ? deadline - now : 0)
    let timer = loop.scheduleTask(in: .nanoseconds(left)) { self.expire() }
    let isLate = state.withLock { state in
      if state.complete == nil { return true }
      state.timer = timer
      return false
    }
    if isLate { timer.cancel() }
  }

  /// Notes where the call is written. Returns false if it has ended and must not be written.
  func begin(on connection: Connection, stream: UInt32) -> Bool {
    let (isWanted, submitted) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
      guard state.complete != nil else { return (false, nil) }
      state.place = (connection, stream)
      defer { state.submitted = nil }
      return (true, state.submitted)
    }
    submitted?()
    return isWanted
  }

  /// Ends the call. Returns false if it had ended before; then nothing happens.
  @discardableResult
  package func finish(_ result: Result<Reply, CallFailure>) -> Bool {
    end { _ in result } != nil
  }

  /// The caller no longer waits: tells the daemon to stop.
  package func cancel() {
    let ended = end { place in
      .failure(CallFailure(Fault(.cancelled, "The caller gave up."), wasSent: place != nil))
    }
    if let place = ended.flatMap({ $0 }) { place.connection.abandon(stream: place.stream, telling: true) }
  }

  /// The deadline has come. The daemon was told the time left and stops by itself, so no CANCEL is spent on it.
  private func expire() {
    let ended = end { place in
      let message =
        place == nil
        ? "The deadline passed before a connection could take the request; allow more time, or more connections."
        : "No answer came before the deadline; allow more time. What was asked may still have been done."
      return .failure(CallFailure(Fault(.deadlineExceeded, message), wasSent: place != nil))
    }
    if let place = ended.flatMap({ $0 }) { place.connection.abandon(stream: place.stream, telling: false) }
  }

  /// Takes the state apart once and reports. Returns nil if somebody was faster, else the place it had.
  private func end(
    _ result: ((connection: Connection, stream: UInt32)?) -> Result<Reply, CallFailure>
  ) -> (connection: Connection, stream: UInt32)?? {
    let taken = state.withLock { state -> State? in
      guard state.complete != nil else { return nil }
      defer { state = State() }
      return state
    }
    guard let taken else { return nil }
    taken.timer?.cancel()
    taken.submitted?()
    taken.complete?(result(taken.place))
    return .some(taken.place)
  }
}
