import FaultPoints
import Glibc
import Locking
import Vocabulary

/// A data directory, locked for this process as long as it is open.
///
/// Thread-safe: paths never change, and the superblock is behind a mutex.
package final class DataDirectory: Sendable {
  static let superblockName = "superblock"
  /// The superblock's name until everything else of a new directory is on stable storage.
  static let unfinishedName = "superblock.initializing"
  /// The same for a directory that a restore fills.
  static let restoringName = "superblock.restoring"
  static let lockName = "daemon.lock"
  static let logName = "log"
  static let stateName = "state"
  static let generationsName = "generations"
  static let quarantineName = "quarantine"
  static let snapshotsName = "snapshots"
  /// There while the state is known to be damaged: the next start makes it anew.
  static let damageName = "state.damaged"
  /// A state that is being made anew.
  static let rebuildingName = "state.rebuilding"
  /// Every name a directory of this format holds.
  static let names: Set<String> = [
    superblockName, unfinishedName, restoringName, lockName, logName, stateName, generationsName,
    quarantineName, snapshotsName, damageName, rebuildingName, SnapshotManifest.configurationName,
    ChangeFile.name, ChangeFile.partialName, ScrubFile.name, ScrubFile.partialName,
  ]

  package let path: String
  /// Where it lies.
  package let disk: any Disk
  /// 16 random bytes that tell this directory from every other.
  package let identity: [UInt8]

  private struct Held {
    var lock: DiskFile
    var superblockFile: DiskFile
    var superblock: Superblock
    /// Set by the first failed write: what the slot holds is unknown from then on.
    var isFenced = false
  }
  private let held: Locked<Held?>

  /// Opens an existing directory and locks it.
  /// - Throws: `.notInitialized`, `.foreign`, `.newerFormat`, `.locked` with the holder's process id,
  ///   `.corrupt`, `.permission`, `.io`.
  package static func open(
    at path: String, on disk: any Disk = .system
  ) throws(StorageFault) -> DataDirectory {
    // Looked at before anything is created: a path typed wrongly must not leave a lock file behind.
    _ = try inspect(at: path, on: disk)
    let lock = try lock(at: path, on: disk)
    // And again under the lock, because another daemon may have written in between.
    let superblock = try inspect(at: path, on: disk)
    // Both may be empty and hold nothing that could be lost by making them anew.
    try disk.createDirectoryIfMissing(path + "/" + generationsName)
    try disk.createDirectoryIfMissing(path + "/" + quarantineName)
    let file = try disk.open(path + "/" + superblockName, flags: O_RDWR)
    try settle(file)
    // The last step of making it was to give the superblock its name; that process may have died right after it.
    try disk.synchronizeDirectory(path)
    return DataDirectory(path, disk, Held(lock: lock, superblockFile: file, superblock: superblock))
  }

  /// Writes the superblock once more, as it is, and makes it durable: what was read may be in memory alone, because an
  /// earlier process died before its fdatasync or was told that it failed (see `EventLog.open`).
  private static func settle(_ file: DiskFile) throws(StorageFault) {
    try file.write(try file.read(count: Superblock.slotBytes * Superblock.slotCount, at: 0), at: 0)
    try file.synchronize()
  }

  private init(_ path: String, _ disk: any Disk, _ held: sending Held) {
    self.path = path
    self.disk = disk
    identity = held.superblock.identity
    self.held = Locked(held)
  }

  package var logPath: String { path + "/" + Self.logName }
  package var statePath: String { path + "/" + Self.stateName }
  package var quarantinePath: String { path + "/" + Self.quarantineName }
  /// Where snapshots lie unless the configuration says otherwise; the directory may not exist yet.
  package var snapshotsPath: String { path + "/" + Self.snapshotsName }
  var damagePath: String { path + "/" + Self.damageName }
  var rebuildingPath: String { path + "/" + Self.rebuildingName }

  /// Where a tenant's generations lie; the directory may not exist yet.
  package func generationsPath(_ tenant: TenantName) -> String {
    path + "/" + Self.generationsName + "/" + tenant.text
  }

  /// A lower bound of what was acknowledged, which the log must reach.
  package func acknowledged() -> Position {
    held.withLock { $0?.superblock.acknowledged ?? .zero }
  }

  /// Raises the lower bound and makes it durable: one write and one fdatasync, so not for every group. A
  /// position that is not higher is ignored.
  /// REQUIRES: everything up to `position` is on stable storage.
  /// - Throws: `.io` at the first failure, `.fenced` ever after.
  package func recordAcknowledged(_ position: Position) throws(StorageFault) {
    try held.withLock { (held) throws(StorageFault) in
      guard let open = held, !open.isFenced else { throw Self.fenced(path) }
      guard position > open.superblock.acknowledged else { return }
      var superblock = open.superblock
      superblock.acknowledged = position
      superblock.sequence &+= 1
      // Fenced until proven otherwise.
      held?.isFenced = true
      if FaultPoints.isDue(.superblockTorn) {
        let half = superblock.encoded().prefix(Superblock.slotBytes / 2)
        try open.superblockFile.write(Array(half), at: superblock.slotOffset)
        FaultPoints.die()
      }
      try open.superblockFile.write(superblock.encoded(), at: superblock.slotOffset)
      FaultPoints.reach(.superblockWritten)
      try open.superblockFile.synchronizeData()
      FaultPoints.reach(.superblockDurable)
      held?.superblock = superblock
      held?.isFenced = false
    }
  }

  /// The log begins at the position after this one; zero unless it was pruned or the directory restored.
  package func base() -> Position { held.withLock { $0?.superblock.base ?? .zero } }

  /// The directory this one was restored from, if any.
  package func origin() -> Superblock.Origin? { held.withLock { $0?.superblock.origin } }

  /// Says that segments up to `position` may be removed, in both slots, durably. A position that is not higher is
  /// ignored.
  /// REQUIRES: a segment begins at the position behind it, and a verified snapshot contains everything before.
  /// - Throws: `.io` at the first failure, `.fenced` ever after.
  package func recordBase(_ position: Position) throws(StorageFault) {
    try held.withLock { (held) throws(StorageFault) in
      guard let open = held, !open.isFenced else { throw Self.fenced(path) }
      guard position > open.superblock.base else { return }
      var superblock = open.superblock
      superblock.begin(after: position, origin: superblock.origin)
      held?.isFenced = true
      // Both slots: if only one knew, damage to it would make the removed segments look lost.
      for _ in 0..<Superblock.slotCount {
        superblock.sequence &+= 1
        try open.superblockFile.write(superblock.encoded(), at: superblock.slotOffset)
        try open.superblockFile.synchronizeData()
        FaultPoints.reach(.baseHalf)
      }
      FaultPoints.reach(.baseRecorded)
      held?.superblock = superblock
      held?.isFenced = false
    }
  }

  // MARK: Damage to the state

  /// Notes, durably, that the state is damaged, so that the next start makes it anew.
  /// - Throws: why it cannot be noted; the next start meets the damage again.
  package func markStateDamaged(_ finding: String) throws(StorageFault) {
    let file = try disk.open(damagePath, flags: O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(Array((finding + "\n").utf8), at: 0)
    try file.synchronize()
    try disk.synchronizeDirectory(path)
  }

  /// What `markStateDamaged` noted, or nil.
  package func stateDamage() throws(StorageFault) -> String? {
    guard try disk.entry(at: damagePath) == .file else { return nil }
    let file = try disk.open(damagePath, flags: O_RDONLY)
    let text = String(decoding: try file.read(count: 4096, at: 0), as: UTF8.self)
    return text.isEmpty ? "It was found damaged earlier." : String(text.prefix { $0 != "\n" })
  }

  func clearStateDamage() throws(StorageFault) {
    guard try disk.entry(at: damagePath) != .missing else { return }
    try disk.remove(file: damagePath)
    try disk.synchronizeDirectory(path)
  }

  private static func fenced(_ path: String) -> StorageFault {
    StorageFault(
      .fenced, file: path + "/" + superblockName,
      "An earlier write failed, or the directory was closed; restart the daemon.")
  }

  /// Bytes the file system still has for this user; 0 if it does not say.
  package func freeBytes() -> UInt64 {
    disk.freeBytes(at: path)
  }

  /// Lets another process open the directory. Idempotent.
  /// REQUIRES: log and state are closed.
  package func close() {
    held.withLock { held in
      held?.superblockFile.close()
      held?.lock.close()
      held = nil
    }
  }

  /// A path in the quarantine under which nothing lies yet. The time in front sorts what was set aside.
  func quarantinePath(for name: String) throws(StorageFault) -> String {
    let base = "\(quarantinePath)/\(disk.now().microseconds)-\(name)"
    var path = base
    var number = 1
    while try disk.entry(at: path) != .missing {
      number += 1
      path = "\(base)-\(number)"
    }
    return path
  }

  /// Takes the lock and leaves our process id in it. The lock belongs to the open file: it goes with the
  /// process however that ends, so a file left behind means nothing.
  private static func lock(at path: String, on disk: any Disk) throws(StorageFault) -> DiskFile {
    let lockPath = path + "/" + lockName
    let file = try disk.open(lockPath, flags: O_RDWR | O_CREAT)
    guard try file.tryLock() else {
      let text = String(decoding: try file.read(count: 16, at: 0), as: UTF8.self)
      let holder = Int32(text.prefix { $0.isNumber }) ?? 0
      let who = holder > 0 ? "process \(holder)" : "another process"
      throw StorageFault(
        .locked(pid: holder), file: lockPath,
        "The data directory \(path) is in use by \(who). Stop it first, or choose another directory.")
    }
    try file.truncate(to: 0)
    try file.write(Array("\(getpid())\n".utf8), at: 0)
    return file
  }
}
