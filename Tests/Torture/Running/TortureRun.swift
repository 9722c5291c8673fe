import FaultPoints
import Foundation
import Glibc
import Loading
import MagpieClient

/// Kills a daemon again and again, and looks after each start whether everything acknowledged is there exactly once.
///
/// Not sendable: one task runs it.
package final class TortureRun {
  /// What is to be done.
  package struct Plan: Sendable {
    package var seed: UInt64
    /// No round is begun after this long, or after this many.
    package var patience: Duration?
    package var roundsMax = Int.max
    /// A directory for everything, which is made and removed.
    package var directory: String
    /// The daemon.
    package var program: String
    /// The library that slows fsync down and turns the clock; nil does without.
    package var shim: String?

    package init(seed: UInt64, directory: String, program: String) {
      self.seed = seed
      self.directory = directory
      self.program = program
    }
  }

  let plan: Plan
  package internal(set) var tally = Tally()
  private var planner: Planner
  var numbers: SplitMix
  private var disk: TemporaryDisk?
  private let progress: (Tally) -> Void

  /// Rounds on one data directory, and events in it, before it is compared whole and another is begun: the time to
  /// compare must not grow with the time that passes.
  private static let roundsOfPlace = 40
  private static let eventsOfPlace = 150_000

  package init(_ plan: Plan, progress: @escaping (Tally) -> Void = { _ in }) {
    self.plan = plan
    self.progress = progress
    planner = Planner(seed: plan.seed)
    numbers = SplitMix(seed: plan.seed, stream: 0x7047)
  }

  /// Goes on until there is enough, or something is wrong. Leaves the data where something is wrong.
  package func run() async throws -> Tally {
    try FileManager.default.createDirectory(atPath: plan.directory, withIntermediateDirectories: true)
    disk = await TemporaryDisk.mounted(at: plan.directory + "/disk")
    let began = ContinuousClock.now
    var isOver: Bool {
      tally.rounds >= plan.roundsMax || !tally.holds
        || plan.patience.map { ContinuousClock.now - began >= $0 } ?? false
    }
    repeat {
      do {
        let place = try await begin()
        try await spend(place) { isOver }
        if tally.holds { place.remove() }
      } catch let fault as TortureFault {
        tally.complain(fault.description)
      }
    } while !isOver
    if tally.holds {
      await disk?.unmount()
      try? FileManager.default.removeItem(atPath: plan.directory)
    }
    return tally
  }

  /// Rounds on one data directory, and the last word on it.
  private func spend(_ place: Place, until isOver: () -> Bool) async throws {
    do {
      var events = 0
      while !isOver(), place.rounds < Self.roundsOfPlace, events < Self.eventsOfPlace {
        place.rounds += 1
        tally.rounds += 1
        try await live(planner.next(means(of: place)), in: place)
        progress(tally)
        events = 0
        for writer in place.writers { events += await writer.record.slots.count }
      }
      if tally.holds { try await settle(place) }
    } catch let fault as TortureFault {
      tally.complain(fault.description)
    }
    for writer in place.writers {
      tally.acknowledged += UInt64(await writer.record.slots.count { $0 != 0 && $0 != Journal.pending })
    }
    tally.acknowledged += await place.catalogue.acknowledged
  }

  private func means(of place: Place) -> Planner.Means {
    var means = Planner.Means()
    means.hasDisk = place.disk != nil
    means.hasShim = plan.shim != nil
    return means
  }

  /// A new data directory: where there are two kinds of disk, on the other one than the last.
  private func begin() async throws -> Place {
    tally.directories += 1
    let place = try Place(
      path: plan.directory + "/place-\(tally.directories)", disk: tally.directories % 2 == 1 ? disk : nil,
      seed: plan.seed &+ UInt64(tally.directories))
    try? FileManager.default.removeItem(atPath: place.data)
    let making = try DaemonProcess(
      plan.program, ["init", "--data", place.data], output: "/dev/null", errors: place.log)
    guard await making.wait(.seconds(30)) == .exit(0) else {
      throw TortureFault("magpied init: \(place.lastWords)")
    }
    return place
  }

  // MARK: One life

  private func live(_ round: Round, in place: Place) async throws {
    if round.trouble == .stateLost {
      // What LevelDB cannot do without: the state must be made anew from snapshot and log.
      if unlink(place.data + "/state/CURRENT") == 0 { tally.lostStates += 1 }
    }
    let began = ContinuousClock.now
    let process = try launch(round, in: place)
    if case .starting(let milliseconds) = round.death {
      try await Task.sleep(for: .milliseconds(milliseconds))
      process.send(SIGKILL)
      tally.killsWhileStarting += 1
      return try await mourn(process, round, in: place)
    }
    guard try await waitUntilReady(process, round, in: place) else {
      tally.killsWhileStarting += 1
      return try await mourn(process, round, in: place)
    }
    if place.wasKilled { tally.recoveries.append(Self.seconds(ContinuousClock.now - began)) }
    let client = makeClient(place)
    // A fault point may end it in the middle of this; what was not looked at is looked at by the next.
    if try await inspect(place, client, process) { try await load(round, place, client, process) }
    await client.shutdown(patience: .zero)
    try await mourn(process, round, in: place)
  }

  private func launch(_ round: Round?, in place: Place) throws -> DaemonProcess {
    var arguments = ["run", "--data", place.data, "--port", "0", "--log-format", "json"]
    var settings = [
      "training.blend=false", "training.linear=off", "training.user_neighbours=off", "training.factors=8",
      "training.iterations=2", "training.gate=off", "training.keep_generations=2", "snapshots.keep=3",
      "drain_seconds=5", "store_interval_milliseconds=\(Int.random(in: 10...150, using: &numbers))",
    ]
    if round?.trouble != .low { settings.append("disk_free_bytes_min=0") }
    var environment: [String: String] = [:]
    if case .point(let point, let reach)? = round?.death {
      environment[FaultPoints.variable] = FaultPoints.Order(point, reach: reach).text
    }
    if let shim = plan.shim {
      if case .slowSync(let microseconds)? = round?.trouble {
        environment["LD_PRELOAD"] = shim
        environment["SHIM_SYNC_DELAY_US"] = "\(microseconds)"
        tally.slowDisks += 1
      }
      if round?.activity == .pruning {
        place.days += 3
        settings.append("snapshots.prune_log_after_days=1")
        environment["LD_PRELOAD"] = shim
        environment["SHIM_CLOCK_SECONDS"] = "\(place.days * 86_400)"
      }
    }
    for setting in settings { arguments += ["--set", setting] }
    try? FileManager.default.removeItem(atPath: place.output)
    return try DaemonProcess(
      plan.program, arguments, environment: environment, output: place.output, errors: place.log)
  }

  /// False if it died before at the fault point, as it was told to.
  private func waitUntilReady(_ process: DaemonProcess, _ round: Round?, in place: Place) async throws -> Bool
  {
    let deadline = ContinuousClock.now + .seconds(60)
    while place.port == nil {
      guard process.isRunning else {
        if case .point? = round?.death, process.ending == .signal(SIGKILL) { return false }
        throw TortureFault(
          "The daemon does not start (\(String(describing: process.ending))): \(place.lastWords)")
      }
      guard ContinuousClock.now < deadline else {
        throw TortureFault("The daemon is not ready after a minute: \(place.lastWords)")
      }
      try await Task.sleep(for: .milliseconds(1))
    }
    return true
  }

  private func makeClient(_ place: Place) -> MagpieClient {
    var configuration = MagpieClient.Configuration(host: "127.0.0.1", port: place.port ?? 0)
    configuration.retry = .never
    configuration.poolSize = 4
    return MagpieClient(configuration: configuration)
  }

  /// Waits for the end and judges it.
  private func mourn(_ process: DaemonProcess, _ round: Round, in place: Place) async throws {
    guard let ending = await process.wait(.seconds(30)) else {
      throw TortureFault("The daemon neither goes on nor ends: \(place.lastWords)")
    }
    switch ending {
    case .signal(SIGKILL):
      tally.kills += 1
      place.wasKilled = true
      if !process.isKilled, case .point(let point, _) = round.death {
        tally.killsAtPoints += 1
        tally.points.insert(point)
      }
    case .exit(0):
      // Only who was asked to stop may do so.
      place.wasKilled = false
      switch round.death {
      case .stopping: break
      case .point(let point, _) where point.isAtTheEnd: break
      default: tally.complain("The daemon stopped without being asked: \(place.lastWords)")
      }
    default: tally.complain("The daemon ended with \(ending) in \(round): \(place.lastWords)")
    }
    try await place.disk?.free()
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  // MARK: Inspection

  /// Compares what is new since the last one, and a sample of what is old.
  /// - Returns: false if the daemon died meanwhile.
  private func inspect(_ place: Place, _ client: MagpieClient, _ process: DaemonProcess) async throws -> Bool
  {
    var records: [Writer.Record] = []
    for writer in place.writers { records.append(await writer.record) }
    let inspected = place.inspected
    let seed = numbers.next()
    do {
      let result = try await Inspection(client).run(records) { record in
        var numbers = SplitMix(seed: seed, stream: UInt64(record.script.writer))
        let first = inspected[record.script.writer]
        let sample = first > 0 ? (0..<40).map { _ in Int.random(in: 0..<first, using: &numbers) } : []
        return sample + Array(first..<max(first, record.slots.count))
      }
      try await note(result, in: place)
      for record in records { place.inspected[record.script.writer] = record.slots.count }
      let items = try await place.catalogue.inspect(client)
      tally.finding.lost += items.lost
      for example in items.examples { tally.finding.note(example) }
      return true
    } catch let error as MagpieError {
      // It may be dying: the connection ends before the process does.
      guard await process.wait(.seconds(2)) != nil else {
        throw TortureFault("The inspection was refused: \(error)")
      }
      return false
    }
  }

  private func note(_ result: (finding: Finding, settled: [[Int: UInt64]]), in place: Place) async throws {
    tally.finding.add(result.finding)
    for (writer, positions) in zip(place.writers, result.settled) { try await writer.settle(positions) }
  }

  /// The last word on a data directory: everything, from what the last kill left and once more from a clean stop.
  private func settle(_ place: Place) async throws {
    for _ in 0..<2 {
      let process = try launch(nil, in: place)
      guard try await waitUntilReady(process, nil, in: place) else { return }
      let client = makeClient(place)
      var records: [Writer.Record] = []
      for writer in place.writers { records.append(await writer.record) }
      do {
        try await note(try await Inspection(client).run(records), in: place)
        let snapshots = try await Patience.ask { try await client.snapshots().snapshots }
        for snapshot in snapshots where !snapshot.problem.isEmpty {
          tally.complain("The snapshot \(snapshot.name) cannot be used: \(snapshot.problem)")
        }
      } catch let error as MagpieError {
        throw TortureFault("The last inspection was refused: \(error)")
      }
      await client.shutdown(patience: .zero)
      process.send(SIGTERM)
      guard await process.wait(.seconds(40)) == .exit(0) else {
        throw TortureFault("The daemon does not stop in order: \(place.lastWords)")
      }
    }
  }
}
