import Ingestion
import Simulation
import Storage
import Vocabulary

/// Snapshots as the daemon makes them, with the write path taking turns meanwhile.
extension World {
  var shelf: SnapshotShelf { SnapshotShelf(path: Self.root + "/snapshots", on: disk) }

  /// Makes one. Whatever fails leaves none that looks whole.
  func snapshot() throws {
    guard let running, let directory, !running.ingestor.isFenced else { return }
    disk.forgetFailure()
    do {
      try shelf.make()
      _ = try shelf.sweep()
      let point: ExportPoint
      switch running.export() {
      case .success(let taken): point = taken
      case .failure(let fault):
        collect()
        return try require(disk.hasFailed, "an export failed though no call did: \(fault.message)")
      }
      collect()
      try glance()
      defer { point.state.letGo() }
      try require(
        point.state.position == running.ingestor.applied, "the export is at \(point.state.position)")
      let manifest = SnapshotManifest(
        directory: directory.identity, position: point.state.position, ingestTime: point.ingestTime,
        logBegins: point.logBegins, created: disk.now(), program: "simulation", configurationHash: 0,
        generations: [])
      var wrong: (any Error)?
      let writer = try SnapshotWriter(on: shelf, manifest: manifest) { [self] _ in
        // Ingest goes on while it is written.
        do {
          if oneIn(4) { send() }
          if oneIn(4) { try commit() }
          if oneIn(4) { try store() }
        } catch { wrong = error }
        return wrong == nil
      }
      do {
        try writer.addState(point.state)
        try writer.add(SnapshotManifest.configurationName, Array("port: 7700\n".utf8))
        let made = try writer.finish()
        note("snapshot at \(made.position)")
      } catch {
        writer.abandon()
        if let wrong { throw wrong }
        throw error
      }
      try tidy()
    } catch let fault as StorageFault {
      // Two in one microsecond have one name; the second is refused.
      if fault.kind == .io(errno: 17) { return note("snapshot: \(fault)") }
      try requireHonest(fault, "snapshot")
    }
  }

  /// Retention, as after every snapshot.
  private func tidy() throws {
    guard let running, let directory, tidiesAlways || oneIn(2) else { return }
    _ = try shelf.prune(keep: roll(1...2))
    guard tidiesAlways || oneIn(2) else { return }
    let usable = try shelf.list().filter { entry in
      entry.problem.isEmpty && entry.manifest.map { directory.shares($0) } ?? false
    }
    guard let oldest = usable.last else { return }
    _ = try SnapshotShelf.verify(at: shelf.path(of: oldest.name), on: disk)
    // Read while it can be, so that the truth knows what it was.
    try readLog(through: running.ingestor.committed)
    let result = running.pruneLog(through: oldest.name.position, takenInBy: Timestamp(microseconds: .max))
    collect()
    switch result {
    case .success(let segments): note("pruned \(segments) segments")
    case .failure(let fault):
      try require(disk.hasFailed, "pruning failed though no call did: \(fault.message)")
    }
  }

  /// Restores the newest snapshot, and the log behind it, into a new directory and compares.
  func restore() throws {
    guard let directory, running?.ingestor.isFenced == false else { return }
    try commit()
    // After a failed commit the log ends with what nobody was promised.
    guard running?.ingestor.isFenced == false else { return }
    disk.forgetFailure()
    let target = "/restored"
    do {
      if try disk.entry(at: target) != .missing { try disk.removeTree(target) }
      guard let newest = try shelf.list().first(where: { $0.problem.isEmpty }) else { return }
      let restore = SnapshotRestore(
        snapshot: shelf.path(of: newest.name), target: target, log: oneIn(2) ? directory.logPath : nil,
        end: .all,
        on: disk)
      try readLog(through: running?.ingestor.committed)
      let plan = try restore.plan()
      do {
        try restore.run(plan) { _ throws(StorageFault) in }
      } catch {
        try requireHonest(error, "restore")
        disk.plan = .none
        guard !disk.isDead else { return }
        // Neither a daemon nor `init` takes it; another restore does.
        if (try? DataDirectory.inspect(at: target, on: disk)) == nil {
          try restore.run(try restore.plan()) { _ in }
        }
      }
      try compare(target, through: plan.last.value)
      note("restored up to \(plan.last)")
    } catch let fault as StorageFault {
      try requireHonest(fault, "restore")
    }
  }

  private func compare(_ target: String, through last: UInt64) throws {
    let opened = try DataDirectory.open(at: target, on: disk)
    defer { opened.close() }
    let restored = try SteppedIngestor(opened, settings: settings, logger: Self.logger)
    defer { restored.stop() }
    guard let tenant = restored.ingestor.live.tenant(.default) else {
      throw Violation(description: "no tenant")
    }
    let found = try Contents(of: tenant)
    let wanted = try expected(through: last)
    try require(found == wanted, "the restored state is \(found), and should be \(wanted)")
  }
}
