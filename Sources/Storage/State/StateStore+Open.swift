import CLevelDB
import Glibc
import Vocabulary

extension StateStore {
  /// Makes an empty state in an empty directory.
  static func create(at path: String, identity: [UInt8]) throws(StorageFault) {
    guard try DiskDirectory.list(path).isEmpty else {
      throw StorageFault(.notEmpty, file: path, "A state can only be created in an empty directory.")
    }
    let store = try connect(path, LevelDBOptions(creating: true))
    defer { store.close() }
    let durable = leveldb_writeoptions_create()
    defer { leveldb_writeoptions_destroy(durable) }
    leveldb_writeoptions_set_sync(durable, 1)
    var format = ByteWriter()
    format.append(fixed32: formatVersion)
    let values = [
      (StateKey.format, format.bytes), (StateKey.identity, identity), (StateKey.applied, encode(.zero)),
    ]
    for (key, value) in values {
      try store.check("write") { error in
        key.withUnsafeBytes { key in
          value.withUnsafeBytes { value in
            leveldb_put(
              store.database, durable, key.assumingMemoryBound(to: CChar.self).baseAddress, key.count,
              value.assumingMemoryBound(to: CChar.self).baseAddress, value.count, &error)
          }
        }
      }
    }
    try DiskDirectory.synchronize(path)
  }

  /// Opens the state of a data directory.
  /// - Throws: `.corrupt` if it cannot be trusted, in which case `rebuild` helps; `.foreign`, `.newerFormat`,
  ///   `.permission`, `.io`.
  package static func open(_ directory: DataDirectory) throws(StorageFault) -> StateStore {
    let path = directory.statePath
    // Asked before LevelDB is: it would leave files behind while refusing.
    guard try DiskDirectory.entry(at: path + "/" + currentName) == .file else {
      throw damaged(path + "/" + currentName, "LevelDB's file CURRENT is missing.")
    }
    try LevelDBManifest.check(path)
    let store = try connect(path, LevelDBOptions(creating: false))
    do throws(StorageFault) {
      try store.checkTableSizes()
      try store.checkOwner(directory.identity)
      store.appliedValue.store(try store.applied().value, ordering: .relaxed)
    } catch {
      store.close()
      throw error
    }
    return store
  }

  /// Sets a damaged state aside in the quarantine and opens an empty one, which the log then fills: `applied`
  /// is zero. Nothing is deleted.
  /// REQUIRES: no handle is open. The log begins at position 1, which `EventLog.open` has checked.
  /// - Returns: the new state, and where the old one lies; nil if there was none.
  package static func rebuild(
    _ directory: DataDirectory
  ) throws(StorageFault) -> (store: StateStore, setAside: String?) {
    let path = directory.statePath
    var setAside: String?
    if try DiskDirectory.entry(at: path) != .missing {
      let target = try directory.quarantinePath(for: DataDirectory.stateName)
      try DiskDirectory.move(path, to: target)
      setAside = target
    }
    try DiskDirectory.create(path)
    try create(at: path, identity: directory.identity)
    try DiskDirectory.synchronize(directory.path)
    try DiskDirectory.synchronize(directory.quarantinePath)
    return (try open(directory), setAside)
  }

  private static func connect(_ path: String, _ options: LevelDBOptions) throws(StorageFault) -> StateStore {
    var error: UnsafeMutablePointer<CChar>?
    let database = leveldb_open(options.open, path, &error)
    if let error {
      defer { leveldb_free(error) }
      throw fault(String(cString: error), path, doing: "open")
    }
    guard let database else { throw damaged(path, "LevelDB cannot open it.") }
    return StateStore(path: path, database: database, options: options)
  }

  func checkOwner(_ identity: [UInt8]) throws(StorageFault) {
    guard let format = try value(of: StateKey.format), format.count == 4 else {
      throw Self.damaged(path, "The state does not say which format it has.")
    }
    let version = format.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << (8 * UInt32($1.offset)) }
    guard version <= Self.formatVersion else {
      throw StorageFault(
        .newerFormat, file: path,
        "The state has format \(version); this release reads format \(Self.formatVersion). "
          + "Install the release that wrote it.")
    }
    guard try value(of: StateKey.identity) == identity else {
      throw StorageFault(
        .foreign, file: path,
        "The state belongs to another data directory. Put the right one back; nothing was changed.")
    }
  }

  /// Compares the size of each table with what LevelDB remembers of it: a table cut short would otherwise be
  /// noticed only by a read that kills the process, because tables are mapped.
  func checkTableSizes() throws(StorageFault) {
    guard let text = leveldb_property_value(database, "leveldb.sstables") else { return }
    defer { leveldb_free(text) }
    // Lines like ` 12:3456['first' .. 'last']` below lines like `--- level 0 ---`.
    for line in String(cString: text).split(separator: "\n") {
      let numbers = line.prefix { $0 != "[" }.split(separator: ":")
      guard numbers.count == 2, let size = UInt64(numbers[1]),
        let number = UInt64(numbers[0].drop { $0 == " " })
      else { continue }
      let file = path + "/" + LevelDBManifest.fileName(number, "ldb")
      guard try DiskDirectory.entry(at: file) == .file else {
        throw Self.damaged(file, "The table is missing.")
      }
      let found = try DiskFile(path: file, flags: O_RDONLY).size()
      if found != size {
        throw Self.damaged(file, "The table has \(found) bytes where \(size) were written.")
      }
    }
  }
}
