import Synchronization
import Vocabulary

/// The limits of a server that may change while it runs.
final class ConnectionCap: Sendable {
  private let connections: Atomic<Int>
  private let idleNanoseconds: Atomic<UInt64>

  init(_ settings: Settings, idle: UInt64) {
    connections = Atomic(min(settings.connectionsMax, Limits.connectionsMax))
    idleNanoseconds = Atomic(idle)
  }

  var connectionsMax: Int { connections.load(ordering: .relaxed) }
  var idle: UInt64 { idleNanoseconds.load(ordering: .relaxed) }

  func apply(_ settings: Settings) {
    connections.store(min(settings.connectionsMax, Limits.connectionsMax), ordering: .relaxed)
    idleNanoseconds.store(ConnectionLimits.nanoseconds(seconds: settings.idleSeconds), ordering: .relaxed)
  }
}
