import Checksums
import FaultPoints
import Glibc
import Vocabulary

/// A directory of snapshots. Holds no state but the path.
///
/// REQUIRES: one process makes, prunes and sweeps at a time (the daemon); any may read.
package struct SnapshotShelf: Sendable {
  package let path: String
  /// Where it lies.
  package let disk: any Disk

  /// Does not touch the disk.
  package init(path: String, on disk: any Disk = .system) {
    self.path = path
    self.disk = disk
  }

  package func path(of name: SnapshotName) -> String { path + "/" + name.text }

  /// One snapshot on the shelf.
  package struct Entry: Sendable {
    package let name: SnapshotName
    /// Nil if it cannot be read; then `problem` says why.
    package let manifest: SnapshotManifest?
    /// Why it cannot be used, or empty. Reading sizes finds some damage; only `verify` finds all of it.
    package let problem: String
  }

  /// Newest first. Reads manifests and file sizes, not contents. A shelf that is not there has no snapshots.
  package func list() throws(StorageFault) -> [Entry] {
    try names().reversed().map { (name) throws(StorageFault) in
      do throws(StorageFault) {
        let manifest = try SnapshotManifest.read(from: path(of: name), on: disk)
        let problem = try Self.sizeProblem(manifest, at: path(of: name), on: disk)
        return Entry(
          name: name, manifest: manifest, problem: problem.map { "\($0.file): \($0.finding)" } ?? "")
      } catch {
        return Entry(name: name, manifest: nil, problem: error.description)
      }
    }
  }

  /// Finished snapshots, oldest first.
  package func names() throws(StorageFault) -> [SnapshotName] {
    guard try disk.entry(at: path) == .directory else { return [] }
    return try disk.list(path).compactMap { SnapshotName(text: $0) }.sorted()
  }

  /// The snapshot that `text` names: `latest`, a whole name, or the beginning of exactly one.
  /// - Throws: `.noSnapshot`, saying what there is.
  package func find(_ text: String) throws(StorageFault) -> SnapshotName {
    let names = try names()
    if text == "latest", let newest = names.last { return newest }
    let found = names.filter { $0.text.hasPrefix(text) || String($0.position.value) == text }
    if found.count == 1 { return found[0] }
    throw StorageFault(
      .noSnapshot, file: path,
      found.isEmpty
        ? "There is no snapshot \(text) among \(names.count); `magpie snapshot list` names them."
        : "\(text) means \(found.count) snapshots: \(found.map(\.text).joined(separator: ", ")). Write more of the name."
    )
  }

  /// Makes the directory, and the names of those above it durable, if it is missing.
  package func make() throws(StorageFault) {
    if try disk.entry(at: path) == .directory { return }
    try disk.createDirectory(path)
    try disk.synchronizeDirectory(path + "/..")
  }

  /// Removes what attempts that never finished, and interrupted prunings, left behind.
  /// - Returns: how many there were.
  package func sweep() throws(StorageFault) -> Int {
    guard try disk.entry(at: path) == .directory else { return 0 }
    var swept = 0
    for name in try disk.list(path) {
      let suffixes = [SnapshotName.unfinishedSuffix, SnapshotName.removingSuffix]
      guard
        suffixes.contains(where: {
          name.hasSuffix($0) && SnapshotName(text: String(name.dropLast($0.count))) != nil
        })
      else { continue }
      try disk.removeTree(path + "/" + name)
      swept += 1
    }
    return swept
  }

  /// Snapshots that `prune` would remove: all but the newest `count` usable ones and those that are newer.
  package func prunable(keep count: Int) throws(StorageFault) -> [SnapshotName] {
    // One that cannot be used is kept in place of none: it does not count, and is removed only with age.
    let entries = try list()
    let usable = entries.filter { $0.problem.isEmpty }.map(\.name)
    guard count > 0, usable.count > count else { return [] }
    let oldestKept = usable[count - 1]
    return entries.map(\.name).filter { $0 < oldestKept }
  }

  /// Removes all but the newest `count` usable ones. Each is renamed first, so that half of one never looks whole.
  package func prune(keep count: Int) throws(StorageFault) -> [SnapshotName] {
    let doomed = try prunable(keep: count)
    for name in doomed {
      let removing = path(of: name) + SnapshotName.removingSuffix
      if try disk.entry(at: removing) != .missing { try disk.removeTree(removing) }
      try disk.move(path(of: name), to: removing)
      try disk.synchronizeDirectory(path)
      FaultPoints.reach(.snapshotPruned)
      try disk.removeTree(removing)
    }
    if !doomed.isEmpty { try disk.synchronizeDirectory(path) }
    return doomed
  }

  /// The first file that is missing or has another size than the manifest says, and which of both.
  static func sizeProblem(
    _ manifest: SnapshotManifest, at directory: String, on disk: any Disk
  ) throws(StorageFault) -> (file: String, finding: String)? {
    for file in manifest.files {
      let place = directory + "/" + file.name
      guard try disk.entry(at: place) == .file else { return (place, "The file is missing.") }
      let size = try disk.open(place, flags: O_RDONLY).size()
      if size != file.bytes { return (place, "It has \(size) bytes where \(file.bytes) were written.") }
    }
    return nil
  }

  // MARK: Verification

  /// Reads a snapshot whole and checks every byte. O(bytes), about a gigabyte a second.
  /// - Parameter each: called often with the bytes read so far; throw to stop.
  /// - Throws: `.noSnapshot`, `.corrupt` naming the file, `.newerFormat`, `.permission`, `.io`.
  package static func verify(
    at directory: String, on disk: any Disk = .system,
    each: (UInt64) throws(StorageFault) -> Void = { _ throws(StorageFault) in }
  ) throws(StorageFault) -> SnapshotManifest {
    let manifest = try SnapshotManifest.read(from: directory, on: disk)
    var done: UInt64 = 0
    for file in manifest.files {
      let place = directory + "/" + file.name
      guard try disk.entry(at: place) == .file else {
        throw SnapshotManifest.damaged(place, "The file is missing.")
      }
      let hash = SHA256()
      let before = done
      if file.name == SnapshotManifest.stateName,
        manifest.formatVersion > SnapshotManifest.formatVersionOldest
      {
        let reader = try FilesExportReader(path: place, manifest: manifest, on: disk)
        while try reader.next() != nil { try each(before + reader.offset) }
        guard reader.files == manifest.entries, reader.digest == file.sha256, reader.offset == file.bytes
        else {
          throw SnapshotManifest.damaged(place, "Its bytes are not those that were written.")
        }
        done = before + reader.offset
        continue
      }
      if file.name == SnapshotManifest.stateName {
        let reader = try ExportReader(path: place, manifest: manifest, hash: hash, on: disk)
        while try reader.nextBlock({ (_, _) throws(StorageFault) in }) { try each(before + reader.offset) }
        guard reader.entries == manifest.entries else {
          throw SnapshotManifest.damaged(
            place, "It holds \(reader.entries) records where \(manifest.entries) were written.")
        }
        done = before + reader.offset
      } else {
        try FileCopy.read(place, on: disk) { (part) throws(StorageFault) in
          hash.update(part)
          done += UInt64(part.count)
          try each(done)
        }
      }
      guard done - before == file.bytes, SHA256.hex(digest: hash.finish()) == file.sha256 else {
        throw SnapshotManifest.damaged(place, "Its bytes are not those that were written.")
      }
    }
    return manifest
  }
}

/// Files read and copied in large pieces.
enum FileCopy {
  private static let pieceBytes = 1 << 20

  /// Visits a file from front to back.
  static func read(
    _ path: String, on disk: any Disk, _ body: (UnsafeRawBufferPointer) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    try read(try disk.open(path, flags: O_RDONLY), body)
  }

  static func read(
    _ file: DiskFile, _ body: (UnsafeRawBufferPointer) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
    defer { buffer.deallocate() }
    var offset: UInt64 = 0
    while true {
      let count = try file.read(into: buffer, at: offset)
      if count == 0 { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += UInt64(count)
    }
  }
}
