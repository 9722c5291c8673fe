import Checksums
import Glibc
import Vocabulary

/// What a data directory remembers of its scrubs.
package struct ScrubRecord: Sendable, Hashable {
  /// Since when the time to the next one counts where none was finished.
  package var since: Timestamp
  /// The last one that was finished; `.idle` if none was.
  package var last = ScrubReply()

  package init(since: Timestamp) { self.since = since }
}

/// The last scrub: one small file of the data directory, written anew after each. docs/storage.md has its bytes.
///
/// Bound to the directory's identity: what is said of one directory means nothing for another, not even for a restored one.
package enum ScrubFile {
  static let magic: [UInt8] = Array("MAGPIESR".utf8)
  static let version: UInt32 = 1
  static let headerBytes = 24
  static let name = "scrub.last"
  static let partialName = name + ".partial"
  private static let bytesMax = headerBytes + Limits.scrubRecordBytesMax

  /// The record of a directory; nil if there is none yet.
  /// - Throws: `.corrupt` also for one of another directory or a later release: what it says is then not known.
  package static func read(_ directory: DataDirectory) throws(StorageFault) -> ScrubRecord? {
    let path = directory.path + "/" + name
    guard try directory.disk.entry(at: path) == .file else { return nil }
    let bytes = try directory.disk.open(path, flags: O_RDONLY).read(count: bytesMax + 1, at: 0)
    do throws(MalformedBytes) {
      return try decode(bytes, identity: directory.identity)
    } catch {
      throw StorageFault(
        .corrupt, file: path,
        "It tells of the last scrub, and cannot be read: \(error.what) at byte \(error.offset). It is written anew; begin a scrub with magpie scrub."
      )
    }
  }

  /// Replaces the file, durably: after a crash it is the old one or the new one.
  package static func write(_ record: ScrubRecord, in directory: DataDirectory) throws(StorageFault) {
    let (disk, partial) = (directory.disk, directory.path + "/" + partialName)
    let file = try disk.open(partial, flags: O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(encode(record, identity: directory.identity), at: 0)
    try file.synchronize()
    file.close()
    try disk.move(partial, to: directory.path + "/" + name)
    try disk.synchronizeDirectory(directory.path)
  }

  // MARK: Bytes

  /// - Parameter identity: 16 bytes.
  package static func encode(_ record: ScrubRecord, identity: [UInt8]) -> [UInt8] {
    var payload = ByteWriter()
    let last = record.last
    payload.append(zigzag: record.since.microseconds)
    payload.append(byte: last.state.rawValue)
    payload.append(zigzag: last.started.microseconds)
    payload.append(zigzag: last.finished.microseconds)
    payload.append(zigzag: last.lastWhole.microseconds)
    payload.append(varint: last.bytes)
    payload.append(varint: last.files)
    payload.append(prefixed: last.message)
    payload.append(varint: last.damagesTotal)
    // A message can be as long as a path; what would not fit is counted and not named.
    var named = ByteWriter()
    var count = 0
    for damage in last.damages {
      var one = ByteWriter()
      one.append(prefixed: damage.file)
      one.append(prefixed: damage.message)
      guard payload.bytes.count + named.bytes.count + one.bytes.count + 10 <= Limits.scrubRecordBytesMax
      else {
        break
      }
      named.append(raw: one.bytes)
      count += 1
    }
    payload.append(count: count)
    payload.append(raw: named.bytes)
    var file = ByteWriter()
    file.append(raw: magic)
    file.append(fixed32: version)
    file.append(fixed32: CRC32C.of(payload.bytes, continuing: RecordHeader.seed(identity: identity)))
    file.append(fixed64: UInt64(payload.bytes.count))
    file.append(raw: payload.bytes)
    return file.bytes
  }

  package static func decode(_ bytes: [UInt8], identity: [UInt8]) throws(MalformedBytes) -> ScrubRecord {
    guard bytes.count <= bytesMax else { throw MalformedBytes("more than a scrub can say", at: bytesMax) }
    // A closure cannot carry the typed error through `withUnsafeBytes` of every compiler this is built with.
    let outcome = bytes.withUnsafeBytes { buffer -> Result<ScrubRecord, MalformedBytes> in
      Result { () throws(MalformedBytes) in try decode(buffer, identity: identity) }
    }
    return try outcome.get()
  }

  private static func decode(
    _ buffer: UnsafeRawBufferPointer, identity: [UInt8]
  ) throws(MalformedBytes) -> ScrubRecord {
    guard buffer.count >= headerBytes, buffer.prefix(8).elementsEqual(magic) else {
      throw MalformedBytes("not the record of a scrub", at: 0)
    }
    var header = ByteReader(UnsafeRawBufferPointer(rebasing: buffer[8..<headerBytes]))
    guard try header.fixed32() == version else { throw MalformedBytes("an unknown version", at: 8) }
    let checksum = try header.fixed32()
    let payload = UnsafeRawBufferPointer(rebasing: buffer[headerBytes...])
    guard try header.fixed64() == UInt64(payload.count) else {
      throw MalformedBytes("another length than it says", at: 16)
    }
    guard CRC32C.of(payload, continuing: RecordHeader.seed(identity: identity)) == checksum else {
      throw MalformedBytes("a wrong checksum, or that of another directory", at: 12)
    }
    var reader = ByteReader(payload)
    var record = ScrubRecord(since: try reader.timestamp())
    guard let state = ScrubReply.State(rawValue: try reader.byte()), state != .running else {
      throw MalformedBytes("an unknown outcome", at: reader.offset)
    }
    record.last.state = state
    record.last.started = try reader.timestamp()
    record.last.finished = try reader.timestamp()
    record.last.lastWhole = try reader.timestamp()
    record.last.bytes = try reader.varint()
    record.last.bytesTotal = record.last.bytes
    record.last.files = try reader.varint()
    record.last.message = try reader.text()
    record.last.damagesTotal = try reader.varint()
    let named = try reader.count(elementBytesMin: 2)
    guard named <= Limits.scrubDamagesMax, UInt64(named) <= record.last.damagesTotal else {
      throw MalformedBytes("more damaged files than there were", at: reader.offset)
    }
    for _ in 0..<named {
      let file = try reader.text()
      record.last.damages.append(ScrubDamage(file: file, message: try reader.text()))
    }
    try reader.finish()
    return record
  }
}
