import Foundation
import Glibc
import Loading
import Locking
import MagpieClient

extension TortureRun {
  /// Puts the load on, brings about the end, and gathers what everybody has to say.
  func load(
    _ round: Round, _ place: Place, _ client: MagpieClient, _ process: DaemonProcess
  ) async throws {
    let company = Company(client: client, seed: numbers.next(), counts: Locked(.init()))
    let pause = Duration.milliseconds(Int.random(in: 2...25, using: &numbers))
    var tasks = place.writers.flatMap { writer in
      (0..<2).map { _ in Task { await writer.send(to: client, pause: pause) } }
    }
    tasks.append(Task { [catalogue = place.catalogue] in await catalogue.send(to: client, pause: pause) })
    for _ in 0..<2 { tasks.append(Task { await company.read() }) }
    tasks.append(Task { [activity = round.activity] in await company.act(activity) })

    try await end(round, place, client, process)
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }

    var isInFlight = false
    for writer in place.writers {
      if await writer.record.slots.contains(Journal.pending) { isInFlight = true }
      for complaint in await writer.takeComplaints() { tally.complain(complaint) }
    }
    if isInFlight { tally.killsInFlight += 1 }
    company.counts.withLock { counts in
      tally.snapshots += counts.snapshots
      tally.generations += counts.switches
      for complaint in counts.complaints { tally.complain(complaint) }
    }
  }

  /// Lets the load go on, makes the trouble, and brings about the end.
  private func end(
    _ round: Round, _ place: Place, _ client: MagpieClient, _ process: DaemonProcess
  ) async throws {
    try await Task.sleep(for: .milliseconds(Int.random(in: 5...150, using: &numbers)))
    try await trouble(round, place, client, process)
    switch round.death {
    case .starting: break
    case .moment(let milliseconds):
      try await Task.sleep(for: .milliseconds(milliseconds))
      process.send(SIGKILL)
    case .stopping(let milliseconds):
      process.send(SIGTERM)
      if await process.wait(.milliseconds(milliseconds)) == nil { process.send(SIGKILL) }
    case .point(let point, _):
      if point.isAtTheEnd { process.send(SIGTERM) }
      // Where the point is not passed often enough, it ends like the others. A trainer is polite and needs its time.
      let isSlow = round.activity == .trainings || round.activity == .promotions
      let deadline = ContinuousClock.now + .seconds(point.isAtTheEnd ? 12 : isSlow ? 10 : 4)
      let deaths = point.isOfTheTrainer ? place.trainerDeaths : 0
      while process.isRunning, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(point.isOfTheTrainer ? 50 : 1))
        // It is the trainer that dies there, which the daemon must not mind.
        if point.isOfTheTrainer, place.trainerDeaths > deaths {
          tally.points.insert(point)
          break
        }
      }
      process.send(SIGKILL)
    }
  }

  private func trouble(
    _ round: Round, _ place: Place, _ client: MagpieClient, _ process: DaemonProcess
  ) async throws {
    switch round.trouble {
    case .none, .slowSync, .stateLost: break
    case .fileLimit(let bytes):
      // The log's current segment is the file that grows.
      let segments = (try? FileManager.default.contentsOfDirectory(atPath: place.data + "/log")) ?? []
      var status = stat()
      guard let newest = segments.max(), stat(place.data + "/log/" + newest, &status) == 0 else { return }
      await process.limitFiles(toBytes: UInt64(clamping: status.st_size) + UInt64(bytes))
      tally.limitedFiles += 1
    case .full(let bytes):
      try await place.disk?.leave(bytes: UInt64(bytes))
      tally.fullDisks += 1
    case .low:
      guard let disk = place.disk else { return }
      try await disk.leave(bytes: 100 << 20)
      try await expectIngest(client, process, reason: "disk_low")
      try await disk.free()
      try await expectIngest(client, process, reason: nil)
      tally.lowDisks += 1
    }
  }

  /// Waits until ingest is refused for this reason, or taken if there is none; a daemon that dies first is right too.
  private func expectIngest(_ client: MagpieClient, _ process: DaemonProcess, reason: String?) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    var last = "nothing"
    while process.isRunning, ContinuousClock.now < deadline {
      do throws(MagpieError) {
        _ = try await client.putUsers([UserProfile(id: "probe")])
        if reason == nil { return }
        last = "taken"
      } catch {
        if error.reason == reason || error.reason == "connection_lost" { return }
        last = "\(error)"
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    if process.isRunning { tally.complain("Ingest should be \(reason ?? "taken"), but is: \(last)") }
  }
}
