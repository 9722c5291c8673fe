import Checksums
import Glibc
import Vocabulary

/// Checks the parts of an export one after the other, as they are read and as they are written: checksums, numbering,
/// order, the trailer's counts. Total: any bytes are right or `.corrupt`.
struct ExportCheck {
  /// Records so far.
  private(set) var entries: UInt64 = 0
  private let file: String
  private let seed: UInt32
  private var blocks: UInt64 = 0
  private var offset = UInt64(ExportFormat.headerBytes)
  private var previousKey: [UInt8] = []

  /// - Parameter file: for faults.
  init(file: String, seed: UInt32) {
    self.file = file
    self.seed = seed
  }

  /// A fault at the part that comes next.
  func damaged(_ what: StaticString) -> StorageFault {
    SnapshotManifest.damaged(file, "At byte \(offset) there is \(what).")
  }

  /// Checks one block and visits its records. REQUIRES: at least a block's header.
  mutating func block(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    let length = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    guard UInt64(length) + UInt64(ExportFormat.blockHeaderBytes) == UInt64(bytes.count) else {
      throw damaged("a block of another length than it says")
    }
    let check = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    let checked = UnsafeRawBufferPointer(rebasing: bytes[ExportFormat.checkedFrom...])
    guard CRC32C.of(checked, continuing: seed) == check else {
      throw damaged("a block whose checksum does not match")
    }
    let first = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    let count = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    guard first == entries, count > 0 else { throw damaged("a block out of order") }
    do {
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[ExportFormat.blockHeaderBytes...]))
      // The last key of the block before, then keys of this one where they lie.
      var previous: UnsafeRawBufferPointer?
      for _ in 0..<count {
        let (key, value) = (try reader.prefixed(), try reader.prefixed())
        let isInOrder =
          previous.map { Self.isBefore($0, key) }
          ?? previousKey.withUnsafeBytes { Self.isBefore($0, key) }
        guard isInOrder else { throw MalformedBytes("keys out of order", at: reader.offset) }
        previous = key
        try body(key, value)
      }
      if let previous {
        previousKey.removeAll(keepingCapacity: true)
        previousKey.append(contentsOf: previous)
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
    offset += UInt64(bytes.count)
  }

  /// Checks what ends the file.
  func trailer(_ bytes: UnsafeRawBufferPointer) throws(StorageFault) {
    let trailer = ExportFormat.Trailer(entries: entries, blocks: blocks, offset: offset)
    guard bytes.count == ExportFormat.trailerBytes, bytes.elementsEqual(trailer.encoded(seed: seed)) else {
      throw damaged("a trailer that does not fit what is before it")
    }
  }

  /// Keys ascend strictly; the first may be anything but empty.
  private static func isBefore(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard let a = left.baseAddress, let b = right.baseAddress, !left.isEmpty else {
      return left.isEmpty && !right.isEmpty
    }
    let order = memcmp(a, b, min(left.count, right.count))
    return order != 0 ? order < 0 : left.count < right.count
  }
}
