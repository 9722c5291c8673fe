import CLevelDB
import Glibc
import Vocabulary

extension LevelDB {
  func holdFiles() throws(StorageFault) -> any StateFiles {
    // Compaction works on in a thread of LevelDB's own: where it changed something while we looked, we look again. It does so a
    // few times a second at most, and a look takes a millisecond.
    for _ in 0..<Limits.stateHoldTriesMax {
      if let held = try attemptHold() { return held }
      usleep(Self.pauseMicroseconds)
    }
    throw neverStill
  }

  var neverStill: StorageFault {
    StorageFault(
      .io(errno: EAGAIN), file: path,
      "LevelDB's files never stood still for a moment. Try again when less is written.")
  }

  static let pauseMicroseconds: UInt32 = 2_000

  /// Nil if something changed meanwhile.
  ///
  /// LevelDB writes an entry into its MANIFEST, then begins to use the version that this makes, then removes what no version
  /// in use needs any more. An iterator keeps the version it was made from in use. So: the version in use is the same before
  /// and after the iterator was made, and the MANIFEST names the same tables; then these are the iterator's, and stay. Write-ahead
  /// logs, which an iterator does not keep, are opened in between; what removes their names meanwhile does not matter.
  private func attemptHold() throws(StorageFault) -> LevelDBFiles? {
    let before = tables
    let manifest: LevelDBManifest
    do throws(StorageFault) {
      manifest = try LevelDBManifest(of: path)
    } catch {
      // Half an entry may be read while it is written; an entry that stays half was noticed at the start.
      if error.kind == .corrupt { return nil }
      throw error
    }
    guard manifest.isWhole, manifest.tables == before else { return nil }
    var opened: [String: DiskFile] = [:]
    var files: [StateFile] = []
    for name in try SystemDisk().list(path) where name.hasSuffix(".log") {
      guard let number = UInt64(name.dropLast(4)), number >= manifest.logNumber else { continue }
      let log = try SystemDisk().open(path + "/" + name, flags: O_RDONLY)
      files.append(StateFile(name: name, form: .log, bytes: try log.size()))
      opened[name] = log
    }
    let opening = try SystemDisk().open(path + "/" + manifest.name, flags: O_RDONLY)
    files.append(StateFile(name: manifest.name, form: .log, bytes: manifest.bytes))
    opened[manifest.name] = opening
    files.append(
      StateFile(name: StateStore.currentName, form: .plain, bytes: UInt64(manifest.name.utf8.count + 1)))
    guard let iterator = leveldb_create_iterator(database, options.scan) else {
      throw StateStore.damaged(path, "LevelDB gives no iterator.")
    }
    guard tables == before, try opening.size() == manifest.bytes else {
      leveldb_iter_destroy(iterator)
      return nil
    }
    for (table, bytes) in manifest.tables {
      files.append(StateFile(name: LevelDBManifest.fileName(table.number, "ldb"), form: .table, bytes: bytes))
    }
    return LevelDBFiles(
      path: path, files: files.sorted { $0.name < $1.name }, opened: opened, iterator: iterator)
  }

  /// The tables of the version in use, and their bytes.
  var tables: [LevelDBManifest.Table: UInt64] {
    guard let text = leveldb_property_value(database, "leveldb.sstables") else { return [:] }
    defer { leveldb_free(text) }
    var tables: [LevelDBManifest.Table: UInt64] = [:]
    var level: UInt64 = 0
    // Lines like ` 12:3456['first' .. 'last']` below lines like `--- level 0 ---`.
    for line in String(cString: text).split(separator: "\n") {
      if line.hasPrefix("--- level ") {
        level = UInt64(line.dropFirst(10).prefix { $0 != " " }) ?? level
        continue
      }
      let numbers = line.prefix { $0 != "[" }.split(separator: ":")
      guard numbers.count == 2, let size = UInt64(numbers[1]),
        let number = UInt64(numbers[0].drop { $0 == " " })
      else { continue }
      tables[.init(level: level, number: number)] = size
    }
    return tables
  }
}

/// Files of LevelDB that an iterator keeps from being removed. Not sendable: one thread at a time uses it.
private final class LevelDBFiles: StateFiles {
  let files: [StateFile]
  private let path: String
  private var opened: [String: DiskFile]
  private let iterator: OpaquePointer

  init(path: String, files: [StateFile], opened: [String: DiskFile], iterator: OpaquePointer) {
    self.path = path
    self.files = files
    self.opened = opened
    self.iterator = iterator
  }

  func open(_ file: StateFile) throws(StorageFault) -> DiskFile {
    if let held = opened[file.name] { return held }
    return try SystemDisk().open(path + "/" + file.name, flags: O_RDONLY)
  }

  func close() {
    opened.removeAll()
    leveldb_iter_destroy(iterator)
  }
}
