import Locking
import Serving
import Vocabulary

/// Rankings kept for further pages, of all tenants: at most so many bytes, the longest unused leave first.
///
/// The lock is held for a look-up or for linking in what was made before, never while anything is ranked.
package final class RankingStore: Sendable {
  /// What a ranking takes besides its entries, roughly.
  package static let overheadBytes = 256

  fileprivate struct Kept {
    var ranking: KeptRanking
    /// Hash of the request that began it.
    var request: Int
    var lifetime: UInt64
    var expires: UInt64
    var bytes: Int
    // Neighbours in the order of last use.
    var older: UInt64?
    var newer: UInt64?
  }

  fileprivate struct State {
    var kept: [UInt64: Kept] = [:]
    var oldest: UInt64?
    var newest: UInt64?
    var bytes = 0
    var last: UInt64 = 0
    var pushedOut: UInt64 = 0
  }

  private let state = Locked(State())
  private let bytesMax: Int

  /// - Parameter bytesMax: smaller only in tests.
  package init(bytesMax: Int = Limits.keptRankingBytesMax) { self.bytesMax = bytesMax }

  /// Keeps a ranking and returns its number. What had expired at the old end, and as much more as must go, goes. O(1) for
  /// each that leaves.
  /// - Parameter now: monotonic nanoseconds.
  package func keep(_ ranking: KeptRanking, request: Int, seconds: Int64, now: UInt64) -> UInt64 {
    let lifetime = UInt64(clamping: seconds) * 1_000_000_000
    let bytes =
      Self.overheadBytes + ranking.bytes + (ranking.first == nil ? 0 : Limits.tokenRequestBytesMax / 4)
    return state.withLock { state in
      state.last &+= 1
      let number = state.last
      state.kept[number] = Kept(
        ranking: ranking, request: request, lifetime: lifetime, expires: now &+ lifetime, bytes: bytes)
      state.bytes += bytes
      state.append(number)
      while let oldest = state.oldest, oldest != number, let kept = state.kept[oldest] {
        if kept.expires > now {
          guard state.bytes > bytesMax else { break }
          state.pushedOut &+= 1
        }
        state.remove(oldest)
      }
      return number
    }
  }

  /// A ranking, which then stays for another lifetime.
  /// - Throws: `cursor_expired` if it is gone, `cursor_mismatch` if another request began it.
  package func find(_ number: UInt64, request: Int, now: UInt64) throws(Fault) -> KeptRanking {
    try state.withLock { (state) throws(Fault) in
      guard let kept = state.kept[number] else { throw PageCursor.expired }
      guard kept.expires > now else {
        state.remove(number)
        throw PageCursor.expired
      }
      guard kept.request == request else { throw PageCursor.mismatch }
      state.kept[number]?.expires = now &+ kept.lifetime
      state.unlink(number)
      state.append(number)
      return kept.ranking
    }
  }

  /// How many there are, their bytes, and how many left before their time for want of room.
  package var counts: (rankings: Int, bytes: Int, pushedOut: UInt64) {
    state.withLock { ($0.kept.count, $0.bytes, $0.pushedOut) }
  }
}

extension RankingStore.State {
  /// Links a ranking in as the newest. REQUIRES: it is kept and linked nowhere.
  fileprivate mutating func append(_ number: UInt64) {
    kept[number]?.older = newest
    kept[number]?.newer = nil
    if let newest { kept[newest]?.newer = number }
    newest = number
    if oldest == nil { oldest = number }
  }

  fileprivate mutating func unlink(_ number: UInt64) {
    guard let entry = kept[number] else { return }
    if let older = entry.older { kept[older]?.newer = entry.newer } else { oldest = entry.newer }
    if let newer = entry.newer { kept[newer]?.older = entry.older } else { newest = entry.older }
  }

  fileprivate mutating func remove(_ number: UInt64) {
    unlink(number)
    if let entry = kept.removeValue(forKey: number) { bytes -= entry.bytes }
  }
}
