/// Turns batches acknowledged in any order into how much of the file is acknowledged without a gap.
struct AcknowledgedPrefix {
  /// Where a batch ends in the file.
  struct Mark: Sendable, Hashable {
    var offset: UInt64
    var checksum: UInt32
  }

  /// Everything up to here is acknowledged.
  private(set) var mark: Mark
  private var ends: [Int: Mark] = [:]
  private var next = 0

  init(_ start: Mark) { mark = start }

  /// Batch `number`, counted from 0, is acknowledged. Returns whether the prefix grew.
  mutating func acknowledge(_ number: Int, end: Mark) -> Bool {
    ends[number] = end
    let before = next
    while let end = ends.removeValue(forKey: next) {
      mark = end
      next += 1
    }
    return next > before
  }
}
