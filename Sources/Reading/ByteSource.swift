import Checksums
import Glibc

/// Reads a file from front to back in pieces, and knows place and checksum of what was consumed.
///
/// Not sendable: one reader at a time.
package final class ByteSource {
  private let descriptor: Int32
  private let path: String
  private let pieceBytes: Int
  /// head ≤ tail ≤ buffer.count; the bytes at hand lie between head and tail.
  private var buffer: [UInt8] = []
  private var head = 0
  private var tail = 0
  private var isAtEnd = false
  /// Bytes consumed.
  package private(set) var offset: UInt64 = 0
  /// CRC-32C of the bytes consumed.
  package private(set) var checksum: UInt32 = 0

  /// Opens a file; `-` is standard input.
  /// - Parameter pieceBytes: bytes asked for at once; small only in tests.
  package init(path: String, pieceBytes: Int = 256 * 1024) throws(FileFault) {
    self.path = path
    self.pieceBytes = max(1, pieceBytes)
    if path == "-" {
      descriptor = STDIN_FILENO
    } else {
      descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
      if descriptor < 0 {
        throw FileFault("\(path) cannot be opened: \(String(cString: strerror(errno))).")
      }
    }
  }

  deinit { if descriptor != STDIN_FILENO { Glibc.close(descriptor) } }

  /// Size of the file in bytes; nil for a pipe.
  package var sizeBytes: UInt64? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return UInt64(exactly: status.st_size)
  }

  /// Bytes at hand that were not consumed.
  package var availableBytes: Int { tail - head }

  /// Reads one more piece. Returns false at the end of the file.
  package func fill() throws(FileFault) -> Bool {
    if isAtEnd { return false }
    makeRoom()
    let start = tail
    let count = pieceBytes
    var got = 0
    repeat {
      got = buffer.withUnsafeMutableBytes { bytes in
        Glibc.read(descriptor, bytes.baseAddress?.advanced(by: start), count)
      }
    } while got < 0 && errno == EINTR
    let code = errno
    tail += max(0, got)
    if got < 0 { throw FileFault("\(path) cannot be read: \(String(cString: strerror(code))).") }
    if got == 0 { isAtEnd = true }
    return got > 0
  }

  /// Moves what is at hand to the front, and grows by doubling if a whole piece still does not fit behind it.
  private func makeRoom() {
    let count = availableBytes
    if head > 0 {
      buffer.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        memmove(base, base + head, count)
      }
      head = 0
      tail = count
    }
    if buffer.count - tail < pieceBytes {
      let larger = [UInt8](repeating: 0, count: max(2 * buffer.count, tail + pieceBytes))
      let old = buffer
      buffer = larger
      buffer.withUnsafeMutableBytes { bytes in
        old.withUnsafeBytes { bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      }
    }
  }

  /// The bytes at hand.
  package func withAvailable<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    buffer.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[head..<tail])) }
  }

  /// Drops bytes from the front. REQUIRES: `count` is at most `availableBytes`.
  package func consume(_ count: Int) {
    checksum = buffer.withUnsafeBytes { bytes in
      CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[head..<(head + count)]), continuing: checksum)
    }
    head += count
    offset += UInt64(count)
  }

  /// Drops a byte order mark, if the file begins with one.
  package func skipByteOrderMark() throws(FileFault) {
    while availableBytes < 3, try fill() {}
    if withAvailable({ $0.starts(with: [0xEF, 0xBB, 0xBF]) }) { consume(3) }
  }
}
