import Glibc

/// A thread of our own, for work that blocks: commits, write-behind, watching the trainer.
///
/// Unchecked because `pthread_t` is a C handle; it is written once, before the object is shared, and joined
/// under a lock.
package final class WorkerThread: @unchecked Sendable {
  private let thread: pthread_t
  private let isJoined = Locked(false)

  private final class Body {
    let name: String
    let isBackground: Bool
    let run: () -> Void

    init(name: String, isBackground: Bool, run: sending @escaping () -> Void) {
      self.name = name
      self.isBackground = isBackground
      self.run = run
    }
  }

  /// Starts a thread that runs `body` and ends. The system shows at most 15 bytes of the name.
  /// Returns nil if the system has no thread left.
  /// - Parameter isBackground: the thread gets the processor when nobody else wants it, and a little more: for long work
  ///   that nobody waits for and that holds no lock others need.
  package init?(_ name: String, isBackground: Bool = false, _ body: sending @escaping () -> Void) {
    let box = Unmanaged.passRetained(Body(name: name, isBackground: isBackground, run: body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        WorkerThread.nameCurrent(body.name)
        if body.isBackground { WorkerThread.lowerCurrent() }
        body.run()
        return nil
      }, box.toOpaque())
    guard status == 0 else {
      box.release()
      return nil
    }
    self.thread = thread
  }

  /// Best effort: the name is for `top -H` and debuggers only.
  private static func nameCurrent(_ name: String) {
    // `pthread_setname_np` and `prctl` are out of reach: one is a GNU extension, the other variadic.
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = Array(name.utf8.prefix(15)).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    close(file)
  }

  /// Best effort. Linux takes 0 for the calling thread, not for its process.
  private static func lowerCurrent() {
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
  }

  /// Waits until the thread has ended. Any later call returns at once.
  /// REQUIRES: not called on the thread itself.
  package func join() {
    isJoined.withLock { isJoined in
      guard !isJoined else { return }
      pthread_join(thread, nil)
      isJoined = true
    }
  }

  deinit {
    isJoined.withLock { isJoined in
      if !isJoined { pthread_detach(thread) }
    }
  }
}
