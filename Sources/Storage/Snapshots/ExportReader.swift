import Checksums
import Glibc
import Vocabulary

/// Reads `state.export` block by block and verifies everything: checksums, numbering, order, the trailer's counts.
/// Memory: one block. Total: any bytes give records or `.corrupt`.
final class ExportReader {
  let header: ExportFormat.Header
  /// Bytes of the file so far, for progress.
  private(set) var offset: UInt64
  /// Records so far.
  private(set) var entries: UInt64 = 0
  private let file: DiskFile
  private let hash: SHA256?
  private let fileBytes: UInt64
  private let seed: UInt32
  private var blocks: UInt64 = 0
  private var previousKey: [UInt8] = []
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
    header = try Self.header(bytes, path)
    guard header.identity == manifest.identity, header.position.value == manifest.position else {
      throw SnapshotManifest.damaged(path, "It is the export of another snapshot.")
    }
    seed = RecordHeader.seed(identity: header.identity)
    offset = UInt64(bytes.count)
    bytes.withUnsafeBytes { hash?.update($0) }
    buffer = .allocate(byteCount: 1 << 20, alignment: 8)
  }

  deinit { buffer.deallocate() }

  private static func header(_ bytes: [UInt8], _ path: String) throws(StorageFault) -> ExportFormat.Header {
    guard bytes.starts(with: ExportFormat.Header.magic), bytes.count == ExportFormat.headerBytes else {
      throw SnapshotManifest.damaged(path, "It does not begin like an export.")
    }
    do throws(MalformedBytes) {
      return try bytes.span.bytes.withUnsafeBytes { (buffer) throws(MalformedBytes) in
        var reader = ByteReader(buffer)
        _ = try reader.raw(count: ExportFormat.Header.magic.count)
        guard try reader.fixed32() == ExportFormat.version else {
          throw MalformedBytes("a version of the export that is not known", at: 8)
        }
        _ = try reader.fixed32()
        let identity = Array(try reader.raw(count: 16))
        let position = Position(try reader.fixed64())
        let created = Timestamp(microseconds: Int64(bitPattern: try reader.fixed64()))
        let covered = ExportFormat.headerBytes - 4
        _ = try reader.raw(count: covered - reader.offset)
        guard try reader.fixed32() == CRC32C.of(UnsafeRawBufferPointer(rebasing: buffer[..<covered])) else {
          throw MalformedBytes("a checksum that does not match", at: covered)
        }
        return ExportFormat.Header(identity: identity, position: position, created: created)
      }
    } catch {
      throw damaged(path, error)
    }
  }

  private static func damaged(_ path: String, _ error: MalformedBytes) -> StorageFault {
    SnapshotManifest.damaged(path, "At byte \(error.offset) there is \(error.what).")
  }

  private func damaged(_ what: StaticString) -> StorageFault {
    Self.damaged(file.path, MalformedBytes(what, at: Int(clamping: offset)))
  }

  /// Visits the records of the next block; false, with everything checked, after the last.
  func nextBlock(
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(StorageFault) -> Void
  ) throws(StorageFault) -> Bool {
    let left = fileBytes - offset
    guard left >= UInt64(ExportFormat.blockHeaderBytes) else {
      throw damaged("the end of the file, too early")
    }
    let front = try fill(Int(min(left, UInt64(ExportFormat.trailerBytes))), keeping: 0)
    if front.starts(with: ExportFormat.Trailer.magic) {
      try checkTrailer(front)
      return false
    }
    let length = UInt64(UInt32(littleEndian: front.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
    let size = length + UInt64(ExportFormat.blockHeaderBytes)
    guard size <= left, size <= UInt64(Limits.snapshotBlockBytesMax) else { throw damaged("not a block") }
    let block = try fill(Int(size), keeping: front.count)
    let check = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    let checked = UnsafeRawBufferPointer(rebasing: block[ExportFormat.checkedFrom...])
    guard CRC32C.of(checked, continuing: seed) == check else {
      throw damaged("a block whose checksum does not match")
    }
    let first = UInt64(littleEndian: block.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    let count = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    guard first == entries, count > 0 else { throw damaged("a block out of order") }
    do {
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: block[ExportFormat.blockHeaderBytes...]))
      for _ in 0..<count {
        let (key, value) = (try reader.prefixed(), try reader.prefixed())
        guard Self.isBefore(previousKey, key) else {
          throw MalformedBytes("keys out of order", at: reader.offset)
        }
        previousKey.removeAll(keepingCapacity: true)
        previousKey.append(contentsOf: key)
        try body(key, value)
      }
      try reader.finish()
    } catch let error as MalformedBytes {
      throw damaged(error.what)
    } catch let error as StorageFault {
      throw error
    } catch {
      throw damaged("an error that is not known")
    }
    entries += UInt64(count)
    blocks += 1
    hash?.update(block)
    offset += size
    return true
  }

  private func checkTrailer(_ bytes: UnsafeRawBufferPointer) throws(StorageFault) {
    let trailer = ExportFormat.Trailer(entries: entries, blocks: blocks, offset: offset)
    guard bytes.count == ExportFormat.trailerBytes, bytes.elementsEqual(trailer.encoded(seed: seed)) else {
      throw damaged("a trailer that does not fit what is before it")
    }
    guard offset + UInt64(bytes.count) == fileBytes else { throw damaged("something behind the trailer") }
    hash?.update(bytes)
    offset = fileBytes
  }

  private static func isBefore(_ left: [UInt8], _ right: UnsafeRawBufferPointer) -> Bool {
    left.withUnsafeBytes { left in
      guard let a = left.baseAddress, let b = right.baseAddress else { return left.isEmpty && !right.isEmpty }
      let order = memcmp(a, b, min(left.count, right.count))
      return order != 0 ? order < 0 : left.count < right.count
    }
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
        throw damaged("the end of the file, too early")
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
