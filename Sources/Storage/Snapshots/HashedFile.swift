import Checksums
import Glibc
import Vocabulary

/// A new file written from front to back, with its SHA-256. What was written is read back and compared as it goes; the
/// digest is that of what was read. Durable, whole and read-only when `finish` returns.
///
/// Not sendable: it belongs to the thread that makes the snapshot.
final class HashedFile {
  private let file: DiskFile
  private let hash = SHA256()
  private(set) var bytes: UInt64 = 0
  /// Up to here the machine was told to begin writing.
  private var startedBytes: UInt64 = 0
  /// What was read back last: so small that it stays in the processor's cache between writing and hashing.
  private let readBack = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 64)
  private static let pieceBytes = 256 * 1024

  /// - Throws: `.io` also if something has the name already.
  init(path: String, on disk: any Disk) throws(StorageFault) {
    file = try disk.open(path, flags: O_RDWR | O_CREAT | O_EXCL, mode: 0o400)
  }

  deinit { readBack.deallocate() }

  var path: String { file.path }

  /// - Throws: `.corrupt` if the file does not hold afterwards what was written.
  func append(_ part: UnsafeRawBufferPointer) throws(StorageFault) {
    var rest = part[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceBytes))
      try file.write(piece, at: bytes)
      try hashWritten(piece)
      bytes += UInt64(piece.count)
      rest = rest.dropFirst(piece.count)
    }
    // The disk works while we encode and hash what comes next.
    if bytes - startedBytes >= Limits.snapshotWritebackBytes {
      file.startWriting(from: startedBytes, count: bytes - startedBytes)
      startedBytes = bytes
    }
  }

  private func hashWritten(_ piece: UnsafeRawBufferPointer) throws(StorageFault) {
    guard !piece.isEmpty, let written = piece.baseAddress, let found = readBack.baseAddress else { return }
    let part = UnsafeMutableRawBufferPointer(rebasing: readBack[..<piece.count])
    guard try file.read(into: part, at: bytes) == piece.count, memcmp(written, found, piece.count) == 0 else {
      throw SnapshotManifest.damaged(file.path, "Its bytes are not those that were written.")
    }
    hash.update(UnsafeRawBufferPointer(part))
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
