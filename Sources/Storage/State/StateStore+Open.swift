import Vocabulary

extension StateStore {
  /// Makes an empty state in an empty directory.
  static func create(at path: String, identity: [UInt8], on disk: any Disk) throws(StorageFault) {
    guard try disk.list(path).isEmpty else {
      throw StorageFault(.notEmpty, file: path, "A state can only be created in an empty directory.")
    }
    let store = StateStore(
      path: path, database: try disk.database(at: path, creating: true), identity: identity
    ) { _ in }
    defer { store.close() }
    var format = ByteWriter()
    format.append(fixed32: formatVersion)
    try store.put(StateKey.format, format.bytes)
    try store.put(StateKey.identity, identity)
    try store.write(StateBatch(applied: .zero, for: store))
    store.close()
    try disk.synchronizeTree(path)
  }

  /// Writes one value without a check behind it.
  private func put(_ key: [UInt8], _ value: [UInt8]) throws(StorageFault) {
    let batch = database.makeBatch()
    key.withUnsafeBytes { key in value.withUnsafeBytes { value in batch.put(key: key, value: value) } }
    try check("write") { () throws(StateDatabaseError) in try batch.write() }
  }

  /// Opens the state of a data directory.
  /// - Throws: `.corrupt` if it cannot be trusted or belongs to another directory, in which case `rebuild` helps;
  ///   `.newerFormat`, `.permission`, `.io`.
  package static func open(_ directory: DataDirectory) throws(StorageFault) -> StateStore {
    try open(at: directory.statePath, identity: directory.identity, on: directory.disk) {
      try? directory.markStateDamaged($0)
    }
  }

  static func open(
    at path: String, identity: [UInt8], on disk: any Disk,
    damaged mark: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(StorageFault) -> StateStore {
    // Asked before LevelDB is: it would leave files behind while refusing.
    guard try disk.entry(at: path + "/" + currentName) == .file else {
      throw damaged(path + "/" + currentName, "LevelDB's file CURRENT is missing.")
    }
    let store = StateStore(
      path: path, database: try disk.database(at: path, creating: false), identity: identity, damaged: mark)
    do throws(StorageFault) {
      try store.database.checkFiles()
      try store.checkOwner(identity)
      store.appliedValue.store(try store.applied().value, ordering: .relaxed)
    } catch {
      store.close()
      throw error
    }
    return store
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
}
