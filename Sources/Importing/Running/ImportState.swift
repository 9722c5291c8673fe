import Checksums
import FoundationEssentials
import Glibc
import Reading

/// How far an import had come: a small file, so that the next run need not start over. Losing it costs time, never
/// correctness, because identifiers of events are derived from what they say.
package struct ImportState: Codable, Sendable, Hashable {
  /// Of this format.
  package var version = 1
  /// Identity of the daemon's data directory: another daemon has seen nothing yet.
  package var directory: String
  package var tenant: String
  package var kind: String
  /// Options that change what rows become.
  package var options: String
  /// Bytes from the front whose rows are acknowledged.
  package var offset: UInt64
  /// CRC-32C of those bytes: the file must still begin with them.
  package var checksum: UInt32
  /// SHA-256 of the first bytes, at most 64 KiB and at most `offset`.
  package var head: String

  package init(
    directory: String, tenant: String, kind: String, options: String, offset: UInt64, checksum: UInt32,
    head: String
  ) {
    self.directory = directory
    self.tenant = tenant
    self.kind = kind
    self.options = options
    self.offset = offset
    self.checksum = checksum
    self.head = head
  }

  /// Bytes that `head` covers at most.
  package static let headBytesMax: UInt64 = 64 * 1024

  /// The state kept at `path`; nil if there is none, or none that can be read.
  package static func load(_ path: String) -> ImportState? {
    guard let source = try? ByteSource(path: path, pieceBytes: 4096) else { return nil }
    while source.availableBytes < 65_536, (try? source.fill()) == true {}
    let bytes = source.withAvailable { Array($0) }
    guard let state = try? JSONDecoder().decode(ImportState.self, from: Data(bytes)), state.version == 1
    else {
      return nil
    }
    return state
  }

  /// Writes the state beside its place and moves it there, so that a reader sees the old one or the new one.
  package func save(_ path: String) throws(ImportFault) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    guard let data = try? encoder.encode(self) else {
      throw ImportFault(.file, "The state of the import cannot be written as JSON.")
    }
    let partial = path + ".partial"
    func fail(_ what: String) -> ImportFault {
      ImportFault(.file, "\(what) failed: \(String(cString: strerror(errno))).")
    }
    let descriptor = Glibc.open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw fail("Creating \(partial)") }
    let written = data.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    let closed = Glibc.close(descriptor)
    if written != data.count || closed != 0 { throw fail("Writing \(partial)") }
    if rename(partial, path) != 0 { throw fail("Renaming \(partial) to \(path)") }
  }

  /// Whether the file still begins with what was acknowledged. O(offset), at the speed of reading.
  package func matches(file path: String) throws(ImportFault) -> Bool {
    let prefix = try Self.prefix(of: path, bytes: offset)
    return prefix.checksum == checksum && prefix.head == head && prefix.bytes == offset
  }

  /// Checksum and head of the first `bytes` bytes, or of all if there are fewer.
  package static func prefix(
    of path: String, bytes: UInt64
  ) throws(ImportFault) -> (bytes: UInt64, checksum: UInt32, head: String) {
    try ImportFault.reading { () throws(FileFault) in try readPrefix(of: path, bytes: bytes) }
  }

  private static func readPrefix(
    of path: String, bytes: UInt64
  ) throws(FileFault) -> (bytes: UInt64, checksum: UInt32, head: String) {
    let source = try ByteSource(path: path)
    let head = SHA256()
    let headBytes = min(bytes, headBytesMax)
    while source.offset < bytes {
      if source.availableBytes == 0, try !source.fill() { break }
      let count = Int(min(UInt64(source.availableBytes), bytes - source.offset))
      if source.offset < headBytes {
        let share = Int(min(UInt64(count), headBytes - source.offset))
        source.withAvailable {
          head.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0)[..<share]))
        }
      }
      source.consume(count)
    }
    return (source.offset, source.checksum, SHA256.hex(digest: head.finish()))
  }
}
