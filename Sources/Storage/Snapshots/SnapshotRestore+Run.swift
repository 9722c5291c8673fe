import Glibc
import Vocabulary

extension SnapshotRestore {
  /// Makes the directory. Its superblock gets its name last: it is complete, or recognisably unfinished. Names and
  /// contents are on stable storage when it returns.
  /// - Parameters:
  ///   - plan: what `plan` found just before.
  ///   - each: called often with the bytes read so far; throw to stop.
  package func run(_ plan: Plan, each: (UInt64) throws(StorageFault) -> Void) throws(StorageFault) {
    let manifest = plan.manifest
    if try disk.entry(at: target) == .directory {
      try DataDirectory.clearUnfinished(target, marker: DataDirectory.restoringName, on: disk)
    } else {
      try disk.createDirectory(target)
    }
    try SnapshotWriter.requireRoom(at: target, for: plan.bytes, on: disk)
    var superblock = Superblock(identity: disk.randomBytes(16), created: disk.now())
    superblock.begin(
      after: Position(plan.logBegins.value &- 1),
      origin: .init(identity: manifest.identity ?? [], position: plan.last))
    superblock.acknowledged = plan.last
    let marker = target + "/" + DataDirectory.restoringName
    do {
      let file = try disk.open(marker, flags: O_WRONLY | O_CREAT | O_EXCL)
      try file.write(superblock.encoded() + [UInt8](repeating: 0, count: Superblock.slotBytes), at: 0)
      try file.synchronize()
    }
    try disk.synchronizeDirectory(target)
    for name in [
      DataDirectory.logName, DataDirectory.stateName, DataDirectory.generationsName,
      DataDirectory.quarantineName,
    ] { try disk.createDirectory(target + "/" + name) }

    try restoreState(manifest, identity: superblock.identity, each: each)
    let state = manifest.files.first { $0.name == SnapshotManifest.stateName }?.bytes ?? 0
    try restoreFiles(manifest, after: state, each: each)
    try restoreLog(plan, identity: superblock.identity, each: each)
    try disk.synchronizeTree(target)
    try disk.move(marker, to: target + "/" + DataDirectory.superblockName)
    try disk.synchronizeDirectory(target)
    try disk.synchronizeDirectory(target + "/..")
  }

  private func restoreState(
    _ manifest: SnapshotManifest, identity: [UInt8], each: (UInt64) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    let path = target + "/" + DataDirectory.stateName
    try StateStore.create(at: path, identity: identity, on: disk)
    try StateStore.fill(
      path, identity: identity, on: disk, fromExport: snapshot + "/" + SnapshotManifest.stateName, manifest,
      each: each)
  }

  /// Copies generations and configuration, compares digests, and points each tenant's `current` at what served.
  private func restoreFiles(
    _ manifest: SnapshotManifest, after bytes: UInt64, each: (UInt64) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    var done = bytes
    for file in manifest.files where file.name != SnapshotManifest.stateName {
      var place = target
      for part in file.name.split(separator: "/").dropLast() {
        place += "/" + part
        try disk.createDirectoryIfMissing(place)
      }
      let copy = try HashedFile(path: target + "/" + file.name, on: disk)
      try FileCopy.read(snapshot + "/" + file.name, on: disk) { (part) throws(StorageFault) in
        try copy.append(part)
        done &+= UInt64(part.count)
        try each(done)
      }
      guard try copy.finish() == file.sha256 else {
        throw SnapshotManifest.damaged(snapshot + "/" + file.name, "It changed while it was read.")
      }
    }
    for served in manifest.generations {
      let link = "\(target)/\(DataDirectory.generationsName)/\(served.tenant)/current"
      try disk.createLink(link, to: served.directory)
    }
  }

  /// Carries the log over, under the new identity; without one the log begins empty behind the snapshot.
  private func restoreLog(
    _ plan: Plan, identity: [UInt8], each: (UInt64) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    let path = target + "/" + DataDirectory.logName
    let header = SegmentHeader(identity: identity, firstPosition: plan.logBegins, created: disk.now())
    let opened = OpenedLog(
      current: try EventLog.createSegment(in: path, header, on: disk), currentFirst: plan.logBegins,
      currentBytes: UInt64(SegmentHeader.byteCount), next: plan.logBegins, lastIngestTime: .zero,
      segmentCount: 1, bytes: UInt64(SegmentHeader.byteCount))
    let new = EventLog(path: path, identity: identity, on: disk, opened)
    defer { new.close() }
    guard let log else { return }
    let span = try LogSpan(path: log, identity: plan.manifest.identity ?? [], on: disk)
    var reader = try span.reader(through: plan.last)
    while let record = try reader.next() {
      _ = try new.append(record.entries, ingestTime: record.ingestTime)
      try each(plan.manifest.bytes &+ reader.bytesRead)
    }
    try new.synchronize()
    guard new.next.value &- 1 == plan.last.value else {
      throw StorageFault(.corrupt, file: log, "The log given changed while it was read; try again.")
    }
  }
}
