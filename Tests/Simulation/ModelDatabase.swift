import Checksums
import Glibc
import Storage

/// A model of what LevelDB promises, on the simulated disk: LevelDB itself reaches the real one only.
///
/// One journal of batches, each with its length and checksum. A batch is written and not synchronised, as the daemon has
/// LevelDB do it; opening replays the journal. A batch cut short at the end is no batch; one that does not verify is
/// corruption, as with LevelDB's paranoid checks. So a power loss takes the newest batches, or damages the state.
final class ModelDatabase: StateDatabase, @unchecked Sendable {
  static let currentName = "CURRENT"
  static let journalName = "000003.log"
  private static let headerBytes = 8

  fileprivate let file: DiskFile
  private let disk: SimulatedDisk
  private let path: String
  fileprivate var records: [[UInt8]: [UInt8]] = [:]
  private var end: UInt64 = 0

  init(on disk: SimulatedDisk, path: String, creating: Bool) throws(StorageFault) {
    self.disk = disk
    self.path = path
    let journal = path + "/" + Self.journalName
    if creating {
      file = try disk.open(journal, flags: O_RDWR | O_CREAT | O_EXCL)
      let current = try disk.open(path + "/" + Self.currentName, flags: O_WRONLY | O_CREAT | O_EXCL)
      try current.write(Array((Self.journalName + "\n").utf8), at: 0)
      try current.synchronize()
      return
    }
    let current = try disk.open(path + "/" + Self.currentName, flags: O_RDONLY).read(count: 64, at: 0)
    guard current == Array((Self.journalName + "\n").utf8), try disk.entry(at: journal) == .file else {
      throw StorageFault(
        .corrupt, file: path + "/" + Self.currentName, "It names no journal. Nothing was changed.")
    }
    file = try disk.open(journal, flags: O_RDWR)
    let bytes = try file.read(count: Int(clamping: try file.size()), at: 0)
    try replay(bytes)
  }

  private func replay(_ bytes: [UInt8]) throws(StorageFault) {
    var start = 0
    while bytes.count - start >= Self.headerBytes {
      let length = Self.number(bytes, start)
      let check = Self.number(bytes, start + 4)
      let from = start + Self.headerBytes
      // As LevelDB has it: a record that the file is too short for was being written.
      guard length > 0, length <= 1 << 26 else { throw damaged(start) }
      guard from + length <= bytes.count else { break }
      let payload = Array(bytes[from..<(from + length)])
      guard Int(CRC32C.of(payload)) == check else { throw damaged(start) }
      take(payload)
      start = from + length
    }
    end = UInt64(start)
    if start < bytes.count { try file.truncate(to: end) }
  }

  private func damaged(_ place: Int) -> StorageFault {
    StorageFault(
      .corrupt, file: path + "/" + Self.journalName,
      "A batch at byte \(place) does not verify. Nothing was changed.")
  }

  private func take(_ payload: [UInt8]) {
    var place = 0
    while place < payload.count {
      let (key, value) = (Self.number(payload, place), Self.number(payload, place + 4))
      let start = place + 8
      records[Array(payload[start..<(start + key)])] = Array(payload[(start + key)..<(start + key + value)])
      place = start + key + value
    }
  }

  static func number(_ bytes: [UInt8], _ place: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  static func bytes(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  fileprivate func append(_ payload: [UInt8]) throws(StateDatabaseError) {
    do throws(StorageFault) {
      let batch = Self.bytes(payload.count) + Self.bytes(Int(CRC32C.of(payload))) + payload
      try file.write(batch, at: end)
      end += UInt64(batch.count)
    } catch {
      throw StateDatabaseError("IO error: \(error)")
    }
    take(payload)
  }

  /// A read of the disk, which may fail.
  fileprivate func read() throws(StateDatabaseError) {
    do throws(SystemError) { try disk.call(.read, path) } catch {
      throw StateDatabaseError("IO error: \(path): \(String(cString: strerror(error.number)))")
    }
  }

  func value(of key: UnsafeRawBufferPointer) throws(StateDatabaseError) -> [UInt8]? {
    try read()
    return records[Array(key)]
  }

  func makeBatch() -> any StateDatabaseBatch { ModelBatch(self) }
  func makeIterator() -> (any StateDatabaseIterator)? { ModelIterator(self) }

  func holdFiles() throws(StorageFault) -> any StateFiles {
    let current = try disk.open(path + "/" + Self.currentName, flags: O_RDONLY)
    return ModelFiles(
      disk: disk, path: path,
      files: [
        StateFile(name: Self.journalName, form: .plain, bytes: end),
        StateFile(name: Self.currentName, form: .plain, bytes: try current.size()),
      ])
  }

  func checkFiles() throws(StorageFault) {}
  var approximateBytes: UInt64 { end }
  func close() { file.close() }
}

/// The journal grows behind what is held, and nothing before that changes.
private final class ModelFiles: StateFiles {
  let files: [StateFile]
  private let disk: SimulatedDisk
  private let path: String

  init(disk: SimulatedDisk, path: String, files: [StateFile]) {
    self.disk = disk
    self.path = path
    self.files = files
  }

  func open(_ file: StateFile) throws(StorageFault) -> DiskFile {
    try disk.open(path + "/" + file.name, flags: O_RDONLY)
  }

  func close() {}
}

private final class ModelBatch: StateDatabaseBatch {
  private let owner: ModelDatabase
  private var payload: [UInt8] = []

  init(_ owner: ModelDatabase) { self.owner = owner }

  func put(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    payload += ModelDatabase.bytes(key.count) + ModelDatabase.bytes(value.count)
    payload += key
    payload += value
  }

  func write() throws(StateDatabaseError) { if !payload.isEmpty { try owner.append(payload) } }
}

private final class ModelIterator: StateDatabaseIterator {
  private let owner: ModelDatabase
  private let records: [(key: [UInt8], value: [UInt8])]
  private var place = 0
  /// What the pointers given out point into.
  private let bytes: UnsafeMutableRawBufferPointer
  private var ranges: [(key: Range<Int>, value: Range<Int>)] = []

  init(_ owner: ModelDatabase) {
    self.owner = owner
    records = owner.records.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
    bytes = .allocate(byteCount: records.reduce(0) { $0 + $1.key.count + $1.value.count }, alignment: 8)
    var start = 0
    for (key, value) in records {
      let middle = start + key.count
      bytes[start..<middle].copyBytes(from: key)
      bytes[middle..<(middle + value.count)].copyBytes(from: value)
      ranges.append((start..<middle, middle..<(middle + value.count)))
      start = middle + value.count
    }
  }

  deinit { bytes.deallocate() }

  func seek(_ key: UnsafeRawBufferPointer) {
    place = records.firstIndex { !$0.key.lexicographicallyPrecedes(key) } ?? records.count
  }

  var isValid: Bool { place < records.count }
  var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[ranges[place].key]) }
  var value: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[ranges[place].value]) }
  func next() { place += 1 }
  func check() throws(StateDatabaseError) { try owner.read() }
  func close() {}
}
