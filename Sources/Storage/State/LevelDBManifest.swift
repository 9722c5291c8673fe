import Glibc

/// The little we read of LevelDB's own files before it opens them: which write-ahead log it will begin from.
///
/// LevelDB takes a MANIFEST that was cut short for one that ends there, begins from an older list of tables, and
/// deletes those it does not find in it: half the keys vanish without an error. But it removes a write-ahead log
/// only after a later MANIFEST entry has named a newer one. So where the last entry names a log that is gone,
/// later entries are gone too. (LevelDB's doc/log_format.md and db/version_edit.cc describe the bytes.)
enum LevelDBManifest {
  /// LevelDB's blocks: a record's fragments never cross them.
  private static let blockBytes = 32 * 1024
  /// Checksum, length and type of a fragment.
  private static let fragmentHeaderBytes = 7

  /// Fails if the last MANIFEST entry names a write-ahead log that does not exist.
  static func check(_ path: String) throws(StorageFault) {
    let disk = SystemDisk()
    let currentPath = path + "/CURRENT"
    let current = try contents(currentPath)
    let name = String(decoding: current.dropLast(), as: UTF8.self)
    guard current.last == UInt8(ascii: "\n"), name.hasPrefix("MANIFEST-"), !name.contains("/") else {
      throw StateStore.damaged(currentPath, "It does not name a MANIFEST.")
    }
    let manifestPath = path + "/" + name
    guard try disk.entry(at: manifestPath) == .file else {
      throw StateStore.damaged(manifestPath, "The MANIFEST that CURRENT names is missing.")
    }
    let manifest = try contents(manifestPath)
    let number: UInt64
    do throws(MalformedBytes) {
      number = try manifest.span.bytes.withUnsafeBytes { (bytes) throws(MalformedBytes) in
        try lastLogNumber(bytes)
      }
    } catch {
      throw StateStore.malformed(error, manifestPath, "The MANIFEST")
    }
    // Zero stands in a database that was never written to.
    guard number > 0 else { return }
    let log = path + "/" + fileName(number, "log")
    guard try disk.entry(at: log) == .file else {
      throw StateStore.damaged(
        log, "\(name) begins from a write-ahead log that is gone, so its own end must be missing.")
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

  /// The log number that the last entry with one sets. Fragments that are cut short end the walk, as they end
  /// LevelDB's; it verifies their checksums itself.
  private static func lastLogNumber(_ manifest: UnsafeRawBufferPointer) throws(MalformedBytes) -> UInt64 {
    var number: UInt64 = 0
    var entry: [UInt8] = []
    var offset = 0
    while manifest.count - offset >= fragmentHeaderBytes {
      let left = blockBytes - offset % blockBytes
      if left < fragmentHeaderBytes {
        offset += left
        continue
      }
      let length = Int(manifest[offset + 4]) | Int(manifest[offset + 5]) << 8
      let type = manifest[offset + 6]
      guard length <= manifest.count - offset - fragmentHeaderBytes else { break }
      guard length <= left - fragmentHeaderBytes else {
        throw MalformedBytes("a fragment that crosses a block", at: offset)
      }
      let start = offset + fragmentHeaderBytes
      // Full, first, middle, last.
      guard (1...4).contains(type) else { throw MalformedBytes("an unknown kind of fragment", at: offset) }
      if type <= 2 { entry.removeAll(keepingCapacity: true) }
      entry.append(contentsOf: manifest[start..<(start + length)])
      if type == 1 || type == 4 {
        let found = try entry.span.bytes.withUnsafeBytes { (bytes) throws(MalformedBytes) in
          try logNumber(ofEntry: bytes)
        }
        number = found ?? number
      }
      offset = start + length
    }
    return number
  }

  /// Walks the fields of one entry for its log number.
  private static func logNumber(ofEntry bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> UInt64? {
    var reader = ByteReader(bytes)
    var number: UInt64?
    while reader.remaining > 0 {
      let start = reader.offset
      switch try reader.varint() {
      case 1: _ = try reader.prefixed()  // comparator
      case 2: number = try reader.varint()  // log number
      case 3, 4, 9: _ = try reader.varint()  // next file, last sequence, previous log
      case 5:  // compaction pointer: level, key
        _ = try reader.varint()
        _ = try reader.prefixed()
      case 6:  // deleted file: level, number
        _ = try reader.varint()
        _ = try reader.varint()
      case 7:  // new file: level, number, size, smallest and largest key
        for _ in 0..<3 { _ = try reader.varint() }
        _ = try reader.prefixed()
        _ = try reader.prefixed()
      default: throw MalformedBytes("an unknown field", at: start)
      }
    }
    return number
  }
}
