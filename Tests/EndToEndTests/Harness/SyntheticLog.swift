import Foundation
import Storage
import Training
import Vocabulary

/// A data directory with a log of made-up views, written without a daemon: millions of events in seconds.
struct SyntheticLog {
  var events: Int
  var users: Int
  var items: Int
  /// Every user's events are spread over all of the time, so that a moment parts everybody's history.
  var days = 100

  let seed: UInt64

  init(events: Int, users: Int, items: Int, seed: UInt64) {
    self.events = events
    self.users = users
    self.items = items
    self.seed = seed
  }

  /// Writes the directory; returns the bytes of all identifiers in use.
  func write(to path: String) throws -> Int {
    try DataDirectory.initialize(at: path)
    let directory = try DataDirectory.open(at: path)
    defer { directory.close() }
    let log = try EventLog.open(directory)
    var generator = SeededGenerator(seed: seed)
    let userNames = try (0..<users).map { try UserIdentifier("user-\($0)") }
    let itemNames = try (0..<items).map { try ItemIdentifier("item-\($0)") }
    var (seenUsers, seenItems) = (Set<Int>(), Set<Int>())
    let step = Int64(days) * 86_400_000_000 / Int64(events)
    var batch: [LogEntry] = []
    for number in 0..<events {
      let user = Int.random(in: 0..<users, using: &generator)
      // Squared: some items are asked for far more than others, as everywhere.
      let share = Double.random(in: 0..<1, using: &generator)
      let item = min(items - 1, Int(share * share * Double(items)))
      seenUsers.insert(user)
      seenItems.insert(item)
      let event = Event(
        id: try EventIdentifier("e\(number)"), type: .view, user: userNames[user], item: itemNames[item],
        time: Timestamp(microseconds: 1_600_000_000_000_000 + Int64(number) * step))
      batch.append(LogEntry(tenant: .default, change: .event(event)))
      if batch.count == 1_000 || number == events - 1 {
        _ = try log.append(batch, ingestTime: Timestamp(microseconds: 1_700_000_000_000_000))
        batch.removeAll(keepingCapacity: true)
      }
    }
    try log.synchronize()
    log.close()
    return seenUsers.reduce(0) { $0 + userNames[$1].bytes.count }
      + seenItems.reduce(0) { $0 + itemNames[$1].bytes.count }
  }
}

/// Runs of `magpie-train` by hand.
struct TrainerProcess {
  struct Outcome {
    var ending: Ending
    var output: String
    var errors: String
    /// Highest resident memory, as the kernel counted it.
    var peakBytes: Int

    /// The last line of `--progress json`.
    var last: [String: Any] {
      let line = output.split(separator: "\n").last.map(String.init) ?? ""
      return (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
    }
  }

  /// - Parameter ulimitKiB: for `ulimit -d`: what the system grants, whatever the trainer may take.
  static func run(
    _ arguments: [String], in workplace: Workplace, ulimitKiB: Int? = nil, seconds: Double = 900,
    watch: (ChildProcess, String) throws -> Void = { _, _ in }
  ) throws -> Outcome {
    let stem = "train-" + UUID().uuidString
    let program = try Programs.path("magpie-train")
    let process: ChildProcess
    if let ulimitKiB {
      process = try ChildProcess(
        "/bin/sh", ["-c", "ulimit -d \(ulimitKiB) && exec \"$0\" \"$@\"", program] + arguments,
        output: workplace.file(stem + ".out"), errors: workplace.file(stem + ".err"))
    } else {
      process = try ChildProcess(
        program, arguments, output: workplace.file(stem + ".out"), errors: workplace.file(stem + ".err"))
    }
    let deadline = Date(timeIntervalSinceNow: seconds)
    var peak = 0
    while process.isRunning {
      peak = max(peak, process.peakBytes ?? 0)
      try watch(process, workplace.read(stem + ".out"))
      if Date() > deadline {
        throw HarnessFailure("magpie-train still runs: \(workplace.read(stem + ".err"))")
      }
      usleep(1_000)
    }
    return Outcome(
      ending: process.ending ?? .exit(-1), output: workplace.read(stem + ".out"),
      errors: workplace.read(stem + ".err"), peakBytes: peak)
  }
}
