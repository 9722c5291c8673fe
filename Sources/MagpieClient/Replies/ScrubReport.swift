/// How the last or current scrub of a daemon goes: everything stored is read again and checked.
public struct ScrubReport: Sendable, Hashable {
  /// What it does, or how it ended.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// None was ever finished.
    case idle
    /// It reads.
    case running
    /// Everything is what was written.
    case whole
    /// Something is not; `damages` names it.
    case damaged
    /// It could not be finished; `message` says why.
    case failed
  }

  /// One file that is not what was written.
  public struct Damage: Sendable, Hashable {
    /// Its path on the daemon's machine.
    public var file: String
    /// What was found, and what to do.
    public var message: String
  }

  /// What it does, or how it ended.
  public var state = State.idle
  /// Counts the scrubs since the daemon started; 0 says that this one was made before.
  public var job: UInt64 = 0
  /// Bytes read so far.
  public var bytes: UInt64 = 0
  /// About how many there are.
  public var bytesTotal: UInt64 = 0
  /// Files, snapshots and generations looked at.
  public var files: UInt64 = 0
  /// Microseconds since 1970.
  public var startedMicroseconds: Int64 = 0
  /// Microseconds since 1970; 0 while it goes on.
  public var finishedMicroseconds: Int64 = 0
  /// When the last one that found no damage ended, microseconds since 1970; 0 if none ever did.
  public var lastWholeMicroseconds: Int64 = 0
  /// Why it could not be finished.
  public var message = ""
  /// What was found, at most 200.
  public var damages: [Damage] = []
  /// How many there were.
  public var damagesTotal: UInt64 = 0

  /// None finished.
  public init() {}
}
