import FaultPoints
import Glibc
import Vocabulary

/// Makes one snapshot under its unfinished name, reads back what it writes, and gives it its name. What fails before that
/// never looks like a snapshot; the next attempt removes it.
///
/// Not sendable: one thread makes a snapshot.
package final class SnapshotWriter {
  /// Bytes written and read back so far, and whether to go on.
  package typealias Progress = (_ bytes: UInt64) -> Bool

  package let name: SnapshotName
  private let shelf: SnapshotShelf
  private let disk: any Disk
  private let path: String
  private var manifest: SnapshotManifest
  private let progress: Progress
  private var written: UInt64 = 0
  private var freeChecked: UInt64 = 0
  private var directories: [String] = []

  /// Makes the unfinished directory.
  /// - Parameters:
  ///   - manifest: what it will be; files and entries are filled in here.
  ///   - progress: called often; return false to stop.
  package init(
    on shelf: SnapshotShelf, manifest: SnapshotManifest, progress: @escaping Progress
  ) throws(StorageFault) {
    self.shelf = shelf
    disk = shelf.disk
    self.manifest = manifest
    self.progress = progress
    name = manifest.name
    path = shelf.path(of: name) + SnapshotName.unfinishedSuffix
    try disk.createDirectory(path)
    FaultPoints.reach(.snapshotBegun)
  }

  /// Writes the state, and lets the export go.
  package func addState(_ export: StateExport) throws(StorageFault) {
    defer { export.letGo() }
    let header = ExportFormat.Header(
      identity: manifest.identity ?? [], position: export.position,
      created: Timestamp(microseconds: manifest.created))
    let before = written
    let writer = try FilesExportWriter(
      path: path + "/" + SnapshotManifest.stateName, header: header, on: disk
    ) { [self] (bytes) throws(StorageFault) in
      try report(before + bytes)
      FaultPoints.reach(.snapshotBlock)
    }
    let file = try export.write(to: writer)
    manifest.entries = file.files
    manifest.files.append(.init(name: SnapshotManifest.stateName, bytes: file.bytes, sha256: file.digest))
    FaultPoints.reach(.snapshotFile)
  }

  /// Writes a small file.
  package func add(_ name: String, _ bytes: [UInt8]) throws(StorageFault) {
    try makeDirectories(for: name)
    let file = try HashedFile(path: path + "/" + name, on: disk)
    try file.append(bytes)
    written += file.bytes
    try add(name, file)
  }

  /// Copies a file that is open: what removes its name meanwhile does not matter.
  package func add(_ name: String, copying source: DiskFile) throws(StorageFault) {
    try makeDirectories(for: name)
    let file = try HashedFile(path: path + "/" + name, on: disk)
    let before = written
    try FileCopy.read(source) { (part) throws(StorageFault) in
      try file.append(part)
      try report(before + file.bytes)
    }
    try add(name, file)
  }

  private func add(_ name: String, _ file: HashedFile) throws(StorageFault) {
    let digest = try file.finish()
    manifest.files.append(.init(name: name, bytes: file.bytes, sha256: digest))
    FaultPoints.reach(.snapshotFile)
  }

  private func makeDirectories(for name: String) throws(StorageFault) {
    guard SnapshotManifest.isPlainPath(name) else {
      throw StorageFault(.invalid, file: name, "A snapshot cannot hold a file of this name.")
    }
    var place = path
    for part in name.split(separator: "/").dropLast() {
      place += "/" + part
      guard !directories.contains(place) else { continue }
      try disk.createDirectory(place)
      directories.append(place)
    }
  }

  /// Notes how far it is, and stops where the caller wants or where ingest would soon lack room.
  private func report(_ bytes: UInt64) throws(StorageFault) {
    written = bytes
    guard progress(bytes) else {
      throw StorageFault(.stopped, file: path, "The snapshot was stopped before it was finished.")
    }
    guard bytes >= freeChecked + Limits.snapshotFreeCheckBytes else { return }
    freeChecked = bytes
    try Self.requireRoom(at: path, for: 0, on: disk)
  }

  /// Fails unless the disk would keep what ingest needs after `bytes` more were written.
  package static func requireRoom(
    at path: String, for bytes: UInt64, on disk: any Disk
  ) throws(StorageFault) {
    let free = disk.freeBytes(at: path)
    guard free < Limits.diskFreeBytesMin || free - Limits.diskFreeBytesMin < bytes else { return }
    throw StorageFault(
      .io(errno: ENOSPC), file: path,
      "The disk has \(free >> 20) MiB left; the snapshot needs \(bytes >> 20), and \(Limits.diskFreeBytesMin >> 20) must remain for ingest. Free some space, or keep snapshots on another disk (snapshots.directory)."
    )
  }

  /// Writes the manifest, looks for every file it lists, and publishes the snapshot: it is complete or absent. The bytes
  /// of the files were read back when they were written.
  package func finish() throws(StorageFault) -> SnapshotManifest {
    try manifest.write(into: path, on: disk)
    FaultPoints.reach(.snapshotManifest)
    for directory in directories.reversed() { try disk.synchronizeDirectory(directory) }
    try disk.synchronizeDirectory(path)
    guard try SnapshotManifest.read(from: path, on: disk) == manifest else {
      throw SnapshotManifest.damaged(path, "Its manifest is not the one that was written.")
    }
    if let problem = try SnapshotShelf.sizeProblem(manifest, at: path, on: disk) {
      throw SnapshotManifest.damaged(problem.file, problem.finding)
    }
    try report(written)
    FaultPoints.reach(.snapshotVerified)
    try disk.move(path, to: shelf.path(of: name))
    FaultPoints.reach(.snapshotNamed)
    try disk.synchronizeDirectory(shelf.path)
    return manifest
  }

  /// Removes what was written. Best effort: the next attempt sweeps.
  package func abandon() { try? disk.removeTree(path) }
}
