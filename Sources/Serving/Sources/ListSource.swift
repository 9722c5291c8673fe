import LiveState
import Vocabulary

/// What sources that read a ready-made list share.
enum ListSource {
  /// Whether filling should go on.
  static func isShort(_ scratch: ReadScratch) -> Bool { scratch.candidates.count < scratch.wanted }

  /// Offers an allowed item under the next rank. Returns whether it was allowed.
  @inline(__always)
  static func offer(
    _ item: ItemIndex, _ source: SourceKind, after rank: Int, score: Float, _ context: ReadContext,
    _ scratch: ReadScratch
  ) -> Bool {
    guard Rules.verdict(item, context, scratch) == nil else { return false }
    // While filling, what is in the list already keeps the opinions that ranked it: this one would not count.
    if scratch.isFilling, scratch.candidates.contains(item) { return true }
    scratch.candidates.offer(item, source, rank: rank + 1, score: score)
    return true
  }
}
