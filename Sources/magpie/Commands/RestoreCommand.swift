import ArgumentParser
import MagpieClient
import Reading
import Storage

extension SnapshotCommand {
  /// `magpie snapshot restore`: a new data directory out of a snapshot.
  struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a new data directory out of a snapshot, and of the log behind it.",
      discussion: """
        Needs no daemon and changes nothing but the new directory. With --log, what came after the snapshot is carried \
        over too: up to the end, or up to --at, a position or a time like 2026-11-21T12:00:00Z. Then start a daemon on it.

        Examples:
          magpie snapshot restore --directory /var/lib/magpie/snapshots --to /var/lib/magpie-2
          magpie snapshot restore --directory /backup --to /new --log /var/lib/magpie/log --at 2026-11-21T12:00:00Z
        """)

    @Argument(help: "Its name, the beginning of it, or latest. Default: the newest at or before --at.")
    var name: String?
    @Option(help: ArgumentHelp("Where snapshots lie.", valueName: "dir"))
    var directory: String
    @Option(help: ArgumentHelp("The new data directory; it must not exist or be empty.", valueName: "dir"))
    var to: String
    @Option(help: ArgumentHelp("The log directory of the original, or a copy of it.", valueName: "dir"))
    var log: String?
    @Option(help: ArgumentHelp("Last position, or time up to which events were taken in.", valueName: "when"))
    var at: String?
    @Flag(help: "Verify everything and say what would happen; make nothing.")
    var dryRun = false
    @Flag(help: "Answer in JSON.")
    var json = false

    private struct Report: Encodable {
      var snapshot: String
      var to: String
      var position: UInt64
      var snapshot_position: UInt64
      var log_begins: UInt64
      var replayed: UInt64
      var passed_over_bytes: UInt64
      var generations: [String: UInt64]
      var bytes: UInt64
      var dry_run: Bool
    }

    func validate() throws { _ = try end() }

    /// A whole number is a position, anything else a time.
    private func end() throws -> SnapshotRestore.End {
      guard let at else { return .all }
      if at.allSatisfy(\.isNumber) {
        guard let position = UInt64(at) else {
          throw ValidationError("--at \(at) is larger than any position.")
        }
        return .upTo(position: position)
      }
      do {
        return .upTo(microseconds: try ISO8601.microseconds(at, field: "--at"))
      } catch {
        throw ValidationError(
          "--at \(at) is no position and no time like 2026-11-21T12:00:00Z: \(error.message)")
      }
    }

    func run() throws {
      let end = try end()
      try LocalSnapshots.run(isJSON: json) { () throws(StorageFault) in
        let shelf = SnapshotShelf(path: directory)
        let chosen =
          if let name { try shelf.find(name) } else { try SnapshotRestore.newest(on: shelf, for: end) }
        let restore = SnapshotRestore(snapshot: shelf.path(of: chosen), target: to, log: log, end: end)
        let checking = LocalSnapshots.Progress("Verifying \(chosen.text)", of: try shelf.bytes(of: chosen))
        let plan = try restore.plan { (bytes) throws(StorageFault) in checking.show(bytes) }
        checking.clear()
        if !dryRun {
          let bar = LocalSnapshots.Progress("Restoring \(chosen.text)", of: plan.bytes)
          defer { bar.clear() }
          try restore.run(plan) { (bytes) throws(StorageFault) in bar.show(bytes) }
        }
        say(plan)
      }
    }

    private func say(_ plan: SnapshotRestore.Plan) {
      let manifest = plan.manifest
      if json {
        return Terminal.say(
          JSONText.of(
            Report(
              snapshot: manifest.name.text, to: to, position: plan.last.value,
              snapshot_position: manifest.position, log_begins: plan.logBegins.value, replayed: plan.replayed,
              passed_over_bytes: plan.tornBytes,
              generations: Dictionary(
                manifest.generations.map { ($0.tenant, $0.number) }, uniquingKeysWith: { $1 }),
              bytes: plan.bytes, dry_run: dryRun)))
      }
      let served = manifest.generations.map { "\($0.tenant) \($0.number)" }.joined(separator: ", ")
      Terminal.say(
        "\(to) \(dryRun ? "would hold" : "holds") position \(Figures.count(plan.last.value)): snapshot \(manifest.name.text), "
          + "\(Figures.count(plan.replayed)) log entries to replay, generations: \(served.isEmpty ? "none" : served)"
      )
      if plan.tornBytes > 0 {
        Terminal.say(
          "\(plan.tornBytes) bytes at the end of the log are an unfinished write and were passed over.")
      }
      if plan.logBegins.value > 1 {
        Terminal.say(
          "Its log \(dryRun ? "would begin" : "begins") at position \(Figures.count(plan.logBegins.value)): training learns from there on."
        )
      }
      if !dryRun {
        Terminal.say(
          "Next: magpied run --data \(to) (the configuration of then: \(to)/\(SnapshotManifest.configurationName))"
        )
      }
    }
  }
}

