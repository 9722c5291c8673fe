import Synchronization

/// How many connections are open: counted by the transport, reported by the engine.
package final class ConnectionGauge: Sendable {
  private let open = Atomic<Int>(0)

  package init() {}

  package func opened() { open.add(1, ordering: .relaxed) }
  package func closed() { open.subtract(1, ordering: .relaxed) }
  package var count: Int { open.load(ordering: .relaxed) }
}
