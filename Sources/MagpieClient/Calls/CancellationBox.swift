import Locking

/// Connects the cancellation of a task to a call that may not exist yet.
final class CancellationBox: Sendable {
  private enum State {
    case empty
    case holding(PendingCall)
    case cancelled
  }

  private let state = Locked(State.empty)

  /// Returns false if the task was cancelled before.
  func hold(_ call: PendingCall) -> Bool {
    state.withLock { state in
      if case .cancelled = state { return false }
      state = .holding(call)
      return true
    }
  }

  /// Cancels the call, now or as soon as there is one.
  func cancel() {
    let held = state.withLock { state -> PendingCall? in
      defer { state = .cancelled }
      if case .holding(let call) = state { return call }
      return nil
    }
    held?.cancel()
  }
}
