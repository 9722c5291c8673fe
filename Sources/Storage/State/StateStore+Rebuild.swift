import FaultPoints
import Glibc
import Vocabulary

extension StateStore {
  /// A state that was made anew.
  package struct Rebuilt {
    package var store: StateStore
    /// Where the old one lies; nil if there was none.
    package var setAside: String?
    /// The snapshot it begins from; nil if it is empty and the log fills it.
    package var snapshot: SnapshotName?
  }

  /// Makes the state anew: from the newest snapshot that verifies, belongs to this directory and is followed by the
  /// log without a gap, or empty, where the log goes back to position 1. Then the log does the rest. The old
  /// state is moved to the quarantine when the new one is on stable storage; nothing is deleted.
  ///
  /// REQUIRES: no handle is open. The log was opened, so that `end` is its last position.
  /// - Parameter shelf: where the directory's snapshots lie.
  /// - Throws: `.corrupt`, with nothing changed, if the log was pruned and no snapshot fits.
  package static func rebuild(
    _ directory: DataDirectory, end: Position, snapshots shelf: SnapshotShelf
  ) throws(StorageFault) -> Rebuilt {
    let source = try newestUsable(directory, end: end, shelf)
    let base = directory.base()
    if source == nil, base > .zero {
      throw StorageFault(
        .corrupt, file: directory.statePath,
        "The state is damaged, the log begins at position \(base.value + 1), and no snapshot in \(shelf.path) that contains the positions before verifies. Nothing was changed; put such a snapshot there, or name its directory with snapshots.directory."
      )
    }
    let disk = directory.disk
    let path = directory.rebuildingPath
    if try disk.entry(at: path) != .missing { try disk.removeTree(path) }
    try disk.createDirectory(path)
    try create(at: path, identity: directory.identity, on: disk)
    if let source {
      let export = shelf.path(of: source.name) + "/" + SnapshotManifest.stateName
      try fill(path, identity: directory.identity, on: disk, fromExport: export, source) {
        _ throws(StorageFault) in
      }
    }
    try disk.synchronizeTree(path)

    var setAside: String?
    if try disk.entry(at: directory.statePath) != .missing {
      let target = try directory.quarantinePath(for: DataDirectory.stateName)
      try disk.move(directory.statePath, to: target)
      setAside = target
    }
    FaultPoints.reach(.stateSetAside)
    try disk.move(path, to: directory.statePath)
    try disk.synchronizeDirectory(directory.path)
    try disk.synchronizeDirectory(directory.quarantinePath)
    FaultPoints.reach(.stateRebuilt)
    try directory.clearStateDamage()
    return Rebuilt(store: try open(directory), setAside: setAside, snapshot: source?.name)
  }

  /// Puts the records of an export into the empty state at `path`.
  static func fill(
    _ path: String, identity: [UInt8], on disk: any Disk, fromExport export: String,
    _ manifest: SnapshotManifest,
    each: (UInt64) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    let store = try open(at: path, identity: identity, on: disk)
    defer { store.close() }
    if manifest.formatVersion > SnapshotManifest.formatVersionOldest {
      let reader = try FilesExportReader(path: export, manifest: manifest, on: disk)
      return try store.fill(fromFiles: reader, manifest, on: disk, each: each)
    }
    let reader = try ExportReader(path: export, manifest: manifest, on: disk)
    try store.fill(from: reader) { () throws(StorageFault) in try each(reader.offset) }
  }

  /// The newest snapshot that the log can go on from and that verifies whole.
  private static func newestUsable(
    _ directory: DataDirectory, end: Position, _ shelf: SnapshotShelf
  ) throws(StorageFault) -> SnapshotManifest? {
    for name in try shelf.names().reversed() {
      let path = shelf.path(of: name)
      do throws(StorageFault) {
        let manifest = try SnapshotManifest.read(from: path, on: shelf.disk)
        guard directory.shares(manifest), Position(manifest.position) >= directory.base(),
          Position(manifest.position) <= end
        else { continue }
        return try SnapshotShelf.verify(at: path, on: shelf.disk)
      } catch {
        // The next older one may be whole; the log holds what it lacks. A disk that does not read is no such reason: it
        // must not look as if there were no snapshot.
        guard error.kind == .corrupt || error.kind == .newerFormat else { throw error }
      }
    }
    return nil
  }
}

extension DataDirectory {
  /// Whether everything up to the snapshot's position is this directory's history too: the snapshot is its own, or
  /// its origin's from before they parted.
  package func shares(_ snapshot: SnapshotManifest) -> Bool {
    if snapshot.identity == identity { return true }
    guard let origin = origin() else { return false }
    return snapshot.identity == origin.identity && Position(snapshot.position) <= origin.position
  }
}
