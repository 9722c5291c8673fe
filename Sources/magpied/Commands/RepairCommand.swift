import ArgumentParser
import Foundation
import Storage

/// `magpied repair`: sets a damaged state aside; the next start makes it anew from the log.
struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Set a damaged state aside, to be rebuilt from the log.",
    discussion: """
      The log is checked first, and nothing is done if it is damaged. The old state is moved into the directory's \
      quarantine, not deleted. The next `magpied run` replays the whole log, which takes about a second for every \
      100,000 events.
      """)

  @Option(help: ArgumentHelp("The data directory. Default: MAGPIE_DATA.", valueName: "dir"))
  var data: String?

  func run() throws {
    guard let path = data ?? ProcessInfo.processInfo.environment["MAGPIE_DATA"], !path.isEmpty else {
      throw ValidationError("Say which: --data DIR.")
    }
    do {
      let directory = try DataDirectory.open(at: path)
      defer { directory.close() }
      let log = try EventLog.open(directory)
      defer { log.close() }
      let (store, setAside) = try StateStore.rebuild(directory)
      store.close()
      let events = log.next.value &- 1
      Console.say(
        (setAside.map { "The old state lies in \($0). " } ?? "There was no state. ")
          + "The next start replays \(events) log entries: magpied run --data \(path)")
    } catch {
      throw Stop(error)
    }
  }
}
