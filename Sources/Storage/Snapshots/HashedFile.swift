import Checksums
import Glibc
import Vocabulary

/// A new file written from front to back, with its SHA-256. Durable, whole and read-only when `finish` returns.
///
/// Not sendable: it belongs to the thread that makes the snapshot.
final class HashedFile {
  private let file: DiskFile
  private let hash = SHA256()
  private(set) var bytes: UInt64 = 0
  /// Up to here the machine was told to begin writing.
  private var startedBytes: UInt64 = 0

  /// - Throws: `.io` also if something has the name already.
  init(path: String, on disk: any Disk) throws(StorageFault) {
    file = try disk.open(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o400)
  }

  func append(_ part: UnsafeRawBufferPointer) throws(StorageFault) {
    try file.write(part, at: bytes)
    hash.update(part)
    bytes += UInt64(part.count)
    // The disk works while we read, encode and hash what comes next.
    if bytes - startedBytes >= Limits.snapshotWritebackBytes {
      file.startWriting(from: startedBytes, count: bytes - startedBytes)
      startedBytes = bytes
    }
  }

  func append(_ part: [UInt8]) throws(StorageFault) {
    try part.span.bytes.withUnsafeBytes { (buffer) throws(StorageFault) in try append(buffer) }
  }

  /// Syncs and closes. REQUIRES: called once, last.
  /// - Returns: the digest in lower-case hex.
  func finish() throws(StorageFault) -> String {
    try file.synchronize()
    file.close()
    return SHA256.hex(digest: hash.finish())
  }
}
