package struct StatusRequest: Sendable, Hashable {
  package init() {}
}

/// `Train`: make a generation from everything logged so far.
package struct TrainRequest: Sendable, Hashable {
  /// Minutes to search for settings before; 0 leaves it to the configuration.
  package var tuneMinutes: UInt32 = 0
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
  package init() {}
}
