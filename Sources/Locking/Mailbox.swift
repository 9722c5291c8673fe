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

  package init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    pthread_cond_init(condition, nil)
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
    // Only a taker that found nothing sleeps, so only the first element has to wake it.
    if elements.count == 1 { pthread_cond_signal(condition) }
    return true
  }

  /// Waits for at least one element and swaps everything there is into `batch`, which should be empty; its
  /// storage is reused. Returns false once the mailbox is closed and empty.
  /// REQUIRES: one taker.
  package func take(into batch: inout [Element]) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.isEmpty {
      if isClosed { return false }
      pthread_cond_wait(condition, mutex)
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
