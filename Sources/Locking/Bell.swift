import Glibc

/// Wakes one waiting thread early. A ring is kept until somebody waits; several count as one.
///
/// Unchecked because mutex and condition are C memory; the flag is reached only while the mutex is held.
package final class Bell: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var isRung = false

  package init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    // The monotonic clock: a step of the wall clock must not stretch a wait.
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  package func ring() {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    isRung = true
    pthread_cond_signal(condition)
  }

  /// Waits for a ring, at most this long, and takes it. Returns whether there was one.
  @discardableResult
  package func wait(milliseconds: Int64) -> Bool {
    var until = timespec()
    clock_gettime(CLOCK_MONOTONIC, &until)
    // A year at most, so that no sum overflows.
    let wait = min(max(0, milliseconds), 31_536_000_000)
    until.tv_sec += Int(wait / 1_000)
    until.tv_nsec += Int(wait % 1_000) * 1_000_000
    if until.tv_nsec >= 1_000_000_000 {
      until.tv_sec += 1
      until.tv_nsec -= 1_000_000_000
    }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !isRung {
      if pthread_cond_timedwait(condition, mutex, &until) == ETIMEDOUT { break }
    }
    defer { isRung = false }
    return isRung
  }
}
