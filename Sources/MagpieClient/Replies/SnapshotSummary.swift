/// How the last or current making or verifying of a snapshot goes.
public struct SnapshotStatus: Sendable, Hashable {
  /// What it does.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Nothing was done since the daemon started.
    case idle
    /// A snapshot is being made.
    case creating
    /// A snapshot is being read and checked.
    case verifying
    /// The last job ended well.
    case succeeded
    /// The last job failed; `message` says why.
    case failed
  }

  /// What it does.
  public var state = State.idle
  /// Counts the jobs since the daemon started.
  public var job: UInt64 = 0
  /// Name of the snapshot it is about; empty until it has one.
  public var snapshot = ""
  /// Bytes written and read back so far.
  public var bytes: UInt64 = 0
  /// How many there will be; an estimate.
  public var bytesTotal: UInt64 = 0
  /// Microseconds since 1970.
  public var startedMicroseconds: Int64 = 0
  /// Microseconds since 1970; 0 while it goes on.
  public var finishedMicroseconds: Int64 = 0
  /// Why it failed.
  public var message = ""
  /// When the newest usable snapshot was made, microseconds since 1970; 0 if there is none.
  public var newestMicroseconds: Int64 = 0

  /// Nothing done.
  public init() {}
}

/// One snapshot.
public struct SnapshotSummary: Sendable, Hashable {
  /// Its name.
  public var name: String
  /// It contains exactly the positions up to here.
  public var position: UInt64 = 0
  /// When the newest event in it was taken in, microseconds since 1970.
  public var ingestMicroseconds: Int64 = 0
  /// When it was made, microseconds since 1970.
  public var createdMicroseconds: Int64 = 0
  /// Its size.
  public var bytes: UInt64 = 0
  /// Records of the state; 0 where they were not counted.
  public var entries: UInt64 = 0
  /// First position the log still had.
  public var logBegins: UInt64 = 0
  /// Tenant to the generation that served it.
  public var generations: [String: UInt64] = [:]
  /// Why it cannot be used, or empty.
  public var problem = ""

  /// An empty summary.
  public init(name: String) { self.name = name }
}

/// The snapshots of a daemon.
public struct SnapshotListing: Sendable, Hashable {
  /// Where they lie, on the daemon's machine.
  public var directory = ""
  /// Newest first.
  public var snapshots: [SnapshotSummary] = []
  /// The job that was started, or the last one.
  public var status = SnapshotStatus()
  /// Names of those that were removed by this call.
  public var removed: [String] = []

  /// An empty listing.
  public init() {}
}
