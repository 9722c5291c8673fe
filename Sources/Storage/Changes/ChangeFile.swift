import Checksums
import Glibc
import Vocabulary

/// What was changed in the configuration while the daemon ran: one small file of the data directory, written anew
/// with each change. docs/storage.md has its bytes.
///
/// Not bound to the directory's identity: a restore carries it over like the rest of the configuration.
package enum ChangeFile {
  static let magic: [UInt8] = Array("MAGPIECF".utf8)
  package static let version: UInt32 = 1
  static let headerBytes = 24
  /// In the data directory and in snapshots.
  package static let name = "configuration.changes"
  static let partialName = name + ".partial"
  /// Every revision kept at its largest.
  private static let bytesMax =
    headerBytes + Limits.configurationHistoryMax * 2 * Limits.configurationBytesMax

  /// The revisions of a data directory, oldest first; none if nothing was ever changed. Takes no lock.
  /// - Throws: `.corrupt`, `.newerFormat`, `.io`, `.permission`.
  package static func read(at directory: String) throws(StorageFault) -> [ConfigurationRevision] {
    let path = directory + "/" + name
    guard let bytes = try bytes(at: directory) else { return [] }
    if bytes.count >= 12, bytes.starts(with: magic) {
      let found = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }
      if UInt32(littleEndian: found) > version {
        throw StorageFault(
          .newerFormat, file: path,
          "It was written by a later release. Run that release, or move the file away to forget what was changed at run time."
        )
      }
    }
    do throws(MalformedBytes) {
      return try decode(bytes)
    } catch {
      throw StorageFault(
        .corrupt, file: path,
        "It holds what was changed at run time, and is damaged: \(error.what) at byte \(error.offset). Put it back from a snapshot, or move it away to go on with the configuration file alone."
      )
    }
  }

  /// The file as it is, nil if there is none. Takes no lock: it is replaced as a whole.
  package static func bytes(at directory: String, on disk: any Disk = .system) throws(StorageFault)
    -> [UInt8]?
  {
    let path = directory + "/" + name
    guard try disk.entry(at: path) != .missing else { return nil }
    return try disk.open(path, flags: O_RDONLY).read(count: bytesMax + 1, at: 0)
  }

  /// Replaces the file, durably: after a crash it is the old one or the new one.
  package static func write(
    _ revisions: [ConfigurationRevision], at directory: String, on disk: any Disk = .system
  ) throws(StorageFault) {
    let partial = directory + "/" + partialName
    let file = try disk.open(partial, flags: O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(encode(revisions), at: 0)
    try file.synchronize()
    file.close()
    try disk.move(partial, to: directory + "/" + name)
    try disk.synchronizeDirectory(directory)
  }

  // MARK: Bytes

  package static func encode(_ revisions: [ConfigurationRevision]) -> [UInt8] {
    var payload = ByteWriter()
    payload.append(count: revisions.count)
    for revision in revisions {
      payload.append(varint: revision.number)
      payload.append(zigzag: revision.time.microseconds)
      payload.append(byte: revision.action.rawValue)
      payload.append(fixed64: revision.configurationHash)
      payload.append(count: revision.entries.count)
      for entry in revision.entries {
        payload.append(prefixed: entry.path)
        append(entry.value, to: &payload)
      }
    }
    var file = ByteWriter()
    file.append(raw: magic)
    file.append(fixed32: version)
    file.append(fixed32: CRC32C.of(payload.bytes))
    file.append(fixed64: UInt64(payload.bytes.count))
    file.append(raw: payload.bytes)
    return file.bytes
  }

  private static func append(_ value: ConfigurationValue, to writer: inout ByteWriter) {
    switch value {
    case .plain(let text):
      writer.append(byte: 0)
      writer.append(prefixed: text)
    case .quoted(let text):
      writer.append(byte: 1)
      writer.append(prefixed: text)
    case .list(let texts):
      writer.append(byte: 2)
      writer.append(count: texts.count)
      for text in texts { writer.append(prefixed: text) }
    case .nothing: writer.append(byte: 3)
    }
  }

  package static func decode(_ bytes: [UInt8]) throws(MalformedBytes) -> [ConfigurationRevision] {
    guard bytes.count <= bytesMax else { throw MalformedBytes("more than changes can take", at: bytesMax) }
    // A closure cannot carry the typed error through `withUnsafeBytes` of every compiler this is built with.
    let outcome = bytes.withUnsafeBytes { buffer -> Result<[ConfigurationRevision], MalformedBytes> in
      Result { () throws(MalformedBytes) in try decode(buffer) }
    }
    return try outcome.get()
  }

  private static func decode(
    _ buffer: UnsafeRawBufferPointer
  ) throws(MalformedBytes) -> [ConfigurationRevision] {
    guard buffer.count >= headerBytes, buffer.prefix(8).elementsEqual(magic) else {
      throw MalformedBytes("not a file of changes", at: 0)
    }
    var header = ByteReader(UnsafeRawBufferPointer(rebasing: buffer[8..<headerBytes]))
    guard try header.fixed32() == version else { throw MalformedBytes("an unknown version", at: 8) }
    let checksum = try header.fixed32()
    let payload = UnsafeRawBufferPointer(rebasing: buffer[headerBytes...])
    guard try header.fixed64() == UInt64(payload.count) else {
      throw MalformedBytes("another length than it says", at: 16)
    }
    guard CRC32C.of(payload) == checksum else { throw MalformedBytes("a wrong checksum", at: 12) }
    var reader = ByteReader(payload)
    var revisions: [ConfigurationRevision] = []
    // Number, time, action and count take at least a byte each, the hash eight.
    for _ in 0..<(try reader.count(elementBytesMin: 12)) {
      let start = reader.offset
      let number = try reader.varint()
      let time = try reader.timestamp()
      guard let action = ConfigRequest.Action(rawValue: try reader.byte()) else {
        throw MalformedBytes("an unknown action", at: start)
      }
      let hash = try reader.fixed64()
      var entries: [ConfigurationEntry] = []
      for _ in 0..<(try reader.count(elementBytesMin: 2)) {
        let path = try reader.text()
        entries.append(ConfigurationEntry(path: path, value: try value(&reader)))
      }
      revisions.append(
        ConfigurationRevision(
          number: number, time: time, action: action, configurationHash: hash, entries: entries))
    }
    try reader.finish()
    return revisions
  }

  private static func value(_ reader: inout ByteReader) throws(MalformedBytes) -> ConfigurationValue {
    let start = reader.offset
    switch try reader.byte() {
    case 0: return .plain(try reader.text())
    case 1: return .quoted(try reader.text())
    case 2:
      var texts: [String] = []
      for _ in 0..<(try reader.count(elementBytesMin: 1)) { texts.append(try reader.text()) }
      return .list(texts)
    case 3: return .nothing
    default: throw MalformedBytes("an unknown kind of value", at: start)
    }
  }
}
