import FaultPoints
import Glibc
import Vocabulary

/// What opening established about a log.
struct OpenedLog {
  var current: DiskFile
  var currentFirst: Position
  var currentBytes: UInt64
  var next: Position
  var lastIngestTime: Timestamp
  var segmentCount: Int
  var bytes: UInt64
  var tornTail: EventLog.TornTail?
}

extension EventLog {
  /// Opens the log for appending. Reads headers and footers of sealed segments and all of the last segment.
  ///
  /// A write that a crash cut short is copied to the quarantine and cut off; see `tornTail`. Everything else
  /// that does not verify is reported, and nothing is changed.
  /// - Throws: `.corrupt` naming the file, `.newerFormat`, `.permission`, `.io`.
  package static func open(_ directory: DataDirectory) throws(StorageFault) -> EventLog {
    let path = directory.logPath
    let disk = directory.disk
    let names = try disk.list(path)
    let base = directory.base()
    let firsts = try SegmentHeader.positions(ofFiles: names, in: path, after: base)
    guard let lastFirst = firsts.last else {
      throw StorageFault.corrupt(path, "The log has no segments.")
    }
    var ingestTime = Timestamp.zero
    var bytes: UInt64 = 0
    for (first, following) in zip(firsts, firsts.dropFirst()) {
      let sealed = try SealedSegment(
        path: path + "/" + SegmentHeader.fileName(first), first: first, identity: directory.identity, on: disk
      )
      try sealed.requireFollowed(by: following, after: ingestTime)
      ingestTime = sealed.footer.lastIngestTime
      bytes += sealed.bytes
    }
    let scanner = try SegmentScanner(
      path: path + "/" + SegmentHeader.fileName(lastFirst), named: lastFirst, identity: directory.identity,
      lastIngestTime: ingestTime, on: disk)
    let (ending, unsettled) = try scanToEnd(scanner, behind: directory.acknowledged())
    try requireReaches(directory.acknowledged(), scanner, ending)

    // Everything is known now; from here on files change.
    for name in names where name.hasSuffix(SegmentHeader.unfinishedSuffix) {
      try disk.move(path + "/" + name, to: try directory.quarantinePath(for: name))
    }
    // Pruning was interrupted after the superblock said that these may go.
    for case let first? in names.map({ SegmentHeader.position(fromFileName: $0) }) where first <= base {
      try disk.remove(file: path + "/" + SegmentHeader.fileName(first))
    }
    var tornTail: TornTail?
    if case .torn = ending { tornTail = try cutTail(scanner, directory) }
    try settle(scanner, from: unsettled, on: disk)
    try disk.synchronizeDirectory(path)
    var opened = OpenedLog(
      current: try disk.open(scanner.file.path, flags: O_WRONLY), currentFirst: lastFirst,
      currentBytes: scanner.offset, next: scanner.next, lastIngestTime: scanner.lastIngestTime,
      segmentCount: firsts.count, bytes: bytes + scanner.offset, tornTail: tornTail)
    if case .footer = ending {
      // The crash came between sealing this segment and creating its successor.
      let header = SegmentHeader(
        identity: directory.identity, firstPosition: scanner.next, created: disk.now())
      opened.current = try createSegment(in: path, header, on: disk)
      opened.currentFirst = scanner.next
      opened.currentBytes = UInt64(SegmentHeader.byteCount)
      opened.segmentCount += 1
      opened.bytes += opened.currentBytes
    }
    FaultPoints.reach(.recoveryOpened)
    return EventLog(directory, opened)
  }

  /// Makes durable what was found behind the last position known to be so, before anything builds on it: an earlier
  /// process may have died before its fdatasync, or have been told that it failed. After a failure the kernel counts the
  /// pages as written, so that another fdatasync does nothing. Hence the same bytes are written once more.
  private static func settle(
    _ scanner: SegmentScanner, from start: UInt64, on disk: any Disk
  ) throws(StorageFault) {
    let file = try disk.open(scanner.file.path, flags: O_RDWR)
    var done = start
    while done < scanner.offset {
      let part = try file.read(count: Int(min(scanner.offset - done, 1 << 20)), at: done)
      guard !part.isEmpty else {
        throw StorageFault.corrupt(file.path, "The file became shorter while it was read.")
      }
      try file.write(part, at: done)
      done += UInt64(part.count)
    }
    try file.synchronize()
  }

  /// How the last segment ends.
  private enum Ending {
    case clean
    case footer
    case torn(StaticString)
  }

  /// - Returns: also where the first record begins that holds a position behind `acknowledged`, or the footer, or where
  ///   the segment ends.
  private static func scanToEnd(
    _ scanner: SegmentScanner, behind acknowledged: Position
  ) throws(StorageFault) -> (Ending, unsettled: UInt64) {
    var unsettled: UInt64?
    while true {
      let place = scanner.offset
      switch try scanner.advance() {
      case .record: if unsettled == nil, scanner.next.value &- 1 > acknowledged.value { unsettled = place }
      case .end: return (.clean, unsettled ?? place)
      case .footer: return (.footer, unsettled ?? place)
      case .torn(let what):
        if try scanner.hasValidDataBehind() {
          throw StorageFault.corrupt(
            scanner.file.path, "At byte \(scanner.offset) there is \(what), with intact data behind it.")
        }
        return (.torn(what), unsettled ?? place)
      }
    }
  }

