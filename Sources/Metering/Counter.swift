import Synchronization

/// A number that only grows. One relaxed addition, no lock, no allocation.
package final class Counter: Sendable {
  private let count = Atomic<UInt64>(0)

  package init() {}

  package func add(_ amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

  package var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down.
package final class Gauge: Sendable {
  private let number = Atomic<Int>(0)

  package init() {}

  package func add(_ amount: Int) { number.wrappingAdd(amount, ordering: .relaxed) }

  package func set(_ value: Int) { number.store(value, ordering: .relaxed) }

  package var value: Int { number.load(ordering: .relaxed) }
}
