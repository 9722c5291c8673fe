import Locking

/// One thread for what must not run on an event loop: reading manifests, verifying and switching generations.
/// Jobs run in the order given.
final class BackgroundWorker: Sendable {
  private let mailbox = Mailbox<@Sendable () -> Void>()
  private let thread: WorkerThread

  init?(_ name: String) {
    let mailbox = mailbox
    guard
      let thread = WorkerThread(
        name,
        {
          var jobs: [@Sendable () -> Void] = []
          while mailbox.take(into: &jobs) {
            for job in jobs { job() }
            jobs.removeAll(keepingCapacity: true)
          }
        })
    else { return nil }
    self.thread = thread
  }

  /// Returns false, and drops the job, after `stop`.
  func run(_ job: @escaping @Sendable () -> Void) -> Bool { mailbox.put(job) }

  /// Jobs that wait.
  var count: Int { mailbox.count }

  /// Does what is queued, then ends. Blocks.
  func stop() {
    mailbox.close()
    thread.join()
  }
}
