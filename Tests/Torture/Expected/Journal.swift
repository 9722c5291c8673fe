import Glibc

/// Why a torture cannot go on; nothing the daemon did.
package struct TortureFault: Error, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// What one writer knows of each thing it sent: a file of its own, beside the data directory, that no kill of the daemon
/// touches.
///
/// A slot of 8 bytes, little-endian, for each thing by its number: 0, never sent; the highest bit alone, sent and not
/// answered; anything else, the position at which it was acknowledged. The mark is written before the request leaves,
/// so that whatever the daemon may have seen is known here.
package final class Journal {
  /// Sent, and nobody knows what became of it.
  package static let pending: UInt64 = 1 << 63

  package let path: String
  private let descriptor: Int32
  /// The same as in the file.
  package private(set) var slots: [UInt64]

  /// Opens a journal, or makes an empty one.
  package init(_ path: String) throws {
    self.path = path
    slots = try Self.read(path)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw Self.fault("open", path) }
  }

  deinit { close(descriptor) }

  /// What a journal says; empty if there is none.
  package static func read(_ path: String) throws -> [UInt64] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      if errno == ENOENT { return [] }
      throw fault("read", path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw fault("examine", path) }
    var slots = [UInt64](repeating: 0, count: Int(status.st_size) / 8)
    let bytes = slots.count * 8
    let count = slots.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, bytes, 0) }
    guard count == bytes else { throw fault("read", path) }
    return slots.map { UInt64(littleEndian: $0) }
  }

  /// Marks things as about to be sent. Those whose position is known keep it.
  package func pend(_ range: Range<Int>) throws {
    if range.upperBound > slots.count {
      slots.append(contentsOf: [UInt64](repeating: 0, count: range.upperBound - slots.count))
    }
    for index in range where slots[index] == 0 { slots[index] = Self.pending }
    try write(range)
  }

  /// Notes where things are.
  package func note(_ position: UInt64, of index: Int) throws {
    slots[index] = position
    try write(index..<(index + 1))
  }

  private func write(_ range: Range<Int>) throws {
    let bytes = slots[range].map(\.littleEndian)
    let count = bytes.withUnsafeBytes {
      pwrite(descriptor, $0.baseAddress, $0.count, off_t(range.lowerBound * 8))
    }
    guard count == range.count * 8 else { throw Self.fault("write", path) }
  }

  private static func fault(_ verb: String, _ path: String) -> TortureFault {
    TortureFault("Cannot \(verb) the journal \(path): \(String(cString: strerror(errno))).")
  }
}
