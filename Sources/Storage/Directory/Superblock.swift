import Checksums
import Glibc
import Vocabulary

/// The first thing read of a data directory: whose it is, which release may read it, and how far its log must
/// reach. Two slots, written in turn, so that a torn write leaves the other; docs/storage.md holds the bytes.
package struct Superblock: Sendable, Hashable {
  package static let magic = Array("MAGPIESB".utf8)
  /// The newest format this release reads. Version 2 has a base or an origin; a directory with neither is
  /// written as version 1, which earlier releases can open.
  package static let formatVersion: UInt32 = 2
  package static let slotBytes = 512
  package static let slotCount = 2

  package var formatVersion: UInt32
  /// A reader that knows formats up to this one may open the directory.
  package var oldestReaderVersion: UInt32
  /// 16 random bytes, the same in every file of the directory that names its owner.
  package var identity: [UInt8]
  /// Grows by one with every write; the slot is `sequence` modulo 2.
  package var sequence: UInt64
  package var acknowledged: Position
  package var created: Timestamp
  /// The log begins at the position after this one: zero unless it was pruned or restored.
  package private(set) var base = Position.zero
  /// The directory this one was restored from; nil for one that began empty.
  package private(set) var origin: Origin?

  /// Where a restored directory comes from.
  package struct Origin: Sendable, Hashable {
    package var identity: [UInt8]
    /// Up to this position the history is that directory's.
    package var position: Position

    package init(identity: [UInt8], position: Position) {
      self.identity = identity
      self.position = position
    }
  }

  package init(identity: [UInt8], created: Timestamp) {
    formatVersion = 1
    oldestReaderVersion = 1
    self.identity = identity
    sequence = 0
    acknowledged = .zero
    self.created = created
  }

  /// Says that the log begins behind `base`, and where a restored directory comes from. A release that knows
  /// neither would take the missing segments for lost ones, so it is told to keep off.
  package mutating func begin(after base: Position, origin: Origin?) {
    self.base = base
    self.origin = origin
    guard base > .zero || origin != nil else { return }
    formatVersion = max(formatVersion, 2)
    oldestReaderVersion = max(oldestReaderVersion, 2)
  }

  /// Byte offset of the slot this value belongs into.
  package var slotOffset: UInt64 { sequence % UInt64(Self.slotCount) * UInt64(Self.slotBytes) }

  /// The 512 bytes of a slot.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: Self.magic)
    writer.append(fixed32: formatVersion)
    writer.append(fixed32: oldestReaderVersion)
    writer.append(raw: identity)
    writer.append(fixed64: sequence)
    writer.append(fixed64: acknowledged.value)
    writer.append(fixed64: UInt64(bitPattern: created.microseconds))
    writer.append(fixed64: base.value)
    writer.append(raw: origin?.identity ?? [UInt8](repeating: 0, count: 16))
    writer.append(fixed64: origin?.position.value ?? 0)
    writer.append(zeros: Self.slotBytes - 4 - writer.bytes.count)
    writer.append(fixed32: CRC32C.of(writer.bytes))
    return writer.bytes
  }

  /// What one slot turned out to be.
  package enum Slot: Sendable, Hashable {
    case valid(Superblock)
    /// Ours, but damaged or half written.
    case damaged
    /// Not a slot of a superblock at all.
    case foreign
  }

  /// Reads one slot; never fails, whatever the bytes.
  package static func decodeSlot(_ bytes: UnsafeRawBufferPointer) -> Slot {
    guard bytes.count >= magic.count, bytes.prefix(magic.count).elementsEqual(magic) else { return .foreign }
    guard bytes.count == slotBytes else { return .damaged }
    var reader = ByteReader(bytes)
    do {
      _ = try reader.raw(count: magic.count)
      let version = try reader.fixed32()
      let oldestReader = try reader.fixed32()
      let identity = Array(try reader.raw(count: 16))
      let sequence = try reader.fixed64()
      let acknowledged = try reader.fixed64()
      let created = try reader.fixed64()
      let base = Position(try reader.fixed64())
      let originIdentity = Array(try reader.raw(count: 16))
      let originPosition = Position(try reader.fixed64())
      _ = try reader.raw(count: slotBytes - 4 - reader.offset)
      let checksum = try reader.fixed32()
      guard checksum == CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[..<(slotBytes - 4)])) else {
        return .damaged
      }
      var block = Superblock(identity: identity, created: Timestamp(microseconds: Int64(bitPattern: created)))
      block.formatVersion = version
      block.oldestReaderVersion = oldestReader
      block.sequence = sequence
      block.acknowledged = Position(acknowledged)
      block.base = base
      if originIdentity.contains(where: { $0 != 0 }) {
        block.origin = Origin(identity: originIdentity, position: originPosition)
      }
      return .valid(block)
    } catch {
      return .damaged
    }
  }

  /// The newer valid slot of a superblock file.
  /// - Throws: `.foreign`, `.corrupt` or `.newerFormat`, naming `file`.
  package static func decode(_ bytes: [UInt8], file: String) throws(StorageFault) -> Superblock {
    let slots = bytes.span.bytes.withUnsafeBytes { buffer in
      (0..<slotCount).map { number in
        let start = min(number * slotBytes, buffer.count)
        let end = min(start + slotBytes, buffer.count)
        return decodeSlot(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      }
    }
    var newest: Superblock?
    for case .valid(let block) in slots where newest.map({ $0.sequence < block.sequence }) ?? true {
      newest = block
    }
    guard let newest else {
      // Nothing but zeros is what a damaged disk leaves, not what another program writes.
      if slots.allSatisfy({ $0 == .foreign }), bytes.contains(where: { $0 != 0 }) {
        throw StorageFault(
          .foreign, file: file,
          "This is not the superblock of a Magpie data directory. Nothing was changed; check the path.")
      }
      throw StorageFault(
        .corrupt, file: file,
        "Both slots of the superblock are damaged. Nothing was changed; \(StorageFault.restoreAdvice)")
    }
    guard newest.oldestReaderVersion <= formatVersion else {
      throw StorageFault(
        .newerFormat, file: file,
        "The directory has format \(newest.formatVersion), which only readers of format "
          + "\(newest.oldestReaderVersion) or later understand; this release reads format \(formatVersion). "
          + "Install the later release.")
    }
    return newest
  }

  /// The superblock of the data directory that the log directory `path` is part of; nil where it is part of none, as
  /// in an archive. Takes no lock.
  /// - Throws: `.corrupt` and `.newerFormat` for a superblock that is there and cannot be read.
  static func besideLog(_ path: String, on disk: any Disk) throws(StorageFault) -> Superblock? {
    // By the name and not by way of `..`: the log may be a link to another disk.
    let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast(
      path.hasSuffix("/") ? 2 : 1)
    let beside = (parent + [DataDirectory.superblockName[...]]).joined(separator: "/")
    guard try disk.entry(at: beside) == .file else { return nil }
    let file = try disk.open(beside, flags: O_RDONLY)
    return try decode(try file.read(count: slotBytes * slotCount, at: 0), file: beside)
  }
}
