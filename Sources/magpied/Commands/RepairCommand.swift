import ArgumentParser
import Foundation
import Storage
import Vocabulary

/// `magpied repair`: sets a state aside and makes it anew, as the daemon does by itself where it finds damage.
struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Set the state aside, to be made anew from snapshot and log.",
    discussion: """
      `magpied run` does this by itself when it finds the state damaged; repair does it whatever the state looks like. \
      The log is checked first, and nothing is done if it is damaged. The old state is moved into the directory's \
      quarantine, not deleted. The next `magpied run` replays the log, which takes about a second for every 100,000 \
      events behind the newest snapshot, or behind the beginning where there is none.

      Example:
        magpied repair --data /var/lib/magpie
      """)

  @Option(help: ArgumentHelp("The data directory. Default: MAGPIE_DATA.", valueName: "dir"))
  var data: String?
  @Option(help: ArgumentHelp("Where its snapshots lie. Default: snapshots in it.", valueName: "dir"))
  var snapshots: String?

  func run() throws {
    guard let path = data ?? ProcessInfo.processInfo.environment["MAGPIE_DATA"], !path.isEmpty else {
      throw ValidationError("Say which: --data DIR.")
    }
    do {
      let directory = try DataDirectory.open(at: path)
      defer { directory.close() }
      let log = try EventLog.open(directory)
      defer { log.close() }
      let end = log.next.value &- 1
      let rebuilt = try StateStore.rebuild(
        directory, end: Position(end), snapshots: SnapshotShelf(path: snapshots ?? directory.snapshotsPath))
      rebuilt.store.close()
      let replayed = end - (rebuilt.snapshot?.position.value ?? 0)
      Console.say(
        (rebuilt.setAside.map { "The old state lies in \($0). " } ?? "There was no state. ")
          + (rebuilt.snapshot.map { "The new one begins from the snapshot \($0.text). " } ?? "")
          + "The next start replays \(replayed) log entries: magpied run --data \(path)")
    } catch {
      throw Stop(error)
    }
  }
}
