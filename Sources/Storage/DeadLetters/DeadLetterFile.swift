import Checksums
import FaultPoints
import Glibc
import Vocabulary

/// The file of dead letters in the quarantine: appended to, and written anew when letters go.
///
/// Not part of what is promised: a caller was told that its event was refused. So a damaged end is cut off, and a
/// file that is not ours is set aside, instead of keeping the daemon from starting.
///
/// Not sendable: belongs to whoever opened it.
package final class DeadLetterFile {
  static let magic: [UInt8] = Array("MAGPIEDL".utf8)
  static let version: UInt32 = 1
  static let headerBytes = 32
  static let recordHeaderBytes = 8
  static let name = "dead-letters"

  private let path: String
  private let directory: String
  private let disk: any Disk
  private let identity: [UInt8]
  private var file: DiskFile
  private var end: UInt64

  /// What opening found.
  package struct Found: Sendable {
    package var letters: [DeadLetter] = []
    /// Bytes behind the last whole letter, cut off.
    package var tornBytes: UInt64 = 0
    /// Where a file that could not be read was moved, or empty.
    package var setAside = ""
  }

  /// Opens the file, or makes it. O(its bytes).
  /// - Throws: `.io`, `.permission`.
  package static func open(
    _ directory: DataDirectory
  ) throws(StorageFault) -> (file: DeadLetterFile, found: Found) {
    let path = directory.quarantinePath + "/" + name
    let disk = directory.disk
    var found = Found()
    if try disk.entry(at: path) != .missing {
      let bytes = try disk.open(path, flags: O_RDONLY).read(
        count: 2 * Limits.deadLetterBytesMax + headerBytes, at: 0)
      if let whole = decode(bytes, identity: directory.identity, into: &found.letters) {
        let file = try disk.open(path, flags: O_WRONLY)
        let size = try file.size()
        found.tornBytes = size > UInt64(whole) ? size - UInt64(whole) : 0
        if found.tornBytes > 0 { try file.truncate(to: UInt64(whole)) }
        return (DeadLetterFile(directory, path, file, end: UInt64(whole)), found)
      }
      found.letters = []
      found.setAside = try directory.quarantinePath(for: name)
      try disk.move(path, to: found.setAside)
    }
    let file = try create(path, directory.quarantinePath, directory.identity, [], on: disk)
    return (DeadLetterFile(directory, path, file, end: UInt64(headerBytes)), found)
  }

  private init(_ directory: DataDirectory, _ path: String, _ file: DiskFile, end: UInt64) {
    self.path = path
    disk = directory.disk
    self.directory = directory.quarantinePath
    identity = directory.identity
    self.file = file
    self.end = end
  }

  /// Reads letters until the first that is not whole. Returns where that is, nil if this is no file of ours.
  package static func decode(
    _ bytes: [UInt8], identity: [UInt8], into letters: inout [DeadLetter]
  ) -> Int? {
    guard bytes.count >= headerBytes, bytes.starts(with: magic), bytes[12..<16].allSatisfy({ $0 == 0 }),
      bytes[16..<32].elementsEqual(identity)
    else { return nil }
    return bytes.withUnsafeBytes { buffer -> Int? in
      guard UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) == version else {
        return nil
      }
      var offset = headerBytes
      while buffer.count - offset >= recordHeaderBytes {
        let length = UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        let sum = UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
        guard length > 0, let count = Int(exactly: length),
          count <= buffer.count - offset - recordHeaderBytes
        else { break }
        let start = offset + recordHeaderBytes
        let payload = UnsafeRawBufferPointer(rebasing: buffer[start..<(start + count)])
        guard CRC32C.of(payload) == sum, let letter = try? DeadLetterCodec.decode(payload) else { break }
        letters.append(letter)
        offset = start + count
      }
      return offset
    }
  }

  private static func encode(_ letters: [DeadLetter]) -> [UInt8] {
    var all = ByteWriter()
    var one = ByteWriter()
    for letter in letters {
      one.removeAll()
      DeadLetterCodec.encode(letter, into: &one)
      all.append(fixed32: UInt32(clamping: one.bytes.count))
      all.append(fixed32: CRC32C.of(one.bytes))
      all.append(raw: one.bytes)
    }
    return all.bytes
  }

  /// Writes a whole file aside and gives it the name when it is on stable storage.
  private static func create(
    _ path: String, _ directory: String, _ identity: [UInt8], _ letters: [DeadLetter], on disk: any Disk
  ) throws(StorageFault) -> DiskFile {
    var header = ByteWriter()
    header.append(raw: magic)
    header.append(fixed32: version)
    header.append(zeros: 4)
    header.append(raw: identity)
    let file = try disk.open(path + ".partial", flags: O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(header.bytes + encode(letters), at: 0)
    try file.synchronize()
    FaultPoints.reach(.lettersWritten)
    try disk.move(path + ".partial", to: path)
    FaultPoints.reach(.lettersNamed)
    try disk.synchronizeDirectory(directory)
    return try disk.open(path, flags: O_WRONLY)
  }

  /// Adds letters and makes them durable.
  package func append(_ letters: [DeadLetter]) throws(StorageFault) {
    let bytes = Self.encode(letters)
    try file.write(bytes, at: end)
    try file.synchronizeData()
    end += UInt64(bytes.count)
  }

  /// Keeps exactly these, durably.
  package func replace(with letters: [DeadLetter]) throws(StorageFault) {
    file = try Self.create(path, directory, identity, letters, on: disk)
    end = try file.size()
  }
}
