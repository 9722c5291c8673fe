import Glibc

/// The little we read of LevelDB's own files: which tables there are, and which write-ahead log comes behind them.
///
/// LevelDB takes a MANIFEST that was cut short for one that ends there, begins from an older list of tables, and
/// deletes those it does not find in it: half the keys vanish without an error. But it removes a write-ahead log
/// only after a later MANIFEST entry has named a newer one. So where the last entry names a log that is gone,
/// later entries are gone too. (LevelDB's doc/log_format.md and db/version_edit.cc describe the bytes.)
struct LevelDBManifest {
  /// A table's number, and the level it is on.
  struct Table: Sendable, Hashable {
    var level: UInt64
    var number: UInt64
  }

  /// Its name, and of its bytes those that were read.
  private(set) var name: String
  private(set) var bytes: UInt64 = 0
  /// The write-ahead log to begin from; 0 in a database that was never written to.
  private(set) var logNumber: UInt64 = 0
  /// Bytes of each table.
  private(set) var tables: [Table: UInt64] = [:]
  /// Whether it ends with a whole entry: while one is being written it does not.
  private(set) var isWhole = true

  /// Reads the MANIFEST that CURRENT names.
  /// - Throws: `.corrupt`, `.permission`, `.io`.
  init(of path: String) throws(StorageFault) {
    let disk = SystemDisk()
    let currentPath = path + "/CURRENT"
    let current = try Self.contents(currentPath)
    name = String(decoding: current.dropLast(), as: UTF8.self)
    guard current.last == UInt8(ascii: "\n"), name.hasPrefix("MANIFEST-"), !name.contains("/") else {
      throw StateStore.damaged(currentPath, "It does not name a MANIFEST.")
    }
    let manifestPath = path + "/" + name
    guard try disk.entry(at: manifestPath) == .file else {
      throw StateStore.damaged(manifestPath, "The MANIFEST that CURRENT names is missing.")
    }
    let manifest = try Self.contents(manifestPath)
    bytes = UInt64(manifest.count)
    do throws(MalformedBytes) {
      try manifest.span.bytes.withUnsafeBytes { (bytes) throws(MalformedBytes) in
        isWhole = try LevelDBRecords.forEach(bytes) { (entry) throws(MalformedBytes) in try take(entry) }
      }
    } catch {
      throw StateStore.malformed(error, manifestPath, "The MANIFEST")
    }
  }

  /// Fails if the last MANIFEST entry names a write-ahead log that does not exist.
  static func check(_ path: String) throws(StorageFault) {
    let manifest = try LevelDBManifest(of: path)
    guard manifest.logNumber > 0 else { return }
    let log = path + "/" + fileName(manifest.logNumber, "log")
    guard try SystemDisk().entry(at: log) == .file else {
      throw StateStore.damaged(
        log, "\(manifest.name) begins from a write-ahead log that is gone, so its own end must be missing.")
    }
  }

  /// LevelDB's name for a numbered file.
  static func fileName(_ number: UInt64, _ suffix: String) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits + "." + suffix
  }

  private static func contents(_ path: String) throws(StorageFault) -> [UInt8] {
    let file = try SystemDisk().open(path, flags: O_RDONLY)
    guard let size = Int(exactly: try file.size()) else { return [] }
    return try file.read(count: size, at: 0)
  }

  /// Walks the fields of one entry.
  private mutating func take(_ entry: UnsafeRawBufferPointer) throws(MalformedBytes) {
    var reader = ByteReader(entry)
    while reader.remaining > 0 {
      let start = reader.offset
      switch try reader.varint() {
      case 1: _ = try reader.prefixed()  // comparator
      case 2: logNumber = try reader.varint()
      case 3, 4, 9: _ = try reader.varint()  // next file, last sequence, previous log
      case 5:  // compaction pointer: level, key
        _ = try reader.varint()
        _ = try reader.prefixed()
      case 6:  // deleted file
        tables[Table(level: try reader.varint(), number: try reader.varint())] = nil
      case 7:  // new file
        tables[Table(level: try reader.varint(), number: try reader.varint())] = try reader.varint()
        _ = try reader.prefixed()  // smallest and largest key
        _ = try reader.prefixed()
      default: throw MalformedBytes("an unknown field", at: start)
      }
    }
  }
}
