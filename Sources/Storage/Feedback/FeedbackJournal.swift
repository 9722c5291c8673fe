import Checksums
import Glibc
import Vocabulary

/// What is counted of lists, on disk: a checkpoint and every change since, in one file. Its bytes are in docs/storage.md.
///
/// Appended to without synchronising: what the process wrote survives its death, and a power failure may take the last
/// seconds. A file is begun anew, with a fresh checkpoint and synchronised, when changes have made it large and at each
/// start; the one before goes once the new one is safe. A file that is damaged is set aside, not deleted.
///
/// Not sendable: belongs to whoever opened it.
package final class FeedbackJournal {
  static let magic: [UInt8] = Array("MAGPIEFB".utf8)
  package static let version: UInt32 = 1
  static let headerBytes = 32
  static let blockHeaderBytes = 8
  static let prefix = "journal-"

  private let path: String
  private let disk: any Disk
  private let directory: DataDirectory
  private var number: UInt64 = 0
  private var file: DiskFile?
  private var end: UInt64 = 0
  /// The file that `open` read.
  private var opened: String?

  /// What opening found.
  package struct Found: Sendable {
    /// The checkpoint, then the changes in their order; empty where there is no file.
    package var blocks: [[UInt8]] = []
    /// Bytes behind the last whole block: what a crash cut short.
    package var tornBytes: UInt64 = 0
    /// Where files that could not be read were moved.
    package var setAside: [String] = []
  }

  private init(_ directory: DataDirectory) {
    self.directory = directory
    disk = directory.disk
    path = directory.path + "/feedback"
  }

  /// Reads the newest file that can be read. Writes nothing, but for setting damaged ones aside.
  /// - Throws: `.io`, `.permission`.
  package static func open(
    _ directory: DataDirectory
  ) throws(StorageFault) -> (journal: FeedbackJournal, found: Found) {
    let journal = FeedbackJournal(directory)
    var found = Found()
    guard try journal.disk.entry(at: journal.path) != .missing else { return (journal, found) }
    // Numbers have sixteen digits, so names sort by them.
    for name in try journal.disk.list(journal.path).filter({ $0.hasPrefix(prefix) }).sorted(by: >) {
      guard let number = UInt64(name.dropFirst(prefix.count), radix: 10) else { continue }
      journal.number = max(journal.number, number)
      guard found.blocks.isEmpty else { continue }
      let file = try journal.disk.open(journal.path + "/" + name, flags: O_RDONLY)
      defer { file.close() }
      let size = try file.size()
      guard size <= Limits.feedbackFileBytesMax, let count = Int(exactly: size) else {
        try journal.setAside(name, &found)
        continue
      }
      let bytes = try file.read(count: count, at: 0)
      let whole = decode(bytes, identity: directory.identity, into: &found.blocks)
      if found.blocks.isEmpty {
        try journal.setAside(name, &found)
      } else {
        journal.opened = name
        found.tornBytes = UInt64(clamping: bytes.count - whole)
      }
    }
    return (journal, found)
  }

  private func setAside(_ name: String, _ found: inout Found) throws(StorageFault) {
    found.setAside.append(try setAside(name))
  }

  private func setAside(_ name: String) throws(StorageFault) -> String {
    let target = try directory.quarantinePath(for: name)
    try disk.move(path + "/" + name, to: target)
    return target
  }

  /// Moves the file that `open` read to the quarantine: its checksums hold, and still its blocks mean nothing.
  /// - Returns: where it lies now; nil if none was read.
  package func reject() throws(StorageFault) -> String? {
    guard let name = opened else { return nil }
    opened = nil
    return try setAside(name)
  }

  /// Bytes of the file in use; 0 before the first.
  package var bytes: UInt64 { end }

  /// Begins a file with a checkpoint, and lets go of the ones before. Blocks until it is safe.
  package func begin(_ checkpoint: [UInt8]) throws(StorageFault) {
    try disk.createDirectoryIfMissing(path)
    var writer = ByteWriter(capacity: checkpoint.count + 64)
    writer.append(raw: Self.magic)
    writer.append(fixed32: Self.version)
    writer.append(zeros: 4)
    writer.append(raw: directory.identity)
    Self.append(checkpoint, to: &writer)
    let partial = path + "/journal.partial"
    let fresh = try disk.open(partial, flags: O_WRONLY | O_CREAT | O_TRUNC)
    try fresh.write(writer.bytes, at: 0)
    try fresh.synchronizeData()
    number += 1
    let digits = String(number)
    let name = Self.prefix + String(repeating: "0", count: max(0, 16 - digits.count)) + digits
    try disk.move(partial, to: path + "/" + name)
    try disk.synchronizeDirectory(path)
    file?.close()
    file = fresh
    end = UInt64(writer.bytes.count)
    for old in try disk.list(path) where old.hasPrefix(Self.prefix) && old < name {
      try disk.remove(file: path + "/" + old)
    }
  }

  /// Appends one block of changes. REQUIRES: `begin` came before.
  package func append(_ changes: [UInt8]) throws(StorageFault) {
    guard let file, !changes.isEmpty else { return }
    var writer = ByteWriter(capacity: changes.count + Self.blockHeaderBytes)
    Self.append(changes, to: &writer)
    try file.write(writer.bytes, at: end)
    end += UInt64(writer.bytes.count)
  }

  private static func append(_ block: [UInt8], to writer: inout ByteWriter) {
    writer.append(fixed32: UInt32(clamping: block.count))
    writer.append(fixed32: block.withUnsafeBytes { CRC32C.of($0) })
    writer.append(raw: block)
  }

  /// The whole blocks of a file, none if it is not one. Returns the bytes up to the end of the last.
  package static func decode(_ bytes: [UInt8], identity: [UInt8], into blocks: inout [[UInt8]]) -> Int {
    bytes.withUnsafeBytes { raw in
      var reader = ByteReader(raw)
      do throws(MalformedBytes) {
        guard try reader.raw(count: magic.count).elementsEqual(magic), try reader.fixed32() == version else {
          return 0
        }
        _ = try reader.fixed32()
        guard try reader.raw(count: identity.count).elementsEqual(identity) else { return 0 }
      } catch {
        return 0
      }
      var whole = reader.offset
      while true {
        do throws(MalformedBytes) {
          let length = try reader.fixed32()
          let sum = try reader.fixed32()
          guard let count = Int(exactly: length), count > 0 else { return whole }
          let block = try reader.raw(count: count)
          guard CRC32C.of(block) == sum else { return whole }
          blocks.append(Array(block))
          whole = reader.offset
        } catch {
          return whole
        }
      }
    }
  }
}
