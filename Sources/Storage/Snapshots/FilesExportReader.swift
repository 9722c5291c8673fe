import Checksums
import Glibc
import Vocabulary

/// Reads an export of version 2 block by block and verifies everything. Total: any bytes give files or `.corrupt`.
final class FilesExportReader {
  let header: ExportFormat.Header
  /// The digest that the manifest must have; there once everything was read.
  private(set) var digest = ""
  private let file: DiskFile
  private let fileBytes: UInt64
  private var check: FilesExportCheck
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: FilesExportFormat.blockHeaderBytes + Limits.snapshotBlockBytes, alignment: 64)

  /// Opens an export and checks that it is the one `manifest` describes.
  init(path: String, manifest: SnapshotManifest, on disk: any Disk) throws(StorageFault) {
    guard try disk.entry(at: path) == .file else {
      throw SnapshotManifest.damaged(path, "The file is missing.")
    }
    file = try disk.open(path, flags: O_RDONLY)
    fileBytes = try file.size()
    let bytes = try file.read(count: ExportFormat.headerBytes, at: 0)
    header = try ExportFormat.header(bytes, version: FilesExportFormat.version, path)
    guard header.identity == manifest.identity, header.position.value == manifest.position else {
      throw SnapshotManifest.damaged(path, "It is the export of another snapshot.")
    }
    check = FilesExportCheck(path: path, seed: RecordHeader.seed(identity: header.identity))
    bytes.withUnsafeBytes { check.header($0) }
  }

  deinit { buffer.deallocate() }

  /// Bytes of the export so far, for progress.
  var offset: UInt64 { check.offset }
  /// Files so far.
  var files: UInt64 { check.files }

  /// The next part, whose bytes are valid until the next call; nil, with everything checked, after the last.
  func next() throws(StorageFault) -> FilesExportCheck.Part? {
    let left = fileBytes - offset
    let front = UnsafeMutableRawBufferPointer(
      rebasing: buffer[..<Int(min(left, UInt64(ExportFormat.trailerBytes)))])
    guard front.count >= FilesExportFormat.blockHeaderBytes else {
      throw check.damaged("the end of the file, too early")
    }
    try fill(front, at: offset)
    if front.starts(with: ExportFormat.Trailer.magic) {
      guard left == UInt64(front.count) else { throw check.damaged("something behind the trailer") }
      digest = try check.trailer(UnsafeRawBufferPointer(front))
      return nil
    }
    let length = UInt64(UInt32(littleEndian: front.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
    let size = length + UInt64(FilesExportFormat.blockHeaderBytes)
    guard size <= left, size <= UInt64(buffer.count) else { throw check.damaged("not a block") }
    let block = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(size)])
    if block.count > front.count {
      try fill(
        UnsafeMutableRawBufferPointer(rebasing: block[front.count...]), at: offset + UInt64(front.count))
    }
    return try check.block(UnsafeRawBufferPointer(block))
  }

  private func fill(_ part: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageFault) {
    guard try file.read(into: part, at: offset) == part.count else {
      throw check.damaged("the end of the file, too early")
    }
  }
}

extension StateStore {
  /// Puts every record of an export of version 2 into an empty state and says that it contains everything up to the export's
  /// position: the files are laid beside the state for as long as that takes, opened as the state they are, and read record by
  /// record with all checks. O(state), in time and in room on the disk.
  func fill(
    fromFiles reader: FilesExportReader, _ manifest: SnapshotManifest, on disk: any Disk,
    each: (UInt64) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    let place = path + "/unpacked"
    try disk.createDirectory(place)
    var target: DiskFile?
    var written: UInt64 = 0
    while let part = try reader.next() {
      switch part {
      case .begins(let file):
        target = try disk.open(place + "/" + file.name, flags: O_WRONLY | O_CREAT | O_EXCL)
        written = 0
      case .content(let bytes):
        try target?.write(bytes, at: written)
        written += UInt64(bytes.count)
      }
      try each(reader.offset)
    }
    target = nil
    guard reader.digest == manifest.stateDigest else {
      throw SnapshotManifest.damaged(manifest.name.text, "Its state is not the one that was written.")
    }
    try copy(from: place, identity: reader.header.identity, position: reader.header.position, on: disk) {
      () throws(StorageFault) in try each(reader.offset)
    }
    try disk.removeTree(place)
  }

  private func copy(
    from place: String, identity: [UInt8], position: Position, on disk: any Disk,
    each: () throws(StorageFault) -> Void
  ) throws(StorageFault) {
    let source = try StateStore.open(at: place, identity: identity, on: disk)
    defer { source.close() }
    guard try source.applied() == position else {
      throw SnapshotManifest.damaged(
        place, "It contains positions up to \(try source.applied().value), not \(position.value).")
    }
    var batch = StateBatch(applied: .zero, for: self)
    try source.forEachRecord { (key, value) throws(StorageFault) in
      batch.put(key: key, value: value)
      guard batch.bytes >= Limits.storeBatchBytesMax else { return }
      var full = StateBatch(applied: .zero, for: self)
      swap(&full, &batch)
      try write(full)
      try each()
    }
    try write(batch)
    try write(StateBatch(applied: position, for: self))
  }

  /// Visits every record but those that describe the state itself, in the order of their keys, each verified.
  private func forEachRecord(
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    try requireUsable()
    guard let iterator = database.makeIterator() else {
      throw Self.damaged(path, "LevelDB gives no iterator.")
    }
    defer { iterator.close() }
    iterator.seek(UnsafeRawBufferPointer(start: nil, count: 0))
    while iterator.isValid {
      let key = iterator.key
      guard let kind = key.first.flatMap({ StateKey.Kind(rawValue: $0) }) else {
        throw Self.damaged(path, "It holds a record of a kind this release does not know.")
      }
      if kind != .meta {
        guard let value = StateCheck.verified(key, iterator.value, seed: seed) else {
          throw Self.damaged(path, "A record is not one of the directory it says.")
        }
        try body(key, value)
      }
      iterator.next()
    }
    // LevelDB skips a block that does not verify and goes on; only this tells.
    try check("scan") { () throws(StateDatabaseError) in try iterator.check() }
  }
}
