import Glibc

/// A queue between threads: many put, one takes everything there is. The queue itself has no bound; callers
/// that need one count what they put.
///
/// Unchecked because mutex and condition are C memory; the elements are reached only while the mutex is held.
package final class Mailbox<Element: Sendable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var elements: [Element] = []
  private var isClosed = false
  /// The number of elements that the taker waits for.
  private var hoped = 1

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

  /// Adds an element. Returns false, and drops it, once the mailbox is closed.
  package func put(_ element: Element) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if isClosed { return false }
    elements.append(element)
    // A taker that found nothing is woken by the first element, one that hopes for more by the last of these.
    if elements.count == 1 || elements.count == hoped { pthread_cond_signal(condition) }
    return true
  }

  /// Waits for at least one element and swaps everything there is into `batch`, which should be empty; its
  /// storage is reused. Returns false once the mailbox is closed and empty.
  /// REQUIRES: one taker.
  /// - Parameters:
  ///   - count: once there is one element, waits until there are as many.
  ///   - nanoseconds: but only so long, less than a second.
  package func take(into batch: inout [Element], hopingFor count: Int = 1, nanoseconds: UInt64 = 0) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.isEmpty {
      if isClosed { return false }
      pthread_cond_wait(condition, mutex)
    }
    if elements.count < count, nanoseconds > 0 {
      var until = timespec()
      clock_gettime(CLOCK_MONOTONIC, &until)
      until.tv_nsec += Int(min(nanoseconds, 999_999_999))
      if until.tv_nsec >= 1_000_000_000 {
        until.tv_sec += 1
        until.tv_nsec -= 1_000_000_000
      }
      hoped = count
      defer { hoped = 1 }
      while elements.count < count, !isClosed {
        if pthread_cond_timedwait(condition, mutex, &until) == ETIMEDOUT { break }
      }
    }
    swap(&elements, &batch)
    return true
  }

  /// Elements that wait. For measurements: it may have changed when it returns.
  package var count: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return elements.count
  }

  /// Refuses new elements; those inside can still be taken.
  package func close() {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    isClosed = true
    pthread_cond_broadcast(condition)
  }
}