/// What the snapshot commands do without a daemon.
enum LocalSnapshots {
  /// Runs `body` and puts its fault into the words and the exit code of the command line.
  static func run<Value>(isJSON: Bool, _ body: () throws(StorageFault) -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      throw CommandFailure(error, isJSON: isJSON)
    }
  }

  static func listing(_ shelf: SnapshotShelf, isJSON: Bool) throws -> SnapshotListing {
    var listing = SnapshotListing()
    listing.directory = shelf.path
    let entries = try run(isJSON: isJSON) { () throws(StorageFault) in try shelf.list() }
    listing.snapshots = entries.map { summary($0) }
    return listing
  }

  static func prune(_ shelf: SnapshotShelf, keep: Int, dryRun: Bool, isJSON: Bool) throws -> SnapshotListing {
    let removed = try run(isJSON: isJSON) { () throws(StorageFault) in
      dryRun ? try shelf.prunable(keep: keep) : try shelf.prune(keep: keep)
    }
    var listing = try listing(shelf, isJSON: isJSON)
    listing.removed = removed.map(\.text)
    return listing
  }

  static func verify(_ name: String, on shelf: SnapshotShelf, isJSON: Bool) throws -> SnapshotManifest {
    try run(isJSON: isJSON) { () throws(StorageFault) in
      let found = try shelf.find(name)
      let bar = Progress("Verifying \(found.text)", of: try shelf.bytes(of: found))
      defer { bar.clear() }
      return try SnapshotShelf.verify(at: shelf.path(of: found)) { (bytes) throws(StorageFault) in
        bar.show(bytes)
      }
    }
  }

  private static func summary(_ entry: SnapshotShelf.Entry) -> SnapshotSummary {
    var summary = SnapshotSummary(name: entry.name.text)
    summary.position = entry.name.position.value
    summary.createdMicroseconds = entry.name.created.microseconds
    summary.problem = entry.problem
    guard let manifest = entry.manifest else { return summary }
    summary.ingestMicroseconds = manifest.ingestTime
    summary.bytes = manifest.bytes
    summary.entries = manifest.records ?? 0
    summary.logBegins = manifest.logBegins
    summary.generations = Dictionary(
      manifest.generations.map { ($0.tenant, $0.number) }, uniquingKeysWith: { $1 })
    return summary
  }

  /// Bytes against a known sum.
  final class Progress {
    private let bar: ProgressBar
    private let total: UInt64

    init(_ title: String, of total: UInt64) {
      bar = ProgressBar(title)
      self.total = total
    }

    func show(_ bytes: UInt64) {
      bar.show(
        fraction: total > 0 ? Double(bytes) / Double(total) : nil,
        details: "\(Figures.bytes(bytes)) of \(Figures.bytes(total))")
    }

    func clear() { bar.clear() }
  }
}

extension SnapshotShelf {
  /// Bytes of a snapshot by its manifest.
  fileprivate func bytes(of name: SnapshotName) throws(StorageFault) -> UInt64 {
    try SnapshotManifest.read(from: path(of: name)).bytes
  }
}

extension CommandFailure {
  /// What went wrong with files on this machine.
  init(_ fault: StorageFault, isJSON: Bool) {
    let kind: Kind =
      switch fault.kind {
      case .corrupt: .badData
      case .locked, .stopped: .temporary
      default: .failed
      }
    let reason =
      switch fault.kind {
      case .corrupt: "bad_data"
      case .noSnapshot: "snapshot_unknown"
      case .locked: "locked"
      default: "file"
      }
    self.init(kind, reason: reason, fault.description, isJSON: isJSON)
  }
}
