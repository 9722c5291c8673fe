import CLevelDB
import Glibc
import Synchronization
import Vocabulary

/// The state derived from the log, in LevelDB: profiles, items and the index of event identifiers.
///
/// Thread rule: one thread writes; any thread reads, at the same time.
/// Invariants:
/// 1. The state contains exactly the positions up to `applied`; every batch carries it.
/// 2. The first error of any call fences the handle. LevelDB goes on acknowledging writes after a failed append
///    that no reader will ever see again (google/leveldb issues 870, 924, 1180).
/// 3. Losing the state loses nothing: `rebuild` sets it aside, and the log replays it.
///
/// Unchecked because the handle is LevelDB's, which is safe for threads; the fence is atomic.
package final class StateStore: @unchecked Sendable {
  /// Layout of keys and values. PERSISTED under the key `format`.
  package static let formatVersion: UInt32 = 1
  private static let currentName = "CURRENT"

  package let path: String
  private let database: OpaquePointer
  private let options: LevelDBOptions
  private let isFencedFlag = Atomic<Bool>(false)
  private let isClosedFlag = Atomic<Bool>(false)
  private let appliedValue: Atomic<UInt64>

  private init(path: String, database: OpaquePointer, options: LevelDBOptions) {
    self.path = path
    self.database = database
    self.options = options
    appliedValue = Atomic(0)
  }

  deinit { close() }

  /// Whether an error has ended the use of this handle.
  package var isFenced: Bool { isFencedFlag.load(ordering: .acquiring) }

  // MARK: Opening

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

  private func checkOwner(_ identity: [UInt8]) throws(StorageFault) {
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
  private func checkTableSizes() throws(StorageFault) {
    guard let text = leveldb_property_value(database, "leveldb.sstables") else { return }
    defer { leveldb_free(text) }
    // Lines like ` 12:3456['first' .. 'last']` below lines like `--- level 0 ---`.
    for line in String(cString: text).split(separator: "\n") {
      let numbers = line.prefix { $0 != "[" }.split(separator: ":")
      guard numbers.count == 2, let size = UInt64(numbers[1]),
        let number = UInt64(numbers[0].drop { $0 == " " })
      else { continue }
      let digits = String(number)
      let name = String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
      var file = path + "/" + name + ".ldb"
      if try DiskDirectory.entry(at: file) == .missing { file = path + "/" + name + ".sst" }
      guard try DiskDirectory.entry(at: file) == .file else {
        throw Self.damaged(file, "The table is missing.")
      }
      let found = try DiskFile(path: file, flags: O_RDONLY).size()
      if found != size {
        throw Self.damaged(file, "The table has \(found) bytes where \(size) were written.")
      }
    }
  }

  /// Releases the files. Further calls throw `.fenced`. Idempotent.
  /// REQUIRES: no call is under way in another thread.
  package func close() {
    if !isClosedFlag.exchange(true, ordering: .acquiringAndReleasing) { leveldb_close(database) }
  }

  // MARK: Reading and writing

  static func encode(_ position: Position) -> [UInt8] {
    var writer = ByteWriter(capacity: 8)
    writer.append(fixed64: position.value)
    return writer.bytes
  }

  /// The position up to which the state contains the log.
  package func applied() throws(StorageFault) -> Position {
    guard let bytes = try value(of: StateKey.applied), bytes.count == 8 else {
      throw fence(Self.damaged(path, "The state does not say up to which position it goes."))
    }
    return Position(
      bytes.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) })
  }

  /// Applies a batch. It survives the death of the process; a power loss may take it, and then the log replays
  /// it.
  /// - Throws: the first time `.io` or `.corrupt`, ever after `.fenced`; `.invalid` if the batch goes back.
  package func write(_ batch: consuming StateBatch) throws(StorageFault) {
    let last = appliedValue.load(ordering: .relaxed)
    guard batch.applied.value >= last else {
      throw StorageFault(
        .invalid, file: path,
        "A batch up to position \(batch.applied.value) cannot follow position \(last).")
    }
    let pointer = batch.batch
    try check("write") { error in leveldb_write(database, options.write, pointer, &error) }
    appliedValue.store(batch.applied.value, ordering: .relaxed)
  }

  /// What is known of an event, or nil if none was ingested under this identifier. One lookup; a filter in
  /// memory answers most that find nothing.
  package func event(_ id: EventIdentifier, of tenant: TenantName) throws(StorageFault) -> EventRecord? {
    guard let bytes = try value(of: StateKey.event(id, tenant)) else { return nil }
    do throws(MalformedBytes) {
      return try bytes.span.bytes.withUnsafeBytes { (buffer) throws(MalformedBytes) in
        try EventRecord(decoding: buffer)
      }
    } catch {
      throw fence(Self.malformed(error, path, "An event's record"))
    }
  }

  private func value(of key: [UInt8]) throws(StorageFault) -> [UInt8]? {
    var size = 0
    var found: UnsafeMutablePointer<CChar>?
    try check("read") { error in
      found = key.withUnsafeBytes {
        leveldb_get(
          database, options.get, $0.assumingMemoryBound(to: CChar.self).baseAddress, $0.count, &size, &error)
      }
    }
    guard let found else { return nil }
    defer { leveldb_free(found) }
    return Array(UnsafeRawBufferPointer(start: found, count: size))
  }

  /// Runs one call of LevelDB; its error fences this handle.
  func check(
    _ verb: String, _ body: (inout UnsafeMutablePointer<CChar>?) -> Void
  ) throws(StorageFault) {
    if isFenced || isClosedFlag.load(ordering: .acquiring) {
      throw StorageFault(
        .fenced, file: path,
        isFenced ? "An earlier call failed; restart the daemon." : "The state was closed.")
    }
    var error: UnsafeMutablePointer<CChar>?
    body(&error)
    guard let error else { return }
    defer { leveldb_free(error) }
    throw fence(Self.fault(String(cString: error), path, doing: verb))
  }

  func fence(_ fault: StorageFault) -> StorageFault {
    isFencedFlag.store(true, ordering: .releasing)
    return fault
  }

  // MARK: Scanning

  /// Visits every key that begins with `prefix`, in order, with what follows the prefix. A scan in which LevelDB
  /// met an error ends in a fault, even though it skipped the bad block and went on.
  func forEach(
    prefix: [UInt8],
    _ body: (_ suffix: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    try check("scan") { _ in }
    let iterator = leveldb_create_iterator(database, options.scan)
    defer { leveldb_iter_destroy(iterator) }
    prefix.withUnsafeBytes {
      leveldb_iter_seek(iterator, $0.assumingMemoryBound(to: CChar.self).baseAddress, $0.count)
    }
    while leveldb_iter_valid(iterator) != 0 {
      var size = 0
      let key = UnsafeRawBufferPointer(start: leveldb_iter_key(iterator, &size), count: size)
      guard key.starts(with: prefix) else { break }
      let value = UnsafeRawBufferPointer(start: leveldb_iter_value(iterator, &size), count: size)
      try body(UnsafeRawBufferPointer(rebasing: key[prefix.count...]), value)
      leveldb_iter_next(iterator)
    }
    try check("scan") { error in leveldb_iter_get_error(iterator, &error) }
  }

  /// Visits a tenant's items in the order of their indices.
  package func forEachItem(
    _ tenant: TenantName, _ body: (ItemRecord) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    try forEach(prefix: StateKey.prefix(.item, tenant)) { (suffix, value) throws(StorageFault) in
      let record: ItemRecord
      do throws(MalformedBytes) {
        record = try ItemRecordCodec.decode(value, index: try StateKey.itemIndex(suffix))
      } catch {
        throw fence(Self.malformed(error, path, "An item's record"))
      }
      try body(record)
    }
  }

  /// Visits a tenant's users in the order of their identifiers.
  package func forEachUser(
    _ tenant: TenantName, _ body: (UserRecord) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    try forEach(prefix: StateKey.prefix(.user, tenant)) { (suffix, value) throws(StorageFault) in
      let record: UserRecord
      do throws(MalformedBytes) {
        guard let id = UserIdentifier(checked: Array(suffix)) else {
          throw MalformedBytes("a user key that is no identifier", at: 0)
        }
        record = try UserRecordCodec.decode(value, id: id)
      } catch {
        throw fence(Self.malformed(error, path, "A user's record"))
      }
      try body(record)
    }
  }

  // MARK: Faults

  private static let advice =
    "Nothing was changed; `magpied repair` sets the state aside and rebuilds it from the log."

  static func damaged(_ file: String, _ finding: String) -> StorageFault {
    StorageFault(.corrupt, file: file, finding + " " + advice)
  }

  static func malformed(_ bytes: MalformedBytes, _ path: String, _ place: String) -> StorageFault {
    damaged(path, "\(place) does not decode: \(bytes.what) at byte \(bytes.offset).")
  }

  /// LevelDB speaks in sentences that begin with the kind of the error.
  private static func fault(_ text: String, _ path: String, doing verb: String) -> StorageFault {
    if text.hasPrefix("IO error: lock") {
      return StorageFault(
        .locked(pid: 0), file: path, "Another process has the state open. Stop it first. (\(text))")
    }
    // What it calls an invalid argument is a place outside a table, which only a damaged table points to.
    let isDamage = text.hasSuffix("Invalid argument") || text.hasSuffix("No such file or directory")
    if text.hasPrefix("IO error"), !isDamage {
      return StorageFault(
        .io(errno: EIO), file: path,
        "LevelDB could not \(verb) it: \(text). Check disk and permissions, then restart the daemon.")
    }
    return damaged(path, "LevelDB could not \(verb) it: \(text).")
  }
}
