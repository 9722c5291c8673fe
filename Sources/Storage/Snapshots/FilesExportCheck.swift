import Checksums
import Vocabulary

/// Checks the parts of an export of version 2 one after the other, as they are read and as they are read back: checksums,
/// numbering, names in order, whole files, the trailer's counts; and each file by itself, as far as its form allows.
/// Total: any bytes are right or `.corrupt`.
///
/// Memory: the largest file, which is LevelDB's write buffer at most.
struct FilesExportCheck {
  /// What the next part turned out to be.
  enum Part {
    case begins(StateFile)
    /// The bytes lie in the block.
    case content(UnsafeRawBufferPointer)
  }

  /// Files so far.
  private(set) var files: UInt64 = 0
  /// Bytes of the export so far.
  private(set) var offset: UInt64 = 0
  private let path: String
  private let seed: UInt32
  private var blocks: UInt64 = 0
  /// The file under way, and what there is of it.
  private var current: StateFile?
  private var contents: [UInt8] = []
  /// Of the header, the beginning of each block, which holds its checksum, and the trailer: all of it hangs on these.
  private let hash = SHA256()

  /// - Parameter path: for faults.
  init(path: String, seed: UInt32) {
    self.path = path
    self.seed = seed
  }

  /// A fault at the part that comes next.
  func damaged(_ what: StaticString) -> StorageFault {
    SnapshotManifest.damaged(path, "At byte \(offset) there is \(what).")
  }

  /// Takes the header, which the caller has checked.
  mutating func header(_ bytes: UnsafeRawBufferPointer) {
    hash.update(bytes)
    offset += UInt64(bytes.count)
  }

  /// Checks one block. REQUIRES: at least a block's header.
  mutating func block(_ bytes: UnsafeRawBufferPointer) throws(StorageFault) -> Part {
    let front = FilesExportFormat.blockHeaderBytes
    let length = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    guard UInt64(length) + UInt64(front) == UInt64(bytes.count) else {
      throw damaged("a block of another length than it says")
    }
    let check = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    let checked = UnsafeRawBufferPointer(rebasing: bytes[FilesExportFormat.checkedFrom...])
    guard CRC32C.of(checked, continuing: seed) == check else {
      throw damaged("a block whose checksum does not match")
    }
    guard UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) == blocks else {
      throw damaged("a block out of order")
    }
    let kind = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    let payload = UnsafeRawBufferPointer(rebasing: bytes[front...])
    let part: Part
    switch FilesExportFormat.Kind(rawValue: kind) {
    case .file:
      try endFile()
      part = .begins(try begin(payload))
    case .content:
      guard let current, !payload.isEmpty, UInt64(payload.count) <= current.bytes - UInt64(contents.count)
      else {
        throw damaged("more of a file than there is")
      }
      contents.append(contentsOf: payload)
      part = .content(payload)
    case nil: throw damaged("a block of a kind that is not known")
    }
    hash.update(UnsafeRawBufferPointer(rebasing: bytes[..<front]))
    blocks += 1
    offset += UInt64(bytes.count)
    return part
  }

  private mutating func begin(_ payload: UnsafeRawBufferPointer) throws(StorageFault) -> StateFile {
    let file: StateFile
    do throws(MalformedBytes) { file = try FilesExportFormat.file(decoding: payload) } catch {
      throw damaged(error.what)
    }
    if let current, !current.name.utf8.lexicographicallyPrecedes(file.name.utf8) {
      throw damaged("a file out of order")
    }
    current = file
    contents.removeAll(keepingCapacity: true)
    files += 1
    return file
  }

  /// Checks the file that is complete now.
  private mutating func endFile() throws(StorageFault) {
    guard let current else { return }
    guard UInt64(contents.count) == current.bytes else { throw damaged("less of a file than there was") }
    let form = current.form
    do throws(MalformedBytes) {
      try contents.span.bytes.withUnsafeBytes { (bytes) throws(MalformedBytes) in
        switch form {
        case .plain: break
        case .table: try LevelDBTable.check(bytes)
        case .log:
          guard try LevelDBRecords.forEach(bytes, { (_) throws(MalformedBytes) in }) else {
            throw MalformedBytes("half a record at the end", at: bytes.count)
          }
        }
      }
    } catch {
      throw SnapshotManifest.damaged(
        path, "LevelDB's file \(current.name) in it is damaged: \(error.what) at byte \(error.offset) of it.")
    }
  }

  /// Checks what ends the file.
  /// - Returns: the digest in lower-case hex.
  mutating func trailer(_ bytes: UnsafeRawBufferPointer) throws(StorageFault) -> String {
    try endFile()
    guard files > 0 else { throw damaged("an end without any file") }
    let trailer = ExportFormat.Trailer(entries: files, blocks: blocks, offset: offset)
    guard bytes.count == ExportFormat.trailerBytes, bytes.elementsEqual(trailer.encoded(seed: seed)) else {
      throw damaged("a trailer that does not fit what is before it")
    }
    hash.update(bytes)
    offset += UInt64(bytes.count)
    return SHA256.hex(digest: hash.finish())
  }
}
