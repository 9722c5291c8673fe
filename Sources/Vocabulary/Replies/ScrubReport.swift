/// How the last or current scrub goes: every file with a checksum is read again and checked.
package struct ScrubReply: Sendable, Hashable {
  package enum State: UInt8, Sendable, Hashable, CaseIterable {
    case idle = 0
    case running = 1
    /// Everything was read, and all of it is what was written.
    case whole = 2
    /// Everything was read, and `damages` names what is not.
    case damaged = 3
    /// It could not be finished; `message` says why.
    case failed = 4

    package var name: String {
      switch self {
      case .idle: "idle"
      case .running: "running"
      case .whole: "whole"
      case .damaged: "damaged"
      case .failed: "failed"
      }
    }
  }

  package var state = State.idle
  /// Counts the scrubs since the daemon started, from 1; 0 says that this one was made before.
  package var job: UInt64 = 0
  /// Bytes read so far, and about how many there are.
  package var bytes: UInt64 = 0
  package var bytesTotal: UInt64 = 0
  /// Files, snapshots and generations looked at; the state counts as one.
  package var files: UInt64 = 0
  package var started: Timestamp = .zero
  package var finished: Timestamp = .zero
  /// When the last one that found no damage ended; zero if none ever did.
  package var lastWhole: Timestamp = .zero
  package var message = ""
  /// The first `Limits.scrubDamagesMax` of them.
  package var damages: [ScrubDamage] = []
  package var damagesTotal: UInt64 = 0
  package init() {}
}

/// One file that is not what was written.
package struct ScrubDamage: Sendable, Hashable {
  package var file: String
  /// What was found, and what to do.
  package var message: String

  package init(file: String, message: String) {
    self.file = file
    self.message = message
  }
}
