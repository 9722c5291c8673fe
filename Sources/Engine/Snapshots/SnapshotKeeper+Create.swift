import Glibc
import Ingestion
import Logging
import Models
import Storage
import Vocabulary

extension SnapshotKeeper {
  /// The generation of one tenant, its files open: what happens to its directory meanwhile does not matter.
  private struct OpenGeneration {
    var served: SnapshotManifest.ServedGeneration
    var files: [(name: String, file: DiskFile)]
    var bytes: UInt64
  }

  /// Makes one snapshot, complete and verified, or throws and leaves none.
  func create() throws(StorageFault) -> SnapshotManifest {
    try shelf.make()
    _ = try shelf.sweep()
    // Generations first: none of them may have learned from behind the position.
    var generations: [OpenGeneration] = []
    for tenant in tenants {
      if let generation = try open(tenant) { generations.append(generation) }
    }
    let point: ExportPoint
    switch ingestor.export() {
    case .success(let taken): point = taken
    case .failure(let fault):
      throw StorageFault(.stopped, file: shelf.path, "The state cannot be held: \(fault.message)")
    }
    let manifest = SnapshotManifest(
      directory: directory.identity, position: point.state.position, ingestTime: point.ingestTime,
      logBegins: point.logBegins, created: .now, program: "magpied \(identity.version)",
      configurationHash: identity.configurationHash, generations: generations.map(\.served))
    let expected = point.state.bytes + generations.reduce(0) { $0 + $1.bytes }
    try SnapshotWriter.requireRoom(at: shelf.path, for: expected, on: directory.disk)
    expect(manifest.name, bytes: expected)
    let writer = try SnapshotWriter(on: shelf, manifest: manifest) { [self] bytes in note(bytes) }
    do throws(StorageFault) {
      try writer.addState(point.state)
      try writer.add(SnapshotManifest.configurationName, Array(identity.configurationText.utf8))
      if let changes = try ChangeFile.bytes(at: directory.path) { try writer.add(ChangeFile.name, changes) }
      for generation in generations {
        for (name, file) in generation.files { try writer.add(name, copying: file) }
      }
      return try writer.finish()
    } catch {
      writer.abandon()
      throw error
    }
  }

  private func open(_ tenant: ServedTenant) throws(StorageFault) -> OpenGeneration? {
    guard let number = tenant.current?.generation.number else { return nil }
    let place = tenant.shelf.path(of: number)
    let prefix = "\(SnapshotManifest.generationsName)/\(tenant.name.text)/"
    var generation = OpenGeneration(
      served: .init(tenant: tenant.name, number: number, directory: number.directoryName), files: [], bytes: 0
    )
    var paths = try directory.disk.list(place).map { name in
      (prefix + number.directoryName + "/" + name, place + "/" + name)
    }
    let counter = tenant.shelf.path + "/last-number"
    if try directory.disk.entry(at: counter) == .file { paths.append((prefix + "last-number", counter)) }
    for (name, path) in paths {
      let file = try directory.disk.open(path, flags: O_RDONLY)
      generation.bytes += try file.size()
      generation.files.append((name, file))
    }
    return generation
  }

  // MARK: Retention

  /// After a success: removes snapshots beyond those to keep, and the log that the oldest of these contains, where
  /// that is wanted. A failure is logged: the snapshot that was made stays good.
  func tidy() {
    do throws(StorageFault) {
      let removed = try shelf.prune(keep: settings.keep)
      if !removed.isEmpty {
        logger.info(
          "Old snapshots are removed.",
          metadata: ["event": "snapshots_pruned", "snapshots": "\(removed.map(\.text))"])
      }
      try pruneLog()
    } catch {
      logger.warning(
        "Old snapshots or segments cannot be removed: \(error.description)",
        metadata: ["event": "prune_failed"])
    }
  }

  private func pruneLog() throws(StorageFault) {
    guard settings.pruneLogAfterDays > 0 else { return }
    // A trainer reads the log from its beginning; the next snapshot prunes.
    guard tenants.allSatisfy({ $0.training.withLock { $0.state != .running } }) else { return }
    let usable = try shelf.list().filter { entry in
      entry.problem.isEmpty && entry.manifest.map { directory.shares($0) } ?? false
    }
    guard let oldest = usable.last else { return }
    _ = try SnapshotShelf.verify(at: shelf.path(of: oldest.name)) { (_) throws(StorageFault) in
      guard mayGoOn else { throw StorageFault(.stopped, file: shelf.path, "The daemon stops.") }
    }
    let (age, overflow) = settings.pruneLogAfterDays.multipliedReportingOverflow(by: 86_400_000_000)
    guard !overflow else { return }
    let time = Timestamp(microseconds: Timestamp.now.microseconds - age)
    switch ingestor.pruneLog(through: oldest.name.position, takenInBy: time) {
    case .success(0): break
    case .success(let segments):
      logger.info(
        "Log segments that every snapshot kept contains are removed.",
        metadata: ["event": "log_pruned", "segments": "\(segments)", "base": "\(directory.base().value)"])
    case .failure(let fault): throw StorageFault(.io(errno: EIO), file: directory.logPath, fault.message)
    }
  }
}
