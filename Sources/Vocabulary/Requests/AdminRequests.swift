package struct StatusRequest: Sendable, Hashable {
  package init() {}
}

/// `Train`: make a generation from everything logged so far.
package struct TrainRequest: Sendable, Hashable {
  package init() {}
}

package struct GenerationsRequest: Sendable, Hashable {
  package enum Action: UInt8, Sendable, Hashable {
    case list = 0
    /// Serve `generation` from now on.
    case promote = 1
    /// Serve the newest usable generation older than the serving one.
    case rollback = 2
  }
  package var action: Action = .list
  package var generation: UInt64 = 0
  /// Promote also what the gate refused.
  package var force = false
  package init() {}
}
