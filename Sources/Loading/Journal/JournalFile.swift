import Glibc

/// A file of what was acknowledged: 16 bytes for each event, so that a run of a day fits a disk and not a memory.
///
/// Little-endian: 8 bytes `MAGPLOAD`, then for each event its number in the run and its position, 8 bytes each. Position
/// 0 means that nobody knows whether it happened.
package struct JournalFile: Sendable {
  static let magic = Array("MAGPLOAD".utf8)
  static let recordBytes = 16
  let descriptor: Int32
  let path: String

  /// Makes an empty journal; an older one there is replaced.
  package static func create(_ path: String) throws(LoadFault) -> JournalFile {
    let descriptor = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw LoadFault(
        .file,
        "Cannot write the journal \(path): \(String(cString: strerror(errno))). Choose another --journal.")
    }
    return JournalFile(descriptor: descriptor, path: path)
  }
}

/// Appends to a journal from one thread, 64 kB at a time. A write that fails is remembered and told at the end.
package final class JournalWriter {
  private let file: JournalFile
  private var buffer: [UInt8]
  private var problem: LoadFault?
  private var isFinished = false
  private static let bufferBytes = 64 * 1024

  package init(_ file: JournalFile) {
    self.file = file
    buffer = JournalFile.magic
    buffer.reserveCapacity(Self.bufferBytes + JournalFile.recordBytes)
  }

  deinit { if !isFinished { close(file.descriptor) } }

  /// O(1); writes now and then. Position 0: the outcome is not known.
  package func append(event: UInt64, position: UInt64) {
    for value in [event, position] {
      withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
    }
    if buffer.count >= Self.bufferBytes { flush() }
  }

  /// Writes the rest and closes. Returns what went wrong, if anything did.
  package func finish() -> LoadFault? {
    if isFinished { return problem }
    flush()
    isFinished = true
    if close(file.descriptor) != 0 { note() }
    return problem
  }

  private func flush() {
    var done = 0
    while done < buffer.count, problem == nil {
      let count = buffer.withUnsafeBytes { bytes in
        write(file.descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if count < 0 {
        if errno != EINTR { note() }
      } else {
        done += count
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func note() {
    problem =
      problem
      ?? LoadFault(
        .file,
        "The journal \(file.path) could not be written: \(String(cString: strerror(errno))). Nothing can be verified; free some space and run again."
      )
  }
}

/// Reads a journal from front to back.
package final class JournalReader {
  /// One event of a run.
  package struct Record: Sendable, Hashable {
    /// Its number in the run.
    package var event: UInt64
    /// Where it was acknowledged; 0 if nobody knows.
    package var position: UInt64

    package init(event: UInt64, position: UInt64) {
      self.event = event
      self.position = position
    }
  }

  private let path: String
  private let descriptor: Int32

  package init(_ path: String) throws(LoadFault) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw LoadFault(.file, "Cannot read the journal \(path): \(String(cString: strerror(errno))).")
    }
    guard try readBytes(JournalFile.magic.count) == JournalFile.magic else {
      throw LoadFault(.file, "\(path) is not a journal of magpie-load.")
    }
  }

  deinit { close(descriptor) }

  /// The next records, at most `count`; none at the end.
  package func next(_ count: Int) throws(LoadFault) -> [Record] {
    let bytes = try readBytes(count * JournalFile.recordBytes)
    guard bytes.count.isMultiple(of: JournalFile.recordBytes) else {
      throw LoadFault(.file, "The journal \(path) ends within a record; the run was cut off.")
    }
    return bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: JournalFile.recordBytes).map { offset in
        Record(
          event: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
          position: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
      }
    }
  }

  private func readBytes(_ wanted: Int) throws(LoadFault) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: wanted)
    var done = 0
    while done < wanted {
      let count = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress.map { $0 + done }, wanted - done)
      }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw LoadFault(.file, "Cannot read the journal \(path): \(String(cString: strerror(errno))).")
      }
      done += count
    }
    bytes.removeLast(wanted - done)
    return bytes
  }
}
