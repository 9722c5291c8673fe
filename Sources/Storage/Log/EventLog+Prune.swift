import FaultPoints
import Glibc
import Vocabulary

extension EventLog {
  /// Last position of the newest segment that lies wholly up to `position` and whose newest record was taken in by
  /// `time`: what pruning may remove. Nil if there is none. Reads headers and footers.
  package func prunable(
    through position: Position, takenInBy time: Timestamp, base: Position
  ) throws(StorageFault) -> Position? {
    let firsts = try SegmentHeader.positions(ofFiles: try disk.list(path), in: path, after: base)
    var last: Position?
    for first in firsts.dropLast() {
      let segment = try SealedSegment(
        path: path + "/" + SegmentHeader.fileName(first), first: first, identity: identity, on: disk)
      guard segment.footer.lastPosition <= position, segment.footer.lastIngestTime <= time else { break }
      last = segment.footer.lastPosition
    }
    return last
  }

  /// Removes the segments that lie wholly up to the directory's base, oldest first.
  /// REQUIRES: `DataDirectory.recordBase` has made the base durable. An interruption is finished by the next opening.
  /// - Returns: segments removed.
  package func removePruned(base: Position) throws(StorageFault) -> Int {
    var removed = 0
    for name in try disk.list(path) {
      guard let first = SegmentHeader.position(fromFileName: name), first <= base else { continue }
      let file = path + "/" + name
      let size = try disk.open(file, flags: O_RDONLY).size()
      try disk.remove(file: file)
      forget(segmentOf: size)
      FaultPoints.reach(.segmentPruned)
      removed += 1
    }
    if removed > 0 { try disk.synchronizeDirectory(path) }
    return removed
  }
}
