/// What the daemon is able to do.
public enum ServingState: String, Sendable, Hashable, CaseIterable {
  /// Replaying its log.
  case starting
  /// Everything works.
  case ready
  /// Finishing what is in flight; go elsewhere.
  case draining
  /// Reads are answered, ingest is not: a write failed and the daemon must be restarted.
  case fenced
}

/// Limits and versions of the daemon, so that nobody need guess.
public struct ServerHello: Sendable, Hashable {
  /// Version of the daemon.
  public var version = ""
  /// Identity of its data directory, 32 hexadecimal digits.
  public var directory = ""
  /// What it is able to do.
  public var state: ServingState = .starting
  /// What an acknowledgement means there.
  public var durability: Durability = .committed
  /// Longest frame, bytes after the length field.
  public var frameBytesMax = 0
  /// Requests in flight on one connection.
  public var streamsMax = 0
  /// Things in one batch.
  public var batchItemsMax = 0
  /// Items in one slate.
  public var slateItemsMax = 0
  /// Longest timeout it honours, milliseconds.
  public var timeoutMillisecondsMax = 0

  /// An empty report.
  public init() {}
}

/// Where a training stands.
public enum TrainingState: String, Sendable, Hashable, CaseIterable {
  /// None has run since the daemon started.
  case idle
  /// One is running.
  case running
  /// The last one made a generation.
  case succeeded
  /// The last one failed; the message says why.
  case failed
}

/// How a tenant's last or current training goes. Times are microseconds since 1970-01-01 UTC, 0 if none.
public struct TrainingStatus: Sendable, Hashable {
  /// Where it stands.
  public var state: TrainingState = .idle
  /// The trainer's current stage, such as `read` or `ials`.
  public var stage = ""
  /// 0 to 1 over the whole run.
  public var fraction: Float = 0
  /// When it began.
  public var startedMicroseconds: Int64 = 0
  /// When it ended.
  public var finishedMicroseconds: Int64 = 0
  /// Number of the generation being made, or made; 0 if none.
  public var generation: UInt64 = 0
  /// Why it failed, with what to do.
  public var message = ""

  /// An idle training.
  public init() {}
}

/// One tenant of the daemon.
public struct TenantStatus: Sendable, Hashable {
  /// Its name.
  public var tenant: String
  /// Users known.
  public var users: UInt64 = 0
  /// Items known.
  public var items: UInt64 = 0
  /// Events logged.
  public var events: UInt64 = 0
  /// The serving generation; 0 if none.
  public var generation: UInt64 = 0
  /// Position the serving generation was trained to.
  public var trainedTo: UInt64 = 0
  /// Its last or current training.
  public var training = TrainingStatus()

  /// An empty tenant.
  public init(tenant: String) { self.tenant = tenant }
}

/// Count and latency of one method or step since the daemon started.
public struct LatencyReport: Sendable, Hashable {
  /// Such as `Recommender.Recommend`.
  public var name: String
  /// How often.
  public var count: UInt64 = 0
  /// How often with a fault.
  public var errors: UInt64 = 0
  /// Median, microseconds.
  public var p50: Float = 0
  /// 99th percentile, microseconds.
  public var p99: Float = 0
  /// Largest, microseconds.
  public var max: Float = 0

  /// An empty row.
  public init(name: String) { self.name = name }
}

/// How the daemon is.
public struct StatusReport: Sendable, Hashable {
  /// Version of the daemon.
  public var version = ""
  /// Identity of its data directory, 32 hexadecimal digits.
  public var directory = ""
  /// What it is able to do.
  public var state: ServingState = .starting
  /// When it started, microseconds since 1970.
  public var startedMicroseconds: Int64 = 0
  /// Its clock, microseconds since 1970.
  public var nowMicroseconds: Int64 = 0
  /// Last position that is durable.
  public var committed: UInt64 = 0
  /// Last position visible to reads.
  public var applied: UInt64 = 0
  /// Last position contained in LevelDB; replay after a crash starts behind it.
  public var stored: UInt64 = 0
  /// Size of the log.
  public var logBytes: UInt64 = 0
  /// Files of the log.
  public var logSegments: UInt64 = 0
  /// Room left on its disk.
  public var diskFreeBytes: UInt64 = 0
  /// Memory of the daemon.
  public var residentBytes: UInt64 = 0
  /// Open connections.
  public var connections: UInt64 = 0
  /// Hash of the settings in force.
  public var configurationHash: UInt64 = 0
  /// What an acknowledgement means.
  public var durability: Durability = .committed
  /// Each tenant.
  public var tenants: [TenantStatus] = []
  /// Each method and step that was used.
  public var latencies: [LatencyReport] = []
  /// The last or current snapshot.
  public var snapshot = SnapshotStatus()
  /// The last or current scrub; of what is damaged, the first alone. `MagpieClient.scrub` has all.
  public var scrub = ScrubReport()
  /// What lists led to, by tenant, scenario, generation and arm.
  public var feedback: [FeedbackRow] = []
  /// How the joining of lists and events goes.
  public var feedbackDesk = FeedbackDesk()
  /// From a batch's arrival, and from durability, to being visible to every read.
  public var freshness: [LatencyReport] = []
  /// Share of the configured width that the slowest event loop looks at; nil from daemons that do not tell.
  public var quality: Double?

  /// An empty report.
  public init() {}
}
