import Glibc
import Vocabulary

/// Reads a log while the daemon appends to it, and checks every byte that is durable. Changes nothing.
package struct LogScrub {
  private let directory: DataDirectory

  package init(_ directory: DataDirectory) { self.directory = directory }

  /// First positions of the segments there are, ascending.
  package func segments() throws(StorageFault) -> [Position] {
    try directory.disk.list(directory.logPath).compactMap { SegmentHeader.position(fromFileName: $0) }
      .filter { $0 > directory.base() }.sorted()
  }

  /// Path of a segment.
  package func path(of first: Position) -> String { directory.logPath + "/" + SegmentHeader.fileName(first) }

  /// Bytes of a segment now; 0 once it was pruned.
  package func bytes(of first: Position) -> UInt64 {
    (try? directory.disk.open(path(of: first), flags: O_RDONLY).size()) ?? 0
  }

  /// Reads one segment and verifies each record.
  /// - Parameters:
  ///   - committed: a position that is durable; nothing behind it is looked at.
  ///   - following: the first position of the next segment; nil for the last.
  ///   - each: called often with the bytes of this segment read so far; throw to stop.
  /// - Throws: `.corrupt` naming the segment; what `each` throws.
  package func check(
    _ first: Position, followedBy following: Position?, committed: Position,
    each: (UInt64) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    do throws(StorageFault) {
      let scanner = try SegmentScanner(
        path: path(of: first), named: first, identity: directory.identity, lastIngestTime: .zero,
        on: directory.disk)
      // What is behind the last durable record of the last segment may be a write under way.
      while following != nil || scanner.next <= committed {
        switch try scanner.advance() {
        case .record: try each(scanner.offset)
        case .footer:
          try each(scanner.offset)
          guard following == nil || following == scanner.next else {
            throw StorageFault.corrupt(
              path(of: first),
              "The segment ends before position \(scanner.next.value), and the next does not begin there.")
          }
          return
        case .end:
          // It was sealed, or grew, since it was opened.
          guard following != nil else { return }
          throw StorageFault.corrupt(path(of: first), "The sealed segment does not end with its footer.")
        case .torn(let what):
          throw StorageFault.corrupt(path(of: first), "At byte \(scanner.offset) there is \(what).")
        }
      }
    } catch {
      // Pruned meanwhile.
      if first <= directory.base() { return }
      throw error
    }
  }
}

extension DataDirectory {
  /// Reads the superblock as it is on disk.
  /// - Throws: `.corrupt` if a slot does not verify: the other one counts, but nothing stands behind it.
  package func checkSuperblock() throws(StorageFault) {
    let file = path + "/" + Self.superblockName
    var isDamaged = false
    // Twice, because the daemon may be in the middle of writing a slot.
    for _ in 0..<2 {
      let bytes = try disk.open(file, flags: O_RDONLY).read(
        count: Superblock.slotBytes * Superblock.slotCount, at: 0)
      let found = try Superblock.decode(bytes, file: file)
      guard found.identity == identity else {
        throw StorageFault.corrupt(file, "It is the superblock of another directory.")
      }
      isDamaged = stride(from: 0, to: bytes.count, by: Superblock.slotBytes).contains { start in
        let slot = Array(bytes[start..<min(start + Superblock.slotBytes, bytes.count)])
        return slot.span.bytes.withUnsafeBytes { Superblock.decodeSlot($0) } == .damaged
      }
      if !isDamaged { return }
    }
    throw StorageFault(
      .corrupt, file: file,
      "One of its two slots is damaged; the other counts, and the next write mends it. Check the disk.")
  }
}

extension StateStore {
  /// Reads every record with all checksums, those of LevelDB and ours. Does not fence: the state is derived, and what is
  /// damaged is noted so that the next start makes it anew.
  /// - Parameter each: called for each quarter of a megabyte with the bytes read so far; throw to stop.
  package func scrub(each: (UInt64) throws(StorageFault) -> Void) throws(StorageFault) {
    try requireUsable()
    guard let iterator = database.makeIterator() else {
      throw Self.damaged(path, "LevelDB gives no iterator.")
    }
    hold()
    defer { release(iterator.close) }
    var (bytes, told): (UInt64, UInt64) = (0, 0)
    iterator.seek(UnsafeRawBufferPointer(start: nil, count: 0))
    while iterator.isValid {
      let (key, stored) = (iterator.key, iterator.value)
      if key.first != StateKey.Kind.meta.rawValue || key.elementsEqual(StateKey.applied),
        StateCheck.verified(key, stored, seed: seed) == nil
      {
        throw noted(Self.damaged(path, "A record is not one of this directory."))
      }
      bytes += UInt64(key.count + stored.count)
      if bytes - told >= 1 << 18 {
        told = bytes
        try each(bytes)
      }
      iterator.next()
    }
    do throws(StateDatabaseError) { try iterator.check() } catch {
      throw noted(Self.fault(error.text, path, doing: "scan"))
    }
    try database.checkFiles()
    try each(bytes)
  }
}
