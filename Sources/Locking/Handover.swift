import Synchronization

/// A bounded way from one thread to another that neither waits on: what does not fit is the giver's to drop and count.
///
/// Unchecked because the slots are raw memory: the giver writes those between tail and head + capacity, the taker
/// reads those between head and tail, and each publishes its end with a release that the other acquires.
package final class Handover<Element: Sendable>: @unchecked Sendable {
  private let slots: UnsafeMutablePointer<Element?>
  private let capacity: Int
  private let head = Atomic<Int>(0)
  private let tail = Atomic<Int>(0)

  /// - Parameter capacity: rounded up to a power of two.
  package init(capacity: Int) {
    var rounded = 1
    while rounded < max(1, capacity) { rounded *= 2 }
    self.capacity = rounded
    slots = .allocate(capacity: rounded)
    slots.initialize(repeating: nil, count: rounded)
  }

  deinit {
    slots.deinitialize(count: capacity)
    slots.deallocate()
  }

  /// Returns false, and keeps nothing, if there is no room. Never waits, allocates nothing.
  /// REQUIRES: one giver at a time.
  package func put(_ element: Element) -> Bool {
    let end = tail.load(ordering: .relaxed)
    guard end &- head.load(ordering: .acquiring) < capacity else { return false }
    slots[end & (capacity - 1)] = element
    tail.store(end &+ 1, ordering: .releasing)
    return true
  }

  /// The oldest element, or nil if there is none. REQUIRES: one taker at a time.
  package func take() -> Element? {
    let start = head.load(ordering: .relaxed)
    guard start != tail.load(ordering: .acquiring) else { return nil }
    let element = slots[start & (capacity - 1)]
    slots[start & (capacity - 1)] = nil
    head.store(start &+ 1, ordering: .releasing)
    return element
  }
}
