/// How the last or current making or verifying of a snapshot goes.
package struct SnapshotStatus: Sendable, Hashable {
  package enum State: UInt8, Sendable, Hashable, CaseIterable {
    case idle = 0
    case creating = 1
    case verifying = 2
    case succeeded = 3
    case failed = 4

    package var name: String {
      switch self {
      case .idle: "idle"
      case .creating: "creating"
      case .verifying: "verifying"
      case .succeeded: "succeeded"
      case .failed: "failed"
      }
    }
  }

  package var state = State.idle
  /// Counts the jobs since the daemon started, from 1: tells one from the next.
  package var job: UInt64 = 0
  /// The snapshot it is about; empty until its position is known.
  package var snapshot = ""
  /// Bytes written and read back so far, and in all; the sum is an estimate until the state was written.
  package var bytes: UInt64 = 0
  package var bytesTotal: UInt64 = 0
  package var started: Timestamp = .zero
  package var finished: Timestamp = .zero
  /// Why it failed, with what to do.
  package var message = ""
  /// When the newest usable snapshot was made; zero if there is none.
  package var newest: Timestamp = .zero
  package init() {}
}

/// One snapshot.
package struct SnapshotSummary: Sendable, Hashable {
  package var name: String
  package var position: Position = .zero
  /// Ingest time of the newest record contained.
  package var ingestTime: Timestamp = .zero
  package var created: Timestamp = .zero
  package var bytes: UInt64 = 0
  /// Records of the state; 0 where they were not counted.
  package var entries: UInt64 = 0
  /// First position the log still had.
  package var logBegins: Position = .zero
  /// The generations that served, as `tenant` and number.
  package var generations: [(tenant: String, number: UInt64)] = []
  /// Why it cannot be used, or empty.
  package var problem = ""
  package init(name: String) { self.name = name }

  package static func == (left: Self, right: Self) -> Bool {
    left.name == right.name && left.position == right.position && left.ingestTime == right.ingestTime
      && left.created == right.created && left.bytes == right.bytes && left.entries == right.entries
      && left.logBegins == right.logBegins && left.problem == right.problem
      && left.generations.elementsEqual(right.generations, by: ==)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(position)
    hasher.combine(bytes)
  }
}

package struct SnapshotReply: Sendable, Hashable {
  /// Where they lie, on the daemon's machine.
  package var directory = ""
  /// Newest first.
  package var snapshots: [SnapshotSummary] = []
  /// The job that was started, or the last one.
  package var status = SnapshotStatus()
  /// Names of those that were removed.
  package var removed: [String] = []
  package init() {}
}
