import Locking
import NIOCore
import Vocabulary

/// The outcome of a deferred request on its way back to its event loop.
struct Completion: Sendable {
  /// Number of the connection within its loop.
  let connection: UInt64
  let stream: UInt32
  let outcome: Outcome
}

/// Where completions from other threads wait for one event loop. Many that arrive together cost one hop: a
/// commit group completes thousands of requests at once.
final class CompletionInbox: Sendable {
  private struct Contents {
    var waiting: [Completion] = []
    var isClosed = false
  }

  private let contents = Locked(Contents())
  private let eventLoop: any EventLoop
  private let deliver: @Sendable () -> Void

  /// - Parameter deliver: called on the event loop when there is something to take.
  init(eventLoop: any EventLoop, deliver: @escaping @Sendable () -> Void) {
    self.eventLoop = eventLoop
    self.deliver = deliver
  }

  /// Any thread. Dropped after `close`.
  func put(_ completion: Completion) {
    let isFirst = contents.withLock { contents in
      if contents.isClosed { return false }
      contents.waiting.append(completion)
      return contents.waiting.count == 1
    }
    if isFirst { eventLoop.execute(deliver) }
  }

  /// Swaps what waits with `batch`, whose storage is reused. REQUIRES: `batch` is empty.
  func take(into batch: inout [Completion]) {
    contents.withLock { swap(&$0.waiting, &batch) }
  }

  /// Completions that wait.
  var count: Int { contents.withLock { $0.waiting.count } }

  /// The event loop is about to end.
  func close() {
    contents.withLock { contents in
      contents.isClosed = true
      contents.waiting = []
    }
  }
}
