import Checksums
import Glibc
import Vocabulary

/// Reads an export of version 1, a record after the other, and verifies everything: checksums, numbering, order, the trailer's
/// counts. No release writes these any more.
/// Memory: one block. Total: any bytes give records or `.corrupt`.
final class ExportReader {
  let header: ExportFormat.Header
  /// Bytes of the file so far, for progress.
  private(set) var offset: UInt64
  private let file: DiskFile
  private let hash: SHA256?
  private let fileBytes: UInt64
  private var check: ExportCheck
  private var buffer: UnsafeMutableRawBufferPointer

  /// Opens an export and checks that it is the one `manifest` describes.
  /// - Parameter hash: gets every byte that is read, if given.
  init(
    path: String, manifest: SnapshotManifest, hash: SHA256? = nil, on disk: any Disk
  ) throws(StorageFault) {
    guard try disk.entry(at: path) == .file else {
      throw SnapshotManifest.damaged(path, "The file is missing.")
    }
    file = try disk.open(path, flags: O_RDONLY)
    self.hash = hash
    fileBytes = try file.size()
    let bytes = try file.read(count: ExportFormat.headerBytes, at: 0)
    header = try ExportFormat.header(bytes, version: ExportFormat.version, path)
    guard header.identity == manifest.identity, header.position.value == manifest.position else {
      throw SnapshotManifest.damaged(path, "It is the export of another snapshot.")
    }
    check = ExportCheck(file: path, seed: RecordHeader.seed(identity: header.identity))
    offset = UInt64(bytes.count)
    bytes.withUnsafeBytes { hash?.update($0) }
    buffer = .allocate(byteCount: 1 << 20, alignment: 8)
  }

  deinit { buffer.deallocate() }

  /// Records so far.
  var entries: UInt64 { check.entries }

  /// Visits the records of the next block; false, with everything checked, after the last.
  func nextBlock(
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(StorageFault) -> Void
  ) throws(StorageFault) -> Bool {
    let left = fileBytes - offset
    guard left >= UInt64(ExportFormat.blockHeaderBytes) else {
      throw check.damaged("the end of the file, too early")
    }
    let front = try fill(Int(min(left, UInt64(ExportFormat.trailerBytes))), keeping: 0)
    if front.starts(with: ExportFormat.Trailer.magic) {
      try check.trailer(front)
      guard offset + UInt64(front.count) == fileBytes else {
        throw check.damaged("something behind the trailer")
      }
      hash?.update(front)
      offset = fileBytes
      return false
    }
    let length = UInt64(UInt32(littleEndian: front.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
    let size = length + UInt64(ExportFormat.blockHeaderBytes)
    guard size <= left, size <= UInt64(Limits.snapshotBlockBytesMax) else {
      throw check.damaged("not a block")
    }
    let block = try fill(Int(size), keeping: front.count)
    try check.block(block, body)
    hash?.update(block)
    offset += size
    return true
  }

  /// The next `count` bytes, of which the first `kept` lie in the buffer already. Valid until the next call.
  private func fill(_ count: Int, keeping kept: Int) throws(StorageFault) -> UnsafeRawBufferPointer {
    if count > buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<kept]))
      buffer.deallocate()
      buffer = larger
    }
    if count > kept {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[kept..<count])
      guard try file.read(into: part, at: offset + UInt64(kept)) == part.count else {
        throw check.damaged("the end of the file, too early")
      }
    }
    return UnsafeRawBufferPointer(rebasing: buffer[..<count])
  }
}

extension StateStore {
  /// Puts every record of an export into an empty state and says that it contains everything up to the export's
  /// position. Records must have a kind that this release knows.
  func fill(from reader: ExportReader, each: () throws(StorageFault) -> Void) throws(StorageFault) {
    var batch = StateBatch(applied: .zero, for: self)
    var more = true
    while more {
      more = try reader.nextBlock { (key, value) throws(StorageFault) in
        guard let kind = key.first.flatMap({ StateKey.Kind(rawValue: $0) }), kind != .meta else {
          throw SnapshotManifest.damaged(
            path, "The export holds a record of a kind this release does not know.")
        }
        batch.put(key: key, value: value)
      }
      if batch.bytes >= Limits.storeBatchBytesMax || !more {
        var full = StateBatch(applied: .zero, for: self)
        swap(&full, &batch)
        try write(full)
      }
      try each()
    }
    try write(StateBatch(applied: reader.header.position, for: self))
  }
}
