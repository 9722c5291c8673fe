import Glibc
import Vocabulary

extension DataDirectory {
  /// Makes a new data directory where there is nothing, or an empty directory.
  ///
  /// The superblock gets its name last, so a directory is either complete or recognisably unfinished; an
  /// unfinished one is cleared and made anew.
  /// - Throws: `.notEmpty`, `.permission`, `.io`.
  package static func initialize(at path: String, on disk: any Disk = .system) throws(StorageFault) {
    switch try disk.entry(at: path) {
    case .missing: try disk.createDirectory(path)
    case .directory: try clearUnfinished(path, marker: unfinishedName, on: disk)
    case .file, .other:
      throw StorageFault(.notEmpty, file: path, "It exists and is no directory. Choose another path.")
    }
    // Its own name too must outlive a power loss, also where an attempt before this one made it.
    try disk.synchronizeDirectory(path + "/..")
    let superblock = Superblock(identity: disk.randomBytes(16), created: disk.now())
    let unfinished = try disk.open(path + "/" + unfinishedName, flags: O_WRONLY | O_CREAT | O_EXCL)
    var bytes = superblock.encoded()
    bytes.append(contentsOf: repeatElement(0, count: Superblock.slotBytes))
    try unfinished.write(bytes, at: 0)
    try unfinished.synchronize()
    try disk.synchronizeDirectory(path)

    for name in [logName, stateName, generationsName, quarantineName] {
      try disk.createDirectory(path + "/" + name)
    }
    _ = try EventLog.createSegment(
      in: path + "/" + logName,
      SegmentHeader(identity: superblock.identity, firstPosition: Position(1), created: disk.now()),
      on: disk)
    try StateStore.create(at: path + "/" + stateName, identity: superblock.identity, on: disk)

    try disk.synchronizeDirectory(path)
    try disk.move(path + "/" + unfinishedName, to: path + "/" + superblockName)
    try disk.synchronizeDirectory(path)
  }

  /// Leaves `path` empty, or throws. Only what never finished is removed: nothing was ever acknowledged in it.
  /// - Parameter marker: the name its superblock has until it is finished.
  static func clearUnfinished(
    _ path: String, marker: String, on disk: any Disk
  ) throws(StorageFault) {
    let found = try disk.list(path).filter { $0 != "lost+found" }
    if found.isEmpty { return }
    guard found.contains(marker), !found.contains(superblockName), names.isSuperset(of: found) else {
      let advice =
        found.contains(superblockName)
        ? "A Magpie data directory is there already; start the daemon on it."
        : "It holds \(listing(found)). Choose a path that does not exist or is empty."
      throw StorageFault(.notEmpty, file: path, advice)
    }
    for name in found where name != marker { try disk.removeTree(path + "/" + name) }
    try disk.remove(file: path + "/" + marker)
  }

  /// Says what lies at `path` without touching or locking it: its superblock, or the reason it has none.
  /// - Throws: `.notInitialized`, `.foreign`, `.newerFormat`, `.corrupt`, `.permission`, `.io`.
  package static func inspect(
    at path: String, on disk: any Disk = .system
  ) throws(StorageFault) -> Superblock {
    let remedy = "create one with `magpied init --data \(path)`"
    switch try disk.entry(at: path) {
    case .directory: break
    case .missing:
      throw StorageFault(.notInitialized, file: path, "No Magpie data directory is there; \(remedy).")
    case .file, .other:
      throw StorageFault(
        .foreign, file: path, "It is not a Magpie data directory but a file. Check the path.")
    }
    let found = try disk.list(path).filter { $0 != "lost+found" }
    let superblockPath = path + "/" + superblockName
    guard found.contains(superblockName) else {
      if found.contains(unfinishedName) {
        throw StorageFault(
          .notInitialized, file: path, "Its initialisation was interrupted; \(remedy) to repeat it.")
      }
      if found.contains(restoringName) {
        throw StorageFault(
          .notInitialized, file: path,
          "A restore into it was interrupted; repeat it: magpie snapshot restore … --to \(path)")
      }
      if found.isEmpty {
        throw StorageFault(.notInitialized, file: path, "The directory is empty; \(remedy).")
      }
      if found.contains(logName), found.contains(generationsName) {
        throw StorageFault.corrupt(superblockPath, "The superblock is missing.")
      }
      throw StorageFault(
        .foreign, file: path,
        "It is not a Magpie data directory: it holds \(listing(found)). Check the path; \(remedy) elsewhere.")
    }
    let file = try disk.open(superblockPath, flags: O_RDONLY)
    // One byte more than it should have, to notice a file that is too long.
    let bytes = try file.read(count: Superblock.slotBytes * Superblock.slotCount + 1, at: 0)
    guard bytes.count <= Superblock.slotBytes * Superblock.slotCount else {
      throw StorageFault(
        .corrupt, file: superblockPath,
        "It is longer than a superblock. Nothing was changed; check the path, or \(StorageFault.restoreAdvice)"
      )
    }
    let superblock = try Superblock.decode(bytes, file: superblockPath)
    // A missing state is for `StateStore.open` to report, because it can be rebuilt; a missing log cannot.
    guard found.contains(logName) else {
      throw StorageFault.corrupt(path + "/" + logName, "The log is missing.")
    }
    return superblock
  }

  /// The first few names, for a message.
  static func listing(_ names: [String]) -> String {
    let shown = names.prefix(3).joined(separator: ", ")
    return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
  }
}
