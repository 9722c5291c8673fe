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
  /// Promote also what the gate refused.
  package var force = false
  package init() {}
}

/// `Drain`: end in order, as on SIGTERM.
package struct DrainRequest: Sendable, Hashable {
  package init() {}
}

/// `DeadLetters`: look at events that were refused, try them again, or forget them.
package struct DeadLettersRequest: Sendable, Hashable {
  package enum Action: UInt8, Sendable, Hashable {
    case list = 0
    /// Ingest the named ones once more; what is accepted now is a letter no longer.
    case requeue = 1
    /// Forget the named ones.
    case drop = 2
  }
  package var action: Action = .list
  /// For `requeue` and `drop`: which. At most `Limits.pageRowsMax`; all of the tenant's if `isAll`.
  package var numbers: [UInt64] = []
  package var isAll = false
  /// For `list`: only letters with a higher number.
  package var after: UInt64 = 0
  /// For `list`: at most this many; 0 means `Limits.pageRowsMax`.
  package var limit: UInt32 = 0
  package init() {}
}

/// `Snapshot`: list them, make one, verify one, remove old ones. Making and verifying go on behind the answer; `Status`
/// tells how.
package struct SnapshotRequest: Sendable, Hashable {
  package enum Action: UInt8, Sendable, Hashable {
    case list = 0
    case create = 1
    /// Read `name` whole and check every byte.
    case verify = 2
    /// Remove all but the newest `keep`.
    case prune = 3
  }
  package var action: Action = .list
  /// A name, the beginning of one, or `latest`.
  package var name = ""
  package var keep: UInt64 = 0
  package init() {}
}

package struct ScrubRequest: Sendable, Hashable {
  package enum Action: UInt8, Sendable, Hashable {
    /// Say how the last or current one goes.
    case look = 0
    /// Begin one unless one is under way.
    case start = 1
  }
  package var action: Action = .look
  package init() {}
}