  private static func requireReaches(
    _ acknowledged: Position, _ scanner: SegmentScanner, _ ending: Ending
  ) throws(StorageFault) {
    guard scanner.next <= acknowledged else { return }
    var finding =
      "The log ends at position \(scanner.next.value &- 1), but position \(acknowledged.value) was acknowledged"
    if case .torn(let what) = ending { finding += "; at byte \(scanner.offset) there is \(what)" }
    throw StorageFault.corrupt(scanner.file.path, finding + ".")
  }

  /// Copies what lies behind the last whole record to the quarantine, then cuts it off.
  private static func cutTail(
    _ scanner: SegmentScanner, _ directory: DataDirectory
  ) throws(StorageFault) -> TornTail {
    let disk = directory.disk
    let name = "log-\(SegmentHeader.fileName(scanner.header.firstPosition))-from-\(scanner.offset)"
    let copyPath = try directory.quarantinePath(for: name)
    let copy = try disk.open(copyPath, flags: O_WRONLY | O_CREAT | O_EXCL)
    var done = scanner.offset
    while done < scanner.fileBytes {
      let part = try scanner.file.read(count: Int(min(scanner.fileBytes - done, 1 << 20)), at: done)
      if part.isEmpty { break }
      try copy.write(part, at: done - scanner.offset)
      done += UInt64(part.count)
    }
    try copy.synchronize()
    try disk.synchronizeDirectory(directory.quarantinePath)
    FaultPoints.reach(.recoveryTailKept)
    let segment = try disk.open(scanner.file.path, flags: O_WRONLY)
    try segment.truncate(to: scanner.offset)
    try segment.synchronize()
    FaultPoints.reach(.recoveryTailCut)
    return TornTail(
      file: copyPath, bytes: scanner.fileBytes - scanner.offset, last: Position(scanner.next.value &- 1))
  }
}

/// A segment that another follows: checked by its header and footer alone.
struct SealedSegment {
  let path: String
  let header: SegmentHeader
  let footer: SegmentFooter
  let bytes: UInt64

  init(path: String, first: Position, identity: [UInt8]?, on disk: any Disk) throws(StorageFault) {
    self.path = path
    let file = try disk.open(path, flags: O_RDONLY)
    bytes = try file.size()
    header = try SegmentScanner.header(of: file, named: first, identity: identity)
    let seed = RecordHeader.seed(identity: header.identity)
    let start = bytes - min(bytes, UInt64(SegmentFooter.byteCount))
    let tail = try file.read(count: SegmentFooter.byteCount, at: start)
    do throws(MalformedBytes) {
      footer = try tail.span.bytes.withUnsafeBytes { (buffer) throws(MalformedBytes) in
        try SegmentFooter(decoding: buffer, seed: seed)
      }
    } catch {
      throw StorageFault.corrupt(path, "The sealed segment does not end with its footer: \(error.what).")
    }
    guard footer.offset == start, footer.firstPosition == first else {
      throw StorageFault.corrupt(path, "The sealed segment is not as long as its footer says.")
    }
  }

  /// Fails unless the next segment begins where this one ends, and time did not run backwards before it.
  func requireFollowed(by following: Position, after earlier: Timestamp) throws(StorageFault) {
    guard footer.lastPosition.value &+ 1 == following.value else {
      throw StorageFault.corrupt(
        path,
        "The segment ends at position \(footer.lastPosition.value), but the next begins at \(following.value); "
          + "a segment is missing.")
    }
    guard footer.lastIngestTime >= earlier else {
      throw StorageFault.corrupt(path, "The ingest time runs backwards from the segment before.")
    }
  }
}

extension SegmentHeader {
  /// First positions of the segments among the names in a log directory, ascending, without those that pruning left
  /// behind.
  /// - Parameter base: the superblock's: the log begins at the position after it.
  /// - Throws: `.corrupt` for a file that has no place there, or if the first segment is missing.
  static func positions(
    ofFiles names: [String], in path: String, after base: Position
  ) throws(StorageFault) -> [Position] {
    var firsts: [Position] = []
    for name in names where !name.hasSuffix(unfinishedSuffix) {
      guard let first = position(fromFileName: name) else {
        throw StorageFault(
          .corrupt, file: path + "/" + name,
          "This is not a log segment. Nothing was changed; move it out of the log directory.")
      }
      if first > base { firsts.append(first) }
    }
    firsts.sort()
    let expected = Position(base.value &+ 1)
    if let first = firsts.first, first != expected {
      throw StorageFault.corrupt(path + "/" + fileName(expected), "The log's first segment is missing.")
    }
    return firsts
  }
}
