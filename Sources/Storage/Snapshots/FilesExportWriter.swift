import Checksums
import Glibc
import Locking
import Vocabulary

/// Writes an export of version 2: copies LevelDB's files into it, and reads back what it wrote, on a thread of its own where
/// one may help. That what was read back is what was there is shown by LevelDB's own checksums, which cover every byte of a
/// table and of a log: nothing is compared with the buffers it was written from.
///
/// Not sendable: one thread makes a snapshot.
final class FilesExportWriter {
  /// What became of it.
  struct Written: Sendable {
    var bytes: UInt64
    var files: UInt64
    var digest: String
  }

  private let file: DiskFile
  private let header: ExportFormat.Header
  private let seed: UInt32
  private let readBack: FilesReadBack
  private let each: (UInt64) throws(StorageFault) -> Void
  private var offset: UInt64 = 0
  private var blocks: UInt64 = 0
  /// One block: so small that it stays in the processor's cache between reading, checking and writing.
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: FilesExportFormat.blockHeaderBytes + Limits.snapshotBlockBytes, alignment: 64)

  /// - Parameter each: called for each block with the bytes written so far; throw to stop.
  init(
    path: String, header: ExportFormat.Header, on disk: any Disk,
    each: @escaping (UInt64) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    file = try disk.open(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o400)
    self.header = header
    self.each = each
    seed = RecordHeader.seed(identity: header.identity)
    readBack = FilesReadBack(path: path, seed: seed, on: disk)
  }

  deinit { buffer.deallocate() }

  /// Copies them all, syncs, and waits until everything was read back. REQUIRES: called once.
  func write(_ held: any StateFiles) throws(StorageFault) -> Written {
    // However this ends, nobody reads the file any more.
    defer { readBack.stop() }
    try put(header.encoded(version: FilesExportFormat.version))
    for file in held.files {
      try put(FilesExportFormat.encode(file), kind: .file)
      try copy(try held.open(file), file)
    }
    try put(
      ExportFormat.Trailer(entries: UInt64(held.files.count), blocks: blocks, offset: offset).encoded(
        seed: seed))
    try file.synchronize()
    let digest = try readBack.finish()
    file.close()
    return Written(bytes: offset, files: UInt64(held.files.count), digest: digest)
  }

  private func copy(_ source: DiskFile, _ file: StateFile) throws(StorageFault) {
    var done: UInt64 = 0
    while done < file.bytes {
      let count = Int(min(file.bytes - done, UInt64(Limits.snapshotBlockBytes)))
      let front = FilesExportFormat.blockHeaderBytes
      let payload = UnsafeMutableRawBufferPointer(rebasing: buffer[front..<(front + count)])
      guard try source.read(into: payload, at: done) == count else {
        throw StateStore.damaged(source.path, "The file is shorter than LevelDB wrote it.")
      }
      try putBlock(payloadBytes: count, kind: .content)
      done += UInt64(count)
    }
  }

  private func put(_ payload: [UInt8], kind: FilesExportFormat.Kind) throws(StorageFault) {
    let front = FilesExportFormat.blockHeaderBytes
    UnsafeMutableRawBufferPointer(rebasing: buffer[front..<(front + payload.count)]).copyBytes(from: payload)
    try putBlock(payloadBytes: payload.count, kind: kind)
  }

  private func putBlock(payloadBytes: Int, kind: FilesExportFormat.Kind) throws(StorageFault) {
    let block = UnsafeMutableRawBufferPointer(
      rebasing: buffer[..<(FilesExportFormat.blockHeaderBytes + payloadBytes)])
    FilesExportFormat.seal(block, kind: kind, number: blocks, seed: seed)
    blocks += 1
    try put(UnsafeRawBufferPointer(block))
    try each(offset)
  }

  private func put(_ part: [UInt8]) throws(StorageFault) {
    try part.span.bytes.withUnsafeBytes { (bytes) throws(StorageFault) in try put(bytes) }
  }

  private func put(_ part: UnsafeRawBufferPointer) throws(StorageFault) {
    try file.write(part, at: offset)
    try readBack.add(.init(offset: offset, count: part.count))
    offset += UInt64(part.count)
  }
}
