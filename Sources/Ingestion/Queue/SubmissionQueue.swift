import Locking
import Synchronization
import Vocabulary

/// The way to the committer: bounded in bytes, so that hostile or hurried callers cannot fill memory.
final class SubmissionQueue: Sendable {
  private let mailbox = Mailbox<Submission>()
  private let queuedBytes = Atomic<Int>(0)
  private let bytesMax: Int

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// Any thread. Returns why it was not taken; then nothing was queued and `complete` is not called.
  func put(_ submission: Submission) -> Fault? {
    let before = queuedBytes.add(submission.bytes, ordering: .relaxed).oldValue
    // An empty queue takes anything, so that no request is too large for every moment.
    guard before == 0 || before + submission.bytes <= bytesMax else {
      release(bytes: submission.bytes)
      return Self.full
    }
    guard mailbox.put(submission) else {
      release(bytes: submission.bytes)
      return Fault(.draining, "The daemon is stopping; try another one, or again later.")
    }
    return nil
  }

  /// Why nothing is taken right now, or nil.
  var fullness: Fault? { bytes >= bytesMax ? Self.full : nil }

  private static var full: Fault {
    Fault(
      .queueFull, "More waits to be committed than the disk keeps up with; send it again a little later.",
      retryAfterMilliseconds: 100)
  }

  /// The committer: everything there is. False once closed and empty.
  /// - Parameters: as for `Mailbox.take`.
  func take(into batch: inout [Submission], hopingFor count: Int = 1, nanoseconds: UInt64 = 0) -> Bool {
    mailbox.take(into: &batch, hopingFor: count, nanoseconds: nanoseconds)
  }

  /// What was taken is done with.
  func release(bytes: Int) { queuedBytes.subtract(bytes, ordering: .relaxed) }

  /// Bytes that wait or are being committed.
  var bytes: Int { queuedBytes.load(ordering: .relaxed) }
  /// Submissions that wait.
  var count: Int { mailbox.count }

  func close() { mailbox.close() }
}
