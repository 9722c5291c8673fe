import Importing
import MagpieClient
import Reading

/// The status as `--json` prints it.
struct StatusJSON: Encodable {
  struct Tenant: Encodable {
    var tenant: String
    var users: UInt64
    var items: UInt64
    var events: UInt64
    var generation: UInt64
    var trained_to: UInt64
    var training: TrainingJSON
  }
  struct Latency: Encodable {
    var name: String
    var count: UInt64
    var errors: UInt64
    var p50_us: Float
    var p99_us: Float
    var max_us: Float
  }
  struct Feedback: Encodable {
    var tenant: String
    var scenario: String
    var generation: UInt64
    @OrNull var experiment: String?
    var total: FeedbackCountsJSON
    var hour: FeedbackCountsJSON
    var minutes: FeedbackCountsJSON
  }
  struct Desk: Encodable {
    var taken: UInt64
    var dropped: UInt64
    var remembered: UInt64
    var joined: UInt64
    var unknown: UInt64
    var logged: UInt64
    var log_bytes: UInt64
  }

  var version: String
  var directory: String
  var state: String
  @OrNull var started: String? = nil
  @OrNull var now: String? = nil
  var committed: UInt64
  var applied: UInt64
  var stored: UInt64
  var log_bytes: UInt64
  var log_segments: UInt64
  var disk_free_bytes: UInt64
  var resident_bytes: UInt64
  var connections: UInt64
  var configuration_hash: String
  var durability: String
  var tenants: [Tenant]
  var latencies: [Latency]
  var snapshot: SnapshotStatusJSON
  var scrub: ScrubJSON
  var feedback: [Feedback]
  var feedback_desk: Desk
  var freshness: [Latency]
  @OrNull var quality: Double?

  init(_ report: StatusReport) {
    version = report.version
    directory = report.directory
    state = report.state.rawValue
    started = moment(report.startedMicroseconds)
    now = moment(report.nowMicroseconds)
    committed = report.committed
    applied = report.applied
    stored = report.stored
    log_bytes = report.logBytes
    log_segments = report.logSegments
    disk_free_bytes = report.diskFreeBytes
    resident_bytes = report.residentBytes
    connections = report.connections
    configuration_hash = hexadecimal(report.configurationHash)
    durability = report.durability.rawValue
    snapshot = SnapshotStatusJSON(report.snapshot)
    scrub = ScrubJSON(report.scrub)
    tenants = report.tenants.map {
      Tenant(
        tenant: $0.tenant, users: $0.users, items: $0.items, events: $0.events, generation: $0.generation,
        trained_to: $0.trainedTo, training: TrainingJSON($0.training))
    }
    latencies = report.latencies.map { Self.latency($0) }
    freshness = report.freshness.map { Self.latency($0) }
    quality = report.quality
    feedback = report.feedback.map { row in
      Feedback(
        tenant: row.tenant, scenario: row.scenario, generation: row.generation,
        experiment: row.experiment.isEmpty ? nil : row.experiment,
        total: FeedbackCountsJSON(row.total, catalogue: row.catalogue),
        hour: FeedbackCountsJSON(row.hour, catalogue: row.catalogue),
        minutes: FeedbackCountsJSON(row.minutes, catalogue: row.catalogue))
    }
    let desk = report.feedbackDesk
    feedback_desk = Desk(
      taken: desk.taken, dropped: desk.dropped, remembered: desk.remembered, joined: desk.joined,
      unknown: desk.unknown, logged: desk.logged, log_bytes: desk.logBytes)
  }

  private static func latency(_ row: LatencyReport) -> Latency {
    Latency(
      name: row.name, count: row.count, errors: row.errors, p50_us: row.p50.finite, p99_us: row.p99.finite,
      max_us: row.max.finite)
  }
}

/// A training as `--json` prints it.
struct TrainingJSON: Encodable {
  var state: String
  var stage: String
  var fraction: Float
  var generation: UInt64
  @OrNull var started: String? = nil
  @OrNull var finished: String? = nil
  var message: String

  init(_ status: TrainingStatus) {
    state = status.state.rawValue
    stage = status.stage
    fraction = status.fraction.finite
    generation = status.generation
    started = moment(status.startedMicroseconds)
    finished = moment(status.finishedMicroseconds)
    message = status.message
  }
}

/// ISO-8601, or nothing for no time.
func moment(_ microseconds: Int64?) -> String? {
  guard let microseconds, microseconds != 0 else { return nil }
  return ISO8601.text(microseconds: microseconds)
}

extension Float {
  /// JSON has no infinities and no NaN.
  var finite: Float { isFinite ? self : 0 }
}
