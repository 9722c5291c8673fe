import ArgumentParser
import MagpieClient
import Storage

/// `magpie snapshot`: make, list, verify, restore and remove snapshots.
struct SnapshotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Make, list, verify, restore and remove snapshots.",
    discussion: """
      create asks the daemon. list, verify and prune ask it too, unless --directory says where snapshots lie; restore \
      never does.

      Examples:
        magpie snapshot create
        magpie snapshot verify latest --directory /var/lib/magpie/snapshots
        magpie snapshot restore latest --directory /var/lib/magpie/snapshots --to /var/lib/magpie-2
      """,
    subcommands: [Create.self, List.self, Verify.self, Restore.self, Prune.self], defaultSubcommand: List.self
  )

  /// Where snapshots lie, for what works without a daemon.
  struct Place: ParsableArguments {
    @Option(help: ArgumentHelp("Where snapshots lie; without it the daemon is asked.", valueName: "dir"))
    var directory: String?

    var shelf: SnapshotShelf? { directory.map { SnapshotShelf(path: $0) } }
  }

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a snapshot; events go on being taken in.",
      discussion: """
        Waits until it is made, read back and checked.

        Example:
          magpie snapshot create --json
        """)
    @OptionGroup var daemon: DaemonOptions
    @Flag(help: "Return at once; magpie status tells how it goes.")
    var noWait = false

    func run() async throws {
      try await daemon.withClient { client in
        let job = try await client.createSnapshot().status
        if noWait {
          if daemon.json { return Terminal.say(JSONText.of(SnapshotStatusJSON(job))) }
          return Terminal.say("A snapshot is being made. Watch it: magpie status")
        }
        let status = try await SnapshotJob.follow(job.job, "Making a snapshot", client, isJSON: daemon.json)
        guard let made = try await client.snapshots().snapshots.first(where: { $0.name == status.snapshot })
        else {
          throw CommandFailure(
            .failed, reason: "snapshot_unknown",
            "The snapshot \(status.snapshot) was made, but is gone again.",
            isJSON: daemon.json)
        }
        if daemon.json { return Terminal.say(JSONText.of(SnapshotJSON(made))) }
        let seconds = Double(status.finishedMicroseconds - status.startedMicroseconds) / 1e6
        Terminal.say(
          "Snapshot \(made.name) is made and verified: position \(Figures.count(made.position)), \(Figures.bytes(made.bytes)) in \(Figures.duration(seconds: seconds))"
        )
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List snapshots, newest first.",
      discussion: """
        Example:
          magpie snapshot list
        """)
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var place: Place

    func run() async throws {
      if let shelf = place.shelf {
        return SnapshotPrinter.print(
          try LocalSnapshots.listing(shelf, isJSON: daemon.json), isJSON: daemon.json)
      }
      try await daemon.withClient { client in
        SnapshotPrinter.print(try await client.snapshots(), isJSON: daemon.json)
      }
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a snapshot whole and check every byte.",
      discussion: """
        Exit code 65 if it is damaged; the message names the file.

        Example:
          magpie snapshot verify latest
        """)
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var place: Place
    @Argument(help: "Its name, the beginning of it, or latest.")
    var name = "latest"

    private struct Report: Encodable {
      var name: String
      var bytes: UInt64
      var verified = true
    }

    func run() async throws {
      if let shelf = place.shelf {
        let manifest = try LocalSnapshots.verify(name, on: shelf, isJSON: daemon.json)
        return say(manifest.name.text, manifest.bytes)
      }
      try await daemon.withClient { client in
        let listing = try await client.verifySnapshot(name)
        let status = try await SnapshotJob.follow(
          listing.status.job, "Verifying a snapshot", client, isJSON: daemon.json)
        say(status.snapshot, status.bytes)
      }
    }

    private func say(_ name: String, _ bytes: UInt64) {
      if daemon.json { return Terminal.say(JSONText.of(Report(name: name, bytes: bytes))) }
      Terminal.say("Snapshot \(name) is whole: \(Figures.bytes(bytes)) read")
    }
  }

  struct Prune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove all but the newest snapshots.",
      discussion: """
        Example:
          magpie snapshot prune --keep 3
        """)
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var place: Place
    @Option(help: ArgumentHelp("How many usable ones stay.", valueName: "n"))
    var keep: Int
    @Flag(help: "Say which would go; needs --directory.")
    var dryRun = false

    func validate() throws {
      guard keep >= 1 else { throw ValidationError("--keep must be at least 1.") }
      if dryRun, place.directory == nil { throw ValidationError("--dry-run needs --directory.") }
    }

    func run() async throws {
      if let shelf = place.shelf {
        return SnapshotPrinter.print(
          try LocalSnapshots.prune(shelf, keep: keep, dryRun: dryRun, isJSON: daemon.json),
          isJSON: daemon.json)
      }
      try await daemon.withClient { client in
        SnapshotPrinter.print(try await client.pruneSnapshots(keep: keep), isJSON: daemon.json)
      }
    }
  }
}

/// A job of the daemon's that is being waited for.
enum SnapshotJob {
  /// Looks at the status until the job has ended; shows a bar.
  static func follow(
    _ job: UInt64, _ title: String, _ client: MagpieClient, isJSON: Bool
  ) async throws -> SnapshotStatus {
    let bar = ProgressBar(title)
    defer { bar.clear() }
    // Small ones are made in no time; for those that are not, twenty looks a second are plenty. A pause is a tenth of what it took
    // so far, so that waiting for the next look adds no more than that.
    let began = ContinuousClock.now
    while true {
      let status = try await client.status().snapshot
      guard status.job == job else {
        throw CommandFailure(
          .failed, reason: "snapshot_failed",
          "The daemon was restarted, or has begun another snapshot. See what there is: magpie snapshot list",
          isJSON: isJSON)
      }
      switch status.state {
      case .succeeded: return status
      case .failed:
        throw CommandFailure(.failed, reason: "snapshot_failed", status.message, isJSON: isJSON)
      case .idle, .creating, .verifying:
        let fraction = status.bytesTotal > 0 ? Double(status.bytes) / Double(status.bytesTotal) : nil
        bar.show(fraction: fraction, details: "\(Figures.bytes(status.bytes))")
      }
      let pause = (ContinuousClock.now - began) / 10
      try await Task.sleep(for: min(.milliseconds(50), max(.milliseconds(2), pause)))
    }
  }
}
