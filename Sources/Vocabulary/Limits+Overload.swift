/// Caps that hold when more is asked than can be done: time, and memory.
extension Limits {
  // MARK: Overload

  /// An event loop that was busy this long without a pause looks for what else has come, and from then on knows how long
  /// each request waits: a fraction of the target, and long enough that looking costs a hundredth.
  package static let workTurnMicroseconds: UInt64 = 2_000
  /// A pause shorter than this between two reads does not count as one: writing replies takes as long.
  package static let workPauseMicroseconds: UInt64 = 100
  /// One turn in so many goes to an operator's request that waits behind reads and ingest: an overloaded daemon must still
  /// tell what it suffers from, and two in a hundred do not hurt those in front.
  package static let adminTurnEvery = 64
  /// Requests refused between two turns while others before them in class wait: at a fiftieth of an answer each, a
  /// twelfth of the time, which a daemon that is four fifths full with reads still has.
  package static let refusalsBetweenTurns = 4
  /// Ingest with a longer body counts as bulk: a few hundred events take milliseconds to decode, in which others wait.
  package static let bulkBodyBytes = 64 * 1024
  /// Bytes of requests that wait on all event loops together, unless the memory limit asks for less.
  package static let waitingRequestBytesMax = 64 * 1024 * 1024
  /// What a waiting request takes besides its message, roughly.
  package static let waitingRequestOverheadBytes = 256

  // MARK: Memory

  /// Smallest memory limit: LevelDB's cache and write buffers take 100 MB of it, decoding one batch on each event loop as
  /// much again.
  package static let memoryLimitBytesMin: UInt64 = 512 << 20
  /// Each queue or cache that is bounded in bytes takes at most this part of the memory limit: there are eight, so that all
  /// together take a quarter.
  package static let memoryShareOfQueue: UInt64 = 32
  /// Memory that what is under way may still take after everything is refused, which is therefore kept free of the limit before
  /// shares of it are taken: every bounded queue and cache, and decoding on two event loops. With the smallest limit 192 MiB.
  package static func memoryReserveBytes(of limit: UInt64) -> UInt64 {
    8 * min(limit / memoryShareOfQueue, 64 << 20) + (64 << 20)
  }
  /// Shares of the memory limit less its reserve, in hundredths, from which on bulk, ingest and at last reads are refused.
  package static let memoryBulkPercent: UInt64 = 75
  package static let memoryIngestPercent: UInt64 = 82
  package static let memoryReadPercent: UInt64 = 94
  /// Hundredths of the limit by which memory must fall below a line before what it refuses is taken again.
  package static let memoryEasePercent: UInt64 = 2
  /// Unread replies of all connections together beyond one share of memory end those that do not read, within a second or
  /// two; so many shares are the most there may be until then.
  package static let unreadSharesMax = 4
  /// Memory asked for in one piece from so many bytes on is the kernel's again as soon as it is free. glibc would raise its own
  /// threshold to 32 MiB with the first large frames, and what is freed then stays between smaller things.
  package static let mappedAllocationBytes = 1 << 20
  /// Memory is looked at so often: at the highest rate of ingest some tens of megabytes come in between.
  package static let memoryLookMilliseconds: Int64 = 50
  /// A connection that holds more than this of an unfinished frame or of unread replies is the first to go when memory is
  /// short: an honest peer's frame is complete within milliseconds.
  package static let heldBytesUnderPressure = 256 * 1024
}
