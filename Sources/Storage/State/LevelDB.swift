import CLevelDB
import Glibc
import Vocabulary

/// LevelDB on the machine's own disk: it reaches its files by itself and knows no other `Disk`.
///
/// Unchecked because the handle is LevelDB's, which is safe for threads.
final class LevelDB: StateDatabase, @unchecked Sendable {
  let path: String
  let database: OpaquePointer
  let options: LevelDBOptions

  /// - Throws: `.corrupt`, `.permission`, `.io`, `.locked`.
  init(path: String, creating: Bool) throws(StorageFault) {
    if !creating { try LevelDBManifest.check(path) }
    self.path = path
    options = LevelDBOptions(creating: creating)
    var error: UnsafeMutablePointer<CChar>?
    let opened = leveldb_open(options.open, path, &error)
    if let error {
      defer { leveldb_free(error) }
      throw StateStore.fault(String(cString: error), path, doing: "open")
    }
    guard let opened else { throw StateStore.damaged(path, "LevelDB cannot open it.") }
    database = opened
  }

  func close() { leveldb_close(database) }

  /// Runs one call of the C interface.
  fileprivate static func call(
    _ body: (inout UnsafeMutablePointer<CChar>?) -> Void
  ) throws(StateDatabaseError) {
    var error: UnsafeMutablePointer<CChar>?
    body(&error)
    guard let error else { return }
    defer { leveldb_free(error) }
    throw StateDatabaseError(String(cString: error))
  }

  func value(of key: UnsafeRawBufferPointer) throws(StateDatabaseError) -> [UInt8]? {
    var size = 0
    var found: UnsafeMutablePointer<CChar>?
    try Self.call { error in
      found = leveldb_get(
        database, options.get, key.assumingMemoryBound(to: CChar.self).baseAddress, key.count, &size, &error)
    }
    guard let found else { return nil }
    defer { leveldb_free(found) }
    return Array(UnsafeRawBufferPointer(start: found, count: size))
  }

  func makeBatch() -> any StateDatabaseBatch { LevelDBBatch(self) }

  func makeIterator() -> (any StateDatabaseIterator)? {
    leveldb_create_iterator(database, options.scan).map { LevelDBIterator($0) }
  }

  /// Compares the size of each table with what LevelDB remembers of it: a table cut short would otherwise be
  /// noticed only by a read that kills the process, because tables are mapped.
  ///
  /// Compaction removes tables in a thread of LevelDB's own, so those that are looked at are kept by an iterator: it is of the
  /// version that has them if there were the same before and after it was made.
  func checkFiles() throws(StorageFault) {
    for _ in 0..<Limits.stateHoldTriesMax {
      let before = tables
      guard let iterator = leveldb_create_iterator(database, options.scan) else {
        throw StateStore.damaged(path, "LevelDB gives no iterator.")
      }
      defer { leveldb_iter_destroy(iterator) }
      if tables == before { return try checkFiles(of: before) }
      usleep(Self.pauseMicroseconds)
    }
    throw neverStill
  }

  private func checkFiles(of tables: [LevelDBManifest.Table: UInt64]) throws(StorageFault) {
    let disk = SystemDisk()
    for (table, size) in tables {
      let file = path + "/" + LevelDBManifest.fileName(table.number, "ldb")
      guard try disk.entry(at: file) == .file else {
        throw StateStore.damaged(file, "The table is missing.")
      }
      let found = try disk.open(file, flags: O_RDONLY).size()
      if found != size {
        throw StateStore.damaged(file, "The table has \(found) bytes where \(size) were written.")
      }
    }
  }

  var approximateBytes: UInt64 {
    var size: UInt64 = 0
    let first: [UInt8] = [0]
    let last: [UInt8] = [0xff]
    first.withUnsafeBytes { first in
      last.withUnsafeBytes { last in
        var starts: [UnsafePointer<CChar>?] = [first.assumingMemoryBound(to: CChar.self).baseAddress]
        var limits: [UnsafePointer<CChar>?] = [last.assumingMemoryBound(to: CChar.self).baseAddress]
        var lengths = [1]
        var limitLengths = [1]
        leveldb_approximate_sizes(database, 1, &starts, &lengths, &limits, &limitLengths, &size)
      }
    }
    return size
  }
}

/// Owns a LevelDB batch, which goes with it. Not sendable.
private final class LevelDBBatch: StateDatabaseBatch {
  private let owner: LevelDB
  private let batch: OpaquePointer

  init(_ owner: LevelDB) {
    self.owner = owner
    batch = leveldb_writebatch_create()
  }

  deinit { leveldb_writebatch_destroy(batch) }

  func put(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    // LevelDB must not see a null pointer, even for nothing.
    let empty = UnsafePointer<CChar>(bitPattern: 1)
    leveldb_writebatch_put(
      batch, key.assumingMemoryBound(to: CChar.self).baseAddress ?? empty, key.count,
      value.assumingMemoryBound(to: CChar.self).baseAddress ?? empty, value.count)
  }

  func write() throws(StateDatabaseError) {
    try LevelDB.call { error in leveldb_write(owner.database, owner.options.write, batch, &error) }
  }
}

/// Owns a LevelDB iterator until `close`. Not sendable.
private final class LevelDBIterator: StateDatabaseIterator {
  private let iterator: OpaquePointer

  init(_ iterator: OpaquePointer) { self.iterator = iterator }

  func seek(_ key: UnsafeRawBufferPointer) {
    guard let base = key.assumingMemoryBound(to: CChar.self).baseAddress else {
      return leveldb_iter_seek_to_first(iterator)
    }
    leveldb_iter_seek(iterator, base, key.count)
  }

  var isValid: Bool { leveldb_iter_valid(iterator) != 0 }

  var key: UnsafeRawBufferPointer {
    var size = 0
    let start = leveldb_iter_key(iterator, &size)
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  var value: UnsafeRawBufferPointer {
    var size = 0
    let start = leveldb_iter_value(iterator, &size)
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  func next() { leveldb_iter_next(iterator) }

  func check() throws(StateDatabaseError) {
    try LevelDB.call { error in leveldb_iter_get_error(iterator, &error) }
  }

  func close() { leveldb_iter_destroy(iterator) }
}
