import CLevelDB
import Glibc
import Vocabulary

extension StateStore {
  /// Makes an empty state in an empty directory.
  static func create(at path: String, identity: [UInt8]) throws(StorageFault) {
    guard try DiskDirectory.list(path).isEmpty else {
      throw StorageFault(.notEmpty, file: path, "A state can only be created in an empty directory.")
    }
    let store = try connect(path, LevelDBOptions(creating: true), identity) { _ in }
    defer { store.close() }
    var format = ByteWriter()
    format.append(fixed32: formatVersion)
    try store.put(StateKey.format, format.bytes)
    try store.put(StateKey.identity, identity)
    try store.write(StateBatch(applied: .zero, for: store))
    store.close()
    try DiskDirectory.synchronizeTree(path)
  }

  /// Writes one value without a check behind it.
  private func put(_ key: [UInt8], _ value: [UInt8]) throws(StorageFault) {
    try check("write") { error in
      key.withUnsafeBytes { key in
        value.withUnsafeBytes { value in
          leveldb_put(
            database, options.write, key.assumingMemoryBound(to: CChar.self).baseAddress, key.count,
            value.assumingMemoryBound(to: CChar.self).baseAddress, value.count, &error)
        }
      }
    }
  }

  /// Opens the state of a data directory.
  /// - Throws: `.corrupt` if it cannot be trusted or belongs to another directory, in which case `rebuild` helps;
  ///   `.newerFormat`, `.permission`, `.io`.
  package static func open(_ directory: DataDirectory) throws(StorageFault) -> StateStore {
    try open(at: directory.statePath, identity: directory.identity) { directory.markStateDamaged($0) }
  }

  static func open(
    at path: String, identity: [UInt8], damaged mark: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(StorageFault) -> StateStore {
    // Asked before LevelDB is: it would leave files behind while refusing.
    guard try DiskDirectory.entry(at: path + "/" + currentName) == .file else {
      throw damaged(path + "/" + currentName, "LevelDB's file CURRENT is missing.")
    }
    try LevelDBManifest.check(path)
    let store = try connect(path, LevelDBOptions(creating: false), identity, mark)
    do throws(StorageFault) {
      try store.checkTableSizes()
      try store.checkOwner(identity)
      store.appliedValue.store(try store.applied().value, ordering: .relaxed)
    } catch {
      store.close()
      throw error
    }
    return store
  }

  private static func connect(
    _ path: String, _ options: LevelDBOptions, _ identity: [UInt8],
    _ mark: @escaping @Sendable (String) -> Void
  ) throws(StorageFault) -> StateStore {
    var error: UnsafeMutablePointer<CChar>?
    let database = leveldb_open(options.open, path, &error)
    if let error {
      defer { leveldb_free(error) }
      throw fault(String(cString: error), path, doing: "open")
    }
    guard let database else { throw damaged(path, "LevelDB cannot open it.") }
    return StateStore(path: path, database: database, options: options, identity: identity, damaged: mark)
  }

  func checkOwner(_ identity: [UInt8]) throws(StorageFault) {
    guard let format = try storedValue(of: StateKey.format), format.count == 4 else {
      throw Self.damaged(path, "The state does not say which format it has.")
    }
    let version = format.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << (8 * UInt32($1.offset)) }
    guard version <= Self.formatVersion else {
      throw StorageFault(
        .newerFormat, file: path,
        "The state has format \(version); this release reads format \(Self.formatVersion). "
          + "Install the release that wrote it.")
    }
    guard version == Self.formatVersion else {
      throw Self.damaged(path, "The state has format \(version), which this release makes anew.")
    }
    guard try storedValue(of: StateKey.identity) == identity else {
      throw Self.damaged(path, "The state belongs to another data directory.")
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
