import Foundation
import Synchronization

/// Runs a body that blocks on a thread of its own and waits for it without blocking.
///
/// As a task, so that what the body expects is reported under the test it belongs to.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await Task(executorPreference: ThreadPerJob()) { try body() }.value
}

/// Runs every job on a new thread.
private final class ThreadPerJob: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let thread = Thread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    thread.stackSize = 4 << 20
    thread.start()
  }
}

/// Starts a thread and hands out its result when asked, blocking.
final class Worker<Value: Sendable>: Sendable {
  private let outcome = Outcome<Value>()

  init(_ body: @escaping @Sendable () throws -> Value) {
    let outcome = outcome
    Thread { outcome.set(Result { try body() }) }.start()
  }

  func join() throws -> Value { try outcome.wait() }
}

/// A result that one thread sets and another waits for.
///
/// Unchecked because the condition guards the value.
private final class Outcome<Value: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var result: Result<Value, any Error>?

  func set(_ result: Result<Value, any Error>) {
    condition.withLock {
      self.result = result
      condition.broadcast()
    }
  }

  func wait() throws -> Value {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let result { return try result.get() }
      condition.wait()
    }
  }
}

/// Tells a thread to stop.
final class StopSign: Sendable {
  private let raised = Atomic(false)

  var isUp: Bool { raised.load(ordering: .relaxed) }

  func raise() { raised.store(true, ordering: .relaxed) }
}
