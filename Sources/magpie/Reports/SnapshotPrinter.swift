import MagpieClient

/// How a snapshot goes, as `--json` prints it.
struct SnapshotStatusJSON: Encodable {
  var state: String
  var job: UInt64
  @OrNull var snapshot: String? = nil
  var bytes: UInt64
  var bytes_total: UInt64
  @OrNull var started: String? = nil
  @OrNull var finished: String? = nil
  @OrNull var message: String? = nil
  @OrNull var newest: String? = nil

  init(_ status: SnapshotStatus) {
    state = status.state.rawValue
    job = status.job
    snapshot = status.snapshot.isEmpty ? nil : status.snapshot
    bytes = status.bytes
    bytes_total = status.bytesTotal
    started = moment(status.startedMicroseconds)
    finished = moment(status.finishedMicroseconds)
    message = status.message.isEmpty ? nil : status.message
    newest = moment(status.newestMicroseconds)
  }
}

/// One snapshot, as `--json` prints it.
struct SnapshotJSON: Encodable {
  var name: String
  var position: UInt64
  @OrNull var ingested: String? = nil
  @OrNull var created: String? = nil
  var bytes: UInt64
  var entries: UInt64
  var log_begins: UInt64
  var generations: [String: UInt64]
  @OrNull var problem: String? = nil

  init(_ summary: SnapshotSummary) {
    name = summary.name
    position = summary.position
    ingested = moment(summary.ingestMicroseconds)
    created = moment(summary.createdMicroseconds)
    bytes = summary.bytes
    entries = summary.entries
    log_begins = summary.logBegins
    generations = summary.generations
    problem = summary.problem.isEmpty ? nil : summary.problem
  }
}

/// Prints snapshots.
enum SnapshotPrinter {
  private struct List: Encodable {
    var directory: String
    var snapshots: [SnapshotJSON]
    var removed: [String]
  }

  static func print(_ listing: SnapshotListing, isJSON: Bool) {
    if isJSON {
      return Terminal.say(
        JSONText.of(
          List(
            directory: listing.directory, snapshots: listing.snapshots.map { SnapshotJSON($0) },
            removed: listing.removed)))
    }
    for name in listing.removed { Terminal.say("Removed \(name)") }
    if listing.snapshots.isEmpty {
      return Terminal.say(
        "No snapshots in \(DisplayText.plain(listing.directory)). Make one: magpie snapshot create")
    }
    var table = Table([
      ("name", .left), ("made", .left), ("position", .right), ("size", .right),
      ("generations", .left), ("problem", .left),
    ])
    for summary in listing.snapshots {
      table.add([
        summary.name, Figures.time(microseconds: summary.createdMicroseconds),
        Figures.count(summary.position),
        Figures.bytes(summary.bytes),
        summary.generations.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
          separator: ", "),
        summary.problem,
      ])
    }
    table.print()
    Terminal.say(Terminal.dim("in \(DisplayText.plain(listing.directory))"))
  }

  /// One line for `status`.
  static func words(_ status: SnapshotStatus, nowMicroseconds: Int64) -> String {
    switch status.state {
    case .creating, .verifying:
      let share = status.bytesTotal > 0 ? Double(status.bytes) / Double(status.bytesTotal) : 0
      return "Snapshot: \(status.state.rawValue), \(Int(min(1, share) * 100))%"
    case .failed: return "Snapshot: the last one failed: \(DisplayText.plain(status.message))"
    case .idle, .succeeded:
      guard status.newestMicroseconds > 0 else {
        return "Snapshot: none; make one with magpie snapshot create"
      }
      let age = Double(max(0, nowMicroseconds &- status.newestMicroseconds)) / 1e6
      return "Snapshot: the newest is \(Figures.duration(seconds: age)) old"
    }
  }
}
