import enum Vocabulary.Limits
import enum Vocabulary.StableHash

/// Counts how often the same content was seen, in bounded memory.
///
/// Two halves of at most `halfMax` contents: when the younger is full the older is forgotten. Content that comes
/// again within the last `halfMax` distinct rows is always recognised; beyond twice that many it counts as seen for
/// the first time, so that it takes the first one's identifier and is counted once, never twice.
struct OccurrenceCounter: Sendable {
  private var younger: [UInt64: UInt32] = [:]
  private var older: [UInt64: UInt32] = [:]
  private let halfMax: Int

  /// - Parameter halfMax: smaller only in tests.
  init(halfMax: Int = Limits.importDistinctRowsMax) { self.halfMax = max(1, halfMax) }

  /// How often `content` was seen before: 0 for the first time. O(bytes).
  mutating func next(_ content: [UInt8]) -> UInt32 {
    let hash = StableHash.of(content)
    let seen = younger[hash] ?? older[hash] ?? 0
    if younger.count >= halfMax, younger[hash] == nil {
      older = younger
      younger = [:]
    }
    younger[hash] = seen &+ 1
    return seen
  }
}
